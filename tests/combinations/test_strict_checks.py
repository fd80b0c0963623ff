"""The render under stricter tools than its users': ruff with every rule, bandit, and branch coverage."""

import re
import shutil
import sys
from pathlib import Path

import pytest

from tests.conftest import ProjectOf, Render
from tests.support.checkout import ROOT
from tests.support.combinations import Combination, capabilities_of, largest, name_of, pairwise
from tests.support.commands import run
from tests.support.renders import Rendered
from tests.support.trees import modules_that_differ

ALL_RULES = ROOT / "tests" / "combinations" / "ruff-all-rules.toml"
BANDIT = ROOT / "tests" / "combinations" / "bandit.yaml"
OUR_OWN, OF_A_PROJECT = ROOT / "pyproject.toml", ROOT / "template" / "pyproject.toml.jinja"
LEAST_COVERAGE = 95


def _largest_of_other_databases() -> list[Combination]:
    """Take the largest row of each database that the largest row of all does not have."""
    smallest_first = sorted(pairwise(), key=lambda row: len(capabilities_of(row)))
    rows = {row["database"]: row for row in smallest_first}
    return [row for database, row in rows.items() if database != largest()["database"]]


@pytest.mark.long
def test_the_tests_cover_nearly_every_branch(project_of: ProjectOf) -> None:
    output = project_of(largest()).succeed(
        *("--with", "pytest-cov", "pytest"),
        *("--cov=app", "--cov-branch", "--cov-report=term:skip-covered", f"--cov-fail-under={LEAST_COVERAGE}"),
    )

    assert "TOTAL" in output


@pytest.mark.long
@pytest.mark.parametrize("combination", _largest_of_other_databases(), ids=name_of)
def test_what_only_another_database_has_is_covered_by_what_tests_it(
    project_of: ProjectOf, render: Render, tmp_path: Path, combination: Combination
) -> None:
    only_there = modules_that_differ(render(largest()), render(combination))
    code, tests = ([path for path in only_there if re.match(each, path)] for each in ("app/", "tests/.*/test_"))
    settings = tmp_path / "coverage.ini"
    settings.write_text("\n    ".join(["[run]\nbranch = true\nconcurrency = thread, greenlet\ninclude =", *code]))

    output = project_of(combination).succeed(
        *("--with", "pytest-cov", "pytest", "-n0", *tests),
        *("--cov", f"--cov-config={settings}", "--cov-report=term-missing", "--cov-fail-under=100"),
    )

    assert code
    assert [path for path in code if path not in output] == []


@pytest.mark.parametrize("combination", pairwise(), ids=name_of)
def test_ruff_finds_nothing_with_every_rule(render: Render, combination: Combination) -> None:
    every_rule = (sys.executable, "-m", "ruff", "check", "--no-cache", "--config", str(ALL_RULES), "app", "migrations")

    found = run(*every_rule, cwd=render(combination))

    assert found.returncode == 0, found.stdout


def test_every_ignored_rule_has_its_reason() -> None:
    for file in (ALL_RULES, BANDIT, OUR_OWN, OF_A_PROJECT):
        ignored = re.findall(r'^ +(?:"|- )[A-Z]+[0-9]*\b.*$', file.read_text(encoding="utf-8"), re.MULTILINE)

        assert ignored, file
        assert [line for line in ignored if not re.search(r"# .", line)] == []


def test_bandit_finds_nothing_in_any_row(rows: list[Rendered], tmp_path: Path) -> None:
    for row in rows:
        for path, digest in row.files.items():
            # Rows share nearly all of their files: each content is read once.
            if path.startswith(("app/", "migrations/")) and not (there := tmp_path / digest / path).exists():
                there.parent.mkdir(parents=True)
                shutil.copy(row.folder / path, there)
    bandit = (sys.executable, "-m", "bandit", "--quiet", "--recursive", "--configfile", str(BANDIT))

    found = run(*bandit, ".", cwd=tmp_path)

    assert found.returncode == 0, found.stdout
