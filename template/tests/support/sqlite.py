"""The test database: one SQLite file a test, copied from an empty one that each worker makes once."""

import shutil
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import create_engine


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
def database_url(_empty_database: Path, tmp_path: Path) -> str:
    """The URL of an empty database with all tables, for one test alone."""
    path = tmp_path / "app_test.db"
    shutil.copyfile(_empty_database, path)
    return f"sqlite+aiosqlite:///{path}"
