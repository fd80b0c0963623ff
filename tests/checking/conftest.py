"""A project to check, and what people and attackers do to it."""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.checking.checked import EVERYTHING, Checked, answers_as_the_command_writes_them
from tests.conftest import Render
from tests.support.combinations import smallest
from tests.support.projects import Project, install

CheckedOf = Callable[[Mapping[str, Any]], Checked]


@pytest.fixture
def checked_of(tmp_path: Path, render: Render, version_tag: str) -> CheckedOf:
    def copy(answers: Mapping[str, Any]) -> Checked:
        folder = tmp_path / "project"
        shutil.copytree(render(answers), folder)
        answers_as_the_command_writes_them(folder, version_tag)
        return Checked(folder)

    return copy


@pytest.fixture
def installed(tmp_path: Path, render: Render, environments: Path, version_tag: str) -> Project:
    """A project with few defences that can run."""
    project = install(render(smallest()), tmp_path / "installed", environments)
    answers_as_the_command_writes_them(project.folder, version_tag)
    return project


@pytest.fixture
def project(checked_of: CheckedOf) -> Checked:
    """A project with every defence."""
    return checked_of(EVERYTHING)
