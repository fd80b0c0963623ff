"""Each combination passes its own linter, formatter, type checker and tests, after its own installation."""

import re

import pytest

from tests.conftest import ProjectOf
from tests.support.combinations import Combination, all_combinations, name_of

CHECKS = {
    "lint": ("ruff", "check"),
    "format": ("ruff", "format", "--check"),
    "types": ("pyrefly", "check"),
}

every_combination = pytest.mark.parametrize("combination", all_combinations(), ids=name_of)


def test_there_are_two_databases_and_three_algorithms() -> None:
    assert len(all_combinations()) == 6


# The longest tests come first, so that no worker waits at the end.
@every_combination
def test_its_own_tests_pass(project_of: ProjectOf, combination: Combination) -> None:
    output = project_of(combination).succeed("pytest")

    passed = re.search(r"(\d+) passed", output)
    assert passed
    assert int(passed[1]) > 100
    assert "failed" not in output


@every_combination
@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS)
def test_its_own_check_is_clean(project_of: ProjectOf, combination: Combination, check: tuple[str, ...]) -> None:
    project_of(combination).succeed(*check)


@every_combination
def test_the_import_order_is_already_right(project_of: ProjectOf, combination: Combination) -> None:
    """The composition root is where a capability that is off would leave a gap."""
    project_of(combination).succeed("ruff", "check", "--select", "I,F401,F821", "--ignore-noqa", "app/main.py")
