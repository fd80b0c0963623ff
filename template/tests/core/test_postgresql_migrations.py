"""Migrations of a PostgreSQL: as long as they take, one at a time, and in one line where they cannot be."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from anyio import to_thread
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from app.core.postgresql import KIND
from tests.core.test_migrations import alembic_on
from tests.support.postgresql import maintaining
from tests.support.production import OUT_OF_REACH


def test_a_server_that_does_not_answer_is_one_line_to_who_migrates(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the first thing that goes wrong on a new machine: nobody has started PostgreSQL yet."""
    monkeypatch.setenv("DATABASE_URL", OUT_OF_REACH["DATABASE_URL"])

    with pytest.raises(CommandError, match=r"^the database cannot be reached.*$") as told:
        command.upgrade(Config("alembic.ini"), "head")

    assert "kanary7" not in str(told.value)


class Hurried:
    """The kind, whose engines wait a second whatever they are told."""

    def __getattr__(self, name: str) -> Any:
        return getattr(KIND, name)

    def connect(self, url: str, *, timeout: float, **how: Any) -> AsyncEngine:
        del timeout
        return KIND.connect(url, timeout=1, **how)


@pytest.fixture
def hurried(empty_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let who migrates the empty database be in a hurry."""
    monkeypatch.setattr("app.main.DATABASE", Hurried())
    monkeypatch.setenv("DATABASE_URL", empty_database)


SLOW = """
from alembic import op

revision = "slow"
down_revision = None


def upgrade() -> None:
    op.execute("SELECT pg_sleep(6.5)")
"""


@pytest.mark.usefixtures("hurried")
async def test_a_statement_of_a_migration_may_take_as_long_as_it_takes(tmp_path: Path) -> None:
    """An index on a large table takes longer than any request may."""
    (tmp_path / "slow.py").write_text(SLOW, encoding="utf-8")
    config = Config("alembic.ini")
    config.set_main_option("version_locations", str(tmp_path))

    # In a thread, since migrations run a loop of their own.
    await to_thread.run_sync(command.upgrade, config, "head")


_WAITING = """
SELECT count(*) FROM pg_locks JOIN pg_database ON database = pg_database.oid
WHERE NOT granted AND locktype = 'advisory' AND datname = current_database()
"""


async def somebody_waits(url: str) -> None:
    """Return as soon as somebody waits for what another holds."""
    async with maintaining(url) as (connection, _):
        while not await connection.scalar(text(_WAITING)):
            await connection.execute(text("SELECT pg_sleep(0.01)"))


@pytest.fixture
async def under_migration(empty_database: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[AsyncConnection]:
    """A connection over which the empty database is brought up to date; whoever migrates now does so beside it."""
    monkeypatch.setenv("DATABASE_URL", empty_database)
    engine = create_async_engine(empty_database, poolclass=NullPool)
    async with engine.connect() as connection:
        await connection.begin()
        await connection.run_sync(lambda one: command.upgrade(alembic_on(one), "head"))
        yield connection


async def test_who_migrates_while_another_does_waits_and_finds_nothing_to_do(
    under_migration: AsyncConnection, empty_database: str
) -> None:
    """Each copy of a deployment may do so as it starts."""
    second = asyncio.create_task(to_thread.run_sync(command.upgrade, Config("alembic.ini"), "head"))
    await asyncio.wait_for(somebody_waits(empty_database), 10)
    await under_migration.commit()

    await second


@pytest.mark.usefixtures("under_migration", "hurried")
async def test_who_has_waited_too_long_for_another_who_migrates_is_told_so_in_one_line() -> None:
    with pytest.raises(CommandError, match="Does another migration still run"):
        await to_thread.run_sync(command.upgrade, Config("alembic.ini"), "head")
