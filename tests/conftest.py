"""Fixtures of all root tests."""

import os
import shutil
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.support.checkout import tagged_repository
from tests.support.combinations import Combination, as_flags, name_of
from tests.support.commands import COPIER, succeed
from tests.support.folders import open_folder
from tests.support.projects import Project, install

Render = Callable[[Combination], Path]
ProjectOf = Callable[[Combination], Project]

ENVIRONMENTS = "BASTION_TEST_ENVIRONMENTS"


@pytest.fixture(scope="session")
def version_tag() -> str:
    return f"v{version('fastapi-bastion')}"


@pytest.fixture(scope="session")
def template_repository(tmp_path_factory: pytest.TempPathFactory, version_tag: str) -> Path:
    """The template as Copier's users meet it: a git repository with a tag."""
    return tagged_repository(tmp_path_factory.mktemp("template"), version_tag)


@pytest.fixture(scope="session")
def render(tmp_path_factory: pytest.TempPathFactory, template_repository: Path) -> Render:
    """Render answers with plain Copier, once each; the result is shared, so nobody may change it."""
    rendered: dict[str, Path] = {}

    def render_once(answers: Combination) -> Path:
        key = repr(sorted(answers.items()))
        if key not in rendered:
            project = tmp_path_factory.mktemp("render") / "project"
            command = ("copy", "--defaults", "--quiet", *as_flags(answers), str(template_repository), str(project))
            succeed(*COPIER, *command, cwd=project.parent)
            rendered[key] = project
        return rendered[key]

    return render_once


def pytest_configure(config: pytest.Config) -> None:
    """Make the folder of environments before any worker starts, so that all of them inherit its name."""
    if not _is_worker(config):
        os.environ[ENVIRONMENTS] = str(open_folder("environments"))


def pytest_unconfigure(config: pytest.Config) -> None:
    if not _is_worker(config):
        shutil.rmtree(os.environ.pop(ENVIRONMENTS), ignore_errors=True)


def _is_worker(config: pytest.Config) -> bool:
    return hasattr(config, "workerinput")


@pytest.fixture(scope="session")
def environments() -> Path:
    """Where all workers of this run keep the environments of rendered projects."""
    return Path(os.environ[ENVIRONMENTS])


@pytest.fixture(scope="session")
def project_of(tmp_path_factory: pytest.TempPathFactory, render: Render, environments: Path) -> ProjectOf:
    """Install the render of some answers, once each; shared, so nobody may change its files."""
    installed: dict[str, Project] = {}

    def install_once(answers: Combination) -> Project:
        name = name_of(answers)
        if name not in installed:
            installed[name] = install(render(answers), tmp_path_factory.mktemp(name) / "project", environments)
        return installed[name]

    return install_once
