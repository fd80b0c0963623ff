"""Each row of the covering array passes its own tests, linter, formatter and types, after its own installation."""

import re

import pytest

from tests.conftest import ProjectOf
from tests.support.combinations import Combination, name_of, pairwise

CHECKS = {
    "lint": ("ruff", "check"),
    "format": ("ruff", "format", "--check"),
    "types": ("pyrefly", "check"),
}

every_row = pytest.mark.parametrize("combination", pairwise(), ids=name_of)


# The longest tests come first, so that no worker waits at the end.
@every_row
def test_its_own_tests_pass(project_of: ProjectOf, combination: Combination) -> None:
    """In one process: several rows run at once already, and the workers of each would only wait for each other's."""
    output = project_of(combination).succeed("pytest", "--numprocesses=0")

    passed = re.search(r"(\d+) passed", output)
    assert passed
    assert int(passed[1]) > 100
    assert "failed" not in output


@every_row
@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS)
def test_its_own_check_is_clean(project_of: ProjectOf, combination: Combination, check: tuple[str, ...]) -> None:
    project_of(combination).succeed(*check)


@every_row
def test_the_import_order_is_already_right(project_of: ProjectOf, combination: Combination) -> None:
    """The composition root is where a capability that is off would leave a gap."""
    project_of(combination).succeed("ruff", "check", "--select", "I,F401,F821", "--ignore-noqa", "app/main.py")
