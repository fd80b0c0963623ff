"""Each planted defect turns the right test red, and without any of them the same tests are green."""

import re
from pathlib import Path

import pytest

from tests.conftest import Render
from tests.planted.areas import gathered
from tests.planted.defect import Defect
from tests.support.combinations import Combination, name_of
from tests.support.projects import Project, install

PYTEST_SAW_A_FAILURE = 1

DEFECTS = gathered()
ANSWERS = {name_of(defect.combination): defect.combination for defect in DEFECTS}

each_defect = pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.name)


def test_defects_are_planted() -> None:
    assert DEFECTS
    assert len({defect.name for defect in DEFECTS}) == len(DEFECTS)


@pytest.mark.long
@pytest.mark.parametrize("answers", ANSWERS.values(), ids=ANSWERS)
def test_without_a_defect_the_same_tests_are_green(
    tmp_path: Path, render: Render, environments: Path, answers: Combination
) -> None:
    """A test that always fails would turn red with every defect, and prove nothing of any."""
    project = install(render(answers), tmp_path / "project", environments)

    project.succeed("pytest", *sorted({defect.red for defect in DEFECTS if defect.combination == answers}))


@pytest.mark.long
@each_defect
def test_the_right_test_turns_red(tmp_path: Path, render: Render, environments: Path, defect: Defect) -> None:
    project = install(render(defect.combination), tmp_path / "project", environments)
    plant(defect, project)

    finished = project.run("pytest", "-n0", "-rf", "--maxfail=1", defect.red)

    assert finished.returncode == PYTEST_SAW_A_FAILURE, (
        f"still green: {defect.red}\n{finished.stdout[-4000:]}{finished.stderr[-2000:]}"
    )
    assert re.search(r"^FAILED ", finished.stdout, re.MULTILINE), f"no test failed, it only broke: {finished.stdout}"


def plant(defect: Defect, project: Project) -> None:
    path = project.folder / defect.file
    text = path.read_text(encoding="utf-8")
    assert text.count(defect.old) == 1, (
        f"{defect.file} has changed: the text to replace occurs {text.count(defect.old)} times"
    )
    path.write_text(text.replace(defect.old, defect.new), encoding="utf-8")
