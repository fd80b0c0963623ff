"""Fixtures of all root tests."""

import os
import shutil
import signal
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from tests.support.checkout import tagged_repository
from tests.support.combinations import Combination, name_of
from tests.support.folders import open_folder
from tests.support.projects import Project, install
from tests.support.renders import SHARED as RENDERS
from tests.support.renders import Rendered, Renders
from tests.support.said import Said

Render = Callable[[Mapping[str, Any]], Path]
ProjectOf = Callable[[Combination], Project]

ENVIRONMENTS, SAID = "BASTION_TEST_ENVIRONMENTS", "BASTION_TEST_SAID"
SHARED = {ENVIRONMENTS: "environments", RENDERS: "renders", SAID: "said"}


@pytest.fixture(scope="session")
def version_tag() -> str:
    return f"v{version('fastapi-bastion')}"


@pytest.fixture(scope="session")
def template_repository(tmp_path_factory: pytest.TempPathFactory, version_tag: str) -> Path:
    """The template as Copier's users meet it: a git repository with a tag."""
    return tagged_repository(tmp_path_factory.mktemp("template"), version_tag)


@pytest.fixture(scope="session")
def renders() -> Renders:
    """All renders of this run; every worker finds what another one rendered."""
    return Renders(Path(os.environ[RENDERS]))


@pytest.fixture(scope="session")
def said() -> Said:
    """What was said in this run; every worker hears what another one was told."""
    return Said(Path(os.environ[SAID]))


@pytest.fixture(scope="session")
def rows(renders: Renders) -> list[Rendered]:
    """The renders in which each two answers meet."""
    return renders.rows()


@pytest.fixture(scope="session")
def render(renders: Renders) -> Render:
    """Render answers with Copier, once each; the result is shared, so nobody may change it."""
    return renders.of


def pytest_configure(config: pytest.Config) -> None:
    """Make the shared folders before any worker starts, so that all of them inherit their names."""
    _let_children_hear_stops()
    if not _is_worker(config):
        for variable, name in SHARED.items():
            os.environ[variable] = str(open_folder(name))
        Renders.prepare(Path(os.environ[RENDERS]))


def pytest_unconfigure(config: pytest.Config) -> None:
    if not _is_worker(config):
        for variable in SHARED:
            shutil.rmtree(os.environ.pop(variable), ignore_errors=True)


def _let_children_hear_stops() -> None:
    """Undo what a shell does to its background jobs, and `nohup`: what is started here would ignore Ctrl-C, too."""
    for name in ("SIGINT", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler if name == "SIGINT" else signal.SIG_DFL)


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
