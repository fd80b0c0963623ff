"""The example goes by the README's four steps, and what is left is green.

The smaller project shows it with its whole suite. The larger one shows that everything can still be imported, and runs
what looks at the project as a whole and what the smaller one does not have.
"""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Render
from tests.support.combinations import Combination
from tests.support.projects import Project, install
from tests.support.servers import database_of
from tests.support.trees import modules_that_differ

SMALLER: Combination = {"database": "sqlite", "jwt_algorithm": "HS256"}
LARGER: Combination = {"database": "postgresql", "auth": "both", "jwt_algorithm": "EdDSA"}
OF_THE_WHOLE = "tests/core"

Copy = Callable[[Combination], Project]


@pytest.fixture
def copy_for(tmp_path: Path, render: Render, environments: Path) -> Copy:
    return lambda answers: install(render(answers), tmp_path / "project", environments)


@pytest.mark.long
def test_the_suite_stays_green_without_notes(copy_for: Copy, tmp_path: Path) -> None:
    project = copy_for(SMALLER)

    _remove_notes(project, SMALLER, tmp_path)

    project.succeed("pytest")


@pytest.mark.long
def test_a_larger_suite_stays_green_without_notes(copy_for: Copy, render: Render, tmp_path: Path) -> None:
    project = copy_for(LARGER)
    only_there = modules_that_differ(render(SMALLER), project.folder)

    _remove_notes(project, LARGER, tmp_path)

    tests = [path for path in only_there if re.match("tests/(?!notes/).*/test_", path)]
    assert tests
    project.succeed("pytest", "--collect-only")
    project.succeed("pytest", OF_THE_WHOLE, *(path for path in tests if not path.startswith(OF_THE_WHOLE)))


def _remove_notes(project: Project, combination: Combination, tmp_path: Path) -> None:
    steps = _steps_of_the_readme(project)
    with database_of(combination["database"], tmp_path) as url:
        settings = {"DATABASE_URL": url}
        project.succeed("python", "-m", "app.manage", "migrate", env=settings)
        _delete_folders(project, steps[0])
        _delete_lines_of_main(project, steps[1])
        _name_what_may_be_dropped(project, steps[2])
        message = re.findall(r'-m "([^"]+)"', steps[2])[0]
        project.succeed("python", "-m", "app.manage", "migrate", "-m", message, env=settings)
        _delete_section_and_row(project, steps[3])

        project.succeed("alembic", "check", env=settings)
    project.succeed("ruff", "check")
    project.succeed("ruff", "format", "--check")
    assert "notes" not in (project.folder / "app/main.py").read_text(encoding="utf-8")


def _steps_of_the_readme(project: Project) -> list[str]:
    readme = (project.folder / "README.md").read_text(encoding="utf-8")
    section = readme.partition("## Remove the example")[2]
    steps = re.findall(r"^\d\. (.+(?:\n   .+)*)$", section, re.MULTILINE)
    assert len(steps) == 4
    return steps


def _delete_folders(project: Project, step: str) -> None:
    folders = re.findall(r"`([\w/]+)`", step)
    assert folders == ["app/notes", "tests/notes"]
    for folder in folders:
        shutil.rmtree(project.folder / folder)


def _delete_lines_of_main(project: Project, step: str) -> None:
    main, *wanted = re.findall(r"`([^`]+)`", step)
    path = project.folder / main
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(line for line in lines if line.strip() not in wanted), encoding="utf-8", newline="\n")


def _name_what_may_be_dropped(project: Project, step: str) -> None:
    value, name, path = re.findall(r"`([^`]+)`", step)[:3]
    env = project.folder / path
    text = re.sub(rf"^({name}: .+) = .+$", rf"\1 = {value}", env.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert value in text
    env.write_text(text, encoding="utf-8", newline="\n")


def _delete_section_and_row(project: Project, step: str) -> None:
    assert step == "Delete this section, and the row of the table above that names it."
    path = project.folder / "README.md"
    readme = path.read_text(encoding="utf-8").partition("## Remove the example")[0]
    kept = [line for line in readme.splitlines() if not (line.startswith("|") and "app/notes" in line)]
    path.write_text("\n".join(kept) + "\n", encoding="utf-8", newline="\n")
