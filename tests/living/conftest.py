"""Projects to change."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.living import Living, Nursery
from tests.support.renders import Renders

Project = Callable[..., Living]


@pytest.fixture(scope="session")
def nursery(renders: Renders) -> Nursery:
    folder = renders.folder / "nursery"
    folder.mkdir(exist_ok=True)
    return Nursery(folder)


@pytest.fixture
def project(nursery: Nursery, tmp_path: Path) -> Project:
    """Give a project of some answers; by default of all defaults."""

    def of(**answers: Any) -> Living:  # noqa: ANN401 - answers are text or lists
        return nursery.project(tmp_path / "project", answers)

    return of
