"""Each planted defect turns the right test red. Without it that test is green: `tests/combinations` runs them all."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Render
from tests.planted.defects import DEFECTS, Defect
from tests.support.projects import Project, install

PYTEST_SAW_A_FAILURE = 1

Copy = Callable[[Defect], Project]

each_defect = pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.name)


@pytest.fixture
def copy_for(tmp_path: Path, render: Render, environments: Path) -> Copy:
    return lambda defect: install(render(defect.answers), tmp_path / "project", environments)


def test_defects_are_planted() -> None:
    assert DEFECTS
    assert len({defect.name for defect in DEFECTS}) == len(DEFECTS)


@each_defect
def test_the_right_test_turns_red(copy_for: Copy, defect: Defect) -> None:
    project = copy_for(defect)
    plant(defect, project)

    finished = project.run("pytest", "-n0", "--maxfail=1", defect.red)

    assert finished.returncode == PYTEST_SAW_A_FAILURE, (
        f"still green: {defect.red}\n{finished.stdout[-4000:]}{finished.stderr[-2000:]}"
    )
    assert "AssertionError" in finished.stdout or "assert " in finished.stdout, "red, but not because of an assertion"


def plant(defect: Defect, project: Project) -> None:
    path = project.folder / defect.file
    text = path.read_text(encoding="utf-8")
    assert text.count(defect.old) == 1, (
        f"{defect.file} has changed: the text to replace occurs {text.count(defect.old)} times"
    )
    path.write_text(text.replace(defect.old, defect.new), encoding="utf-8")
