"""The test database: an SQLite file, replaced before each test by an empty one that each worker makes once."""

import shutil
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from tests.support import production

production.FIT["DATABASE_URL"] = "sqlite+aiosqlite:////srv/app/data.db"
production.OUT_OF_REACH["DATABASE_URL"] = "sqlite+aiosqlite:///kanary7.db"
production.NOT_FIT["driver that blocks"] = ("DATABASE_URL", "sqlite:////srv/app.db", "DATABASE_URL: names another")

production.NOT_FIT["SQLite in memory"] = (
    "DATABASE_URL",
    "sqlite+aiosqlite:///file:x?mode=memory&cache=shared&uri=true",
    "DATABASE_URL: an SQLite database in memory",
)
production.RISKS["sqlite-in-memory"] = {"DATABASE_URL": "sqlite+aiosqlite:///file::memory:?uri=true"}


@pytest.fixture(scope="session")
def _empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from app.core.database import Base
    from app.main import SLICES

    assert SLICES
    path = tmp_path_factory.mktemp("database") / "empty_test.db"
    engine = create_engine(f"sqlite:///{path}")
    Base.metadata.create_all(engine)
    engine.dispose()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
    connection.close()
    return path


@pytest.fixture
def database_url(_empty_database: Path) -> str:
    """The URL of an empty database with all tables."""
    path = _empty_database.with_name("app_test.db")
    for left_over in path.parent.glob(f"{path.name}-*"):
        left_over.unlink()
    shutil.copyfile(_empty_database, path)
    return f"sqlite+aiosqlite:///{path}"
