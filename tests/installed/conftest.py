"""One installation from a wheel, for all tests and workers of a run."""

from pathlib import Path

import pytest
from filelock import FileLock

from tests.installed.installation import Installation, build_wheel, install
from tests.support.checkout import ROOT


@pytest.fixture(scope="session")
def installation(environments: Path) -> Installation:
    folder = environments / "installed"
    with FileLock(f"{folder}.lock"):
        if not folder.exists():
            install(build_wheel(ROOT, folder / "dist"), folder / "environment")
        (wheel,) = (folder / "dist").glob("*.whl")
        return Installation(wheel, folder / "environment")
