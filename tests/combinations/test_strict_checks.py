"""The render under stricter tools than its users': ruff with every rule, bandit, and branch coverage."""

import re
import sys

import pytest

from tests.conftest import ProjectOf, Render
from tests.support.checkout import ROOT
from tests.support.combinations import Combination, capabilities_of, name_of, pairwise
from tests.support.commands import run

ALL_RULES = ROOT / "tests" / "combinations" / "ruff-all-rules.toml"
BANDIT = ROOT / "tests" / "combinations" / "bandit.yaml"
LEAST_COVERAGE = 95


def _one_per_database() -> list[Combination]:
    """Take the largest row of each database: what is not there cannot be left uncovered."""
    largest_first = sorted(pairwise(), key=lambda row: len(capabilities_of(row)), reverse=True)
    return list({row["database"]: row for row in reversed(largest_first)}.values())


@pytest.mark.parametrize("combination", _one_per_database(), ids=name_of)
def test_the_tests_cover_nearly_every_branch(project_of: ProjectOf, combination: Combination) -> None:
    output = project_of(combination).succeed(
        *("--with", "pytest-cov", "pytest"),
        *("--cov=app", "--cov-branch", "--cov-report=term:skip-covered", f"--cov-fail-under={LEAST_COVERAGE}"),
    )

    assert "TOTAL" in output


@pytest.mark.parametrize("combination", pairwise(), ids=name_of)
def test_ruff_finds_nothing_with_every_rule(render: Render, combination: Combination) -> None:
    every_rule = (sys.executable, "-m", "ruff", "check", "--no-cache", "--config", str(ALL_RULES), "app", "migrations")

    found = run(*every_rule, cwd=render(combination))

    assert found.returncode == 0, found.stdout


def test_every_ignored_rule_has_its_reason() -> None:
    ignored = re.findall(r'^ +(?:"|- )[A-Z]+[0-9]*\b.*$', ALL_RULES.read_text() + BANDIT.read_text(), re.MULTILINE)

    assert ignored
    assert [line for line in ignored if not re.search(r"# .", line)] == []


@pytest.mark.parametrize("combination", pairwise(), ids=name_of)
def test_bandit_finds_nothing(render: Render, combination: Combination) -> None:
    bandit = (sys.executable, "-m", "bandit", "--quiet", "--recursive", "--configfile", str(BANDIT))

    found = run(*bandit, "app", "migrations", cwd=render(combination))

    assert found.returncode == 0, found.stdout
