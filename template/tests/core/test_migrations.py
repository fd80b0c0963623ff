"""Migrations: they make what the models say, and can be undone."""

import os
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from anyio import to_thread
from sqlalchemy import Connection, func, inspect, select, text

from app.core.application import Application
from app.core.database import Base
from app.main import DATABASE
from tests.support.people import SignUp


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


def up_down_and_up(connection: Connection) -> tuple[set[str], list[Any], set[str]]:
    Base.metadata.drop_all(connection)
    command.upgrade(alembic_on(connection), "head")
    made, different = tables(connection), differences(connection)
    command.check(alembic_on(connection))
    command.downgrade(alembic_on(connection), "base")
    left = tables(connection)
    # What is no table may be left as well, such as a type, and stands in the way.
    command.upgrade(alembic_on(connection), "head")
    return made, different, left


async def test_they_make_what_the_models_say_and_undo_it_and_can_be_applied_again(app: Application) -> None:
    engine = app.state.kernel.store.engine
    async with engine.connect() as connection:
        made, different, left = await connection.run_sync(up_down_and_up)
        # A server's database is shared by the tests of one worker, and its tables come back with this.
        await connection.rollback()

    assert made >= set(Base.metadata.tables)
    assert different == []
    assert left == set()


LATER = """
import sqlalchemy as sa
from alembic import op

revision = "later"
down_revision = "{head}"


def upgrade() -> None:
    change_to(500)


def downgrade() -> None:
    change_to(254)


def change_to(length: int) -> None:
    with op.batch_alter_table("users") as users:
        users.alter_column("email", type_=sa.String(length))
"""


async def rows_of(app: Application) -> dict[str, int]:
    async with app.state.kernel.store.reading() as db:
        return {
            table.name: await db.scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
        }


async def test_a_table_that_changes_takes_no_row_of_another_with_it(
    app: Application, as_user: SignUp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.main.DATABASE", DATABASE)
    config = Config("alembic.ini")
    config.set_main_option("version_locations", f"migrations/versions{os.pathsep}{tmp_path}")
    head = str(ScriptDirectory("migrations").get_current_head())
    (tmp_path / "later.py").write_text(LATER.format(head=head), encoding="utf-8")
    await as_user("alice@example.com")
    before = await rows_of(app)
    await app.state.kernel.store.engine.dispose()

    counted = []
    for change in (
        lambda: command.stamp(config, head),
        lambda: command.upgrade(config, "later"),
        lambda: command.downgrade(config, head),
    ):
        # In a thread, since migrations run a loop of their own.
        await to_thread.run_sync(change)
        counted.append(await rows_of(app))
        await app.state.kernel.store.engine.dispose()

    assert before["users"] == before["auth_sessions"] == before["password_credentials"] == 1
    assert counted == [before] * 3


def revision_after(connection: Connection, statements: str, folder: Path) -> None:
    config = alembic_on(connection)
    config.set_main_option("version_locations", f"migrations/versions{os.pathsep}{folder}")
    command.stamp(config, "head")
    for statement in statements.split("; "):
        connection.execute(text(statement))
    command.revision(config, autogenerate=True, version_path=str(folder))


@pytest.mark.parametrize(
    ("statements", "complaint"),
    [
        ("ALTER TABLE users ADD COLUMN nickname VARCHAR(20)", "users.nickname has no model any more"),
        ("ALTER TABLE login_throttles DROP COLUMN failures", "login_throttles.failures: the rows that are there"),
        (
            "ALTER TABLE login_throttles DROP COLUMN failures; ALTER TABLE login_throttles ADD COLUMN failures INTEGER",
            "login_throttles.failures: the rows that are there may have no value for it",
        ),
    ],
    ids=["a column goes", "a column without a value comes", "a column may be without a value no longer"],
)
async def test_no_revision_is_written_that_loses_data_or_has_none_to_write(
    app: Application, tmp_path: Path, statements: str, complaint: str
) -> None:
    async with app.state.kernel.store.engine.connect() as connection:
        with pytest.raises(CommandError, match=complaint):
            await connection.run_sync(revision_after, statements, tmp_path)
        await connection.rollback()

    assert not ScriptDirectory("migrations", version_locations=[str(tmp_path)]).get_heads()


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
