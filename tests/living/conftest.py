"""Projects to change."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.living import Living, Nursery

Project = Callable[..., Living]


@pytest.fixture(scope="session")
def nursery(tmp_path_factory: pytest.TempPathFactory) -> Nursery:
    return Nursery(tmp_path_factory.mktemp("nursery"))


@pytest.fixture
def project(nursery: Nursery, tmp_path: Path) -> Project:
    """Give a project of some answers; by default of all defaults."""

    def of(**answers: Any) -> Living:  # noqa: ANN401 - answers are text or lists
        return nursery.project(tmp_path / "project", answers)

    return of
