"""Migrations: they make what the models say, and can be undone."""

from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect

from app.core.application import Application
from app.core.database import Base


def alembic_on(connection: Connection) -> Config:
    config = Config("alembic.ini")
    config.attributes["connection"] = connection
    return config


def tables(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names()) - {"alembic_version"}


def differences(connection: Connection) -> list[Any]:
    """Compare the tables that have a model; those of a feature that was removed stay as they are."""
    options = {"compare_type": True, "compare_server_default": True, "include_object": has_a_model}
    return list(compare_metadata(MigrationContext.configure(connection, opts=options), Base.metadata))


def has_a_model(_item: Any, _name: str, kind: str, reflected: bool, model: Any) -> bool:
    return not (kind == "table" and reflected and model is None)


def up_and_down(connection: Connection) -> tuple[set[str], list[Any], set[str]]:
    Base.metadata.drop_all(connection)
    command.upgrade(alembic_on(connection), "head")
    made, different = tables(connection), differences(connection)
    command.check(alembic_on(connection))
    command.downgrade(alembic_on(connection), "base")
    return made, different, tables(connection)


async def test_they_make_what_the_models_say_and_undo_it(app: Application) -> None:
    engine = app.state.kernel.store.engine
    async with engine.connect() as connection:
        made, different, left = await connection.run_sync(up_and_down)
        # A server's database is shared by the tests of one worker, and its tables come back with this.
        await connection.rollback()

    assert made >= set(Base.metadata.tables)
    assert different == []
    assert left == set()


async def test_they_are_in_one_line() -> None:
    scripts = ScriptDirectory.from_config(Config("alembic.ini"))

    assert len(scripts.get_heads()) == 1
    assert len(scripts.get_bases()) == 1


async def test_every_model_has_a_name_for_each_constraint(app: Application) -> None:
    del app
    unnamed = [
        f"{table.name}: {constraint!r}"
        for table in Base.metadata.sorted_tables
        for constraint in table.constraints
        if not constraint.name
    ]

    assert unnamed == []


@pytest.mark.asvs("V1.3.2")
def test_migrations_run_no_text_from_outside() -> None:
    for path in Path("migrations/versions").glob("*.py"):
        assert "op.execute(f" not in path.read_text(encoding="utf-8")
