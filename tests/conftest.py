"""Fixtures of all root tests."""

from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.support.checkout import tagged_repository
from tests.support.combinations import Combination
from tests.support.commands import COPIER, succeed

Render = Callable[[Combination], Path]


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
    rendered: dict[tuple[tuple[str, str], ...], Path] = {}

    def render_once(answers: Combination) -> Path:
        key = tuple(sorted(answers.items()))
        if key not in rendered:
            project = tmp_path_factory.mktemp("render") / "project"
            flags = [flag for name, answer in answers.items() for flag in ("--data", f"{name}={answer}")]
            source = str(template_repository)
            succeed(*COPIER, "copy", "--defaults", "--quiet", *flags, source, str(project), cwd=project.parent)
            rendered[key] = project
        return rendered[key]

    return render_once
