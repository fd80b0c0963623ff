"""Fixtures for the bearer slice."""

import os
from collections.abc import AsyncIterator, Iterator
from functools import partial
from pathlib import Path

import pytest

from app.core.application import Application
from tests.support.bearer import BEARER
from tests.support.carrying import Way
from tests.support.tokens import Holder, SignUp

ROOT_NAMES = ("SECRET_KEY", "SECRET_KEY_FALLBACKS", "SECRET_KEY_NEXT")


@pytest.fixture
def env_file(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A project's `.env`, in the working directory, with no setting of it in the environment."""
    folder = tmp_path / "project"
    folder.mkdir()
    path = folder / ".env"
    lines = ["# kept", "APP_ENV=local", f"SECRET_KEY={'0f' * 32}", f"DATABASE_URL={database_url}", "REGISTRATION=open"]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    monkeypatch.chdir(folder)
    for name in ("APP_ENV", "DATABASE_URL", "REGISTRATION", *ROOT_NAMES):
        monkeypatch.delenv(name, raising=False)
    mask = os.umask(0o022)
    yield path
    os.umask(mask)


@pytest.fixture
def way() -> Way:
    """People carry their sessions as tokens here, whatever else there is."""
    return BEARER


@pytest.fixture
async def as_user(app: Application) -> AsyncIterator[SignUp]:
    """Make an account and log in: `alice = await as_user()`. The client it returns sends the access token."""
    sign_up = SignUp(partial(Holder, app))
    yield sign_up
    await sign_up.aclose()
