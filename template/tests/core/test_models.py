"""Models: what is written as a type and no more is kept whole, and its table can be made, dropped and made again."""

import os
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from enum import IntEnum, StrEnum
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, DateTime, Enum, MetaData, String, Table, insert, inspect, select, type_coerce
from sqlalchemy.exc import StatementError
from sqlalchemy.orm import Mapped, mapped_column

from app.core.application import Application
from app.core.database import Base, Instant


class PlantedUrgency(StrEnum):
    SOON = "soon"
    NEVER = "never"


class PlantedSize(IntEnum):
    SMALL = 1
    LARGE = 2


class PlantedReminder(Base):
    """A model as one is written who thinks of nothing. Its table is none of the project's."""

    __tablename__ = "planted_reminders"
    metadata = MetaData()

    id: Mapped[int] = mapped_column(primary_key=True)
    remind_at: Mapped[datetime | None]
    urgency: Mapped[PlantedUrgency]
    size: Mapped[PlantedSize | None]


REMINDERS = PlantedReminder.metadata.tables["planted_reminders"]
AT_SEVEN_IN_BERLIN = datetime(2030, 7, 1, 7, tzinfo=timezone(timedelta(hours=2)))


def columns() -> list[tuple[str, object]]:
    return [(str(column), column.type) for table in Base.metadata.sorted_tables for column in table.columns]


def test_every_moment_is_kept_with_its_offset() -> None:
    """A plain `DateTime` loses it, or refuses a moment that has one."""
    assert [name for name, kind in columns() if isinstance(kind, DateTime)] == []
    assert "users.created_at" in [name for name, kind in columns() if isinstance(kind, Instant)]


def test_no_enum_is_a_type_of_the_database() -> None:
    """One outlives its table: after a downgrade the next upgrade fails."""
    assert [name for name, kind in columns() if isinstance(kind, Enum) and kind.native_enum] == []


async def test_what_a_model_names_by_its_type_alone_comes_back_as_it_was(app: Application) -> None:
    row = {"remind_at": AT_SEVEN_IN_BERLIN, "urgency": PlantedUrgency.SOON, "size": PlantedSize.LARGE}
    as_text = [type_coerce(column, String) for column in (REMINDERS.c.urgency, REMINDERS.c.size)]

    async with app.state.kernel.store.engine.connect() as connection:
        await connection.run_sync(REMINDERS.create)
        await connection.execute(insert(REMINDERS), row)
        kept = (await connection.execute(select(*(REMINDERS.c[name] for name in row)))).one()
        written = (await connection.execute(select(*as_text))).one()
        await connection.rollback()

    assert kept._asdict() == row
    assert kept.remind_at.utcoffset() == timedelta(0)
    assert tuple(written) == ("soon", "2")


@pytest.mark.asvs("V2.2.1")
async def test_nothing_but_a_member_is_taken_for_an_enum(app: Application) -> None:
    async with app.state.kernel.store.engine.connect() as connection:
        with pytest.raises(StatementError, match="not among the defined enum values"):
            await connection.execute(insert(REMINDERS), {"urgency": "sooner"})


def up_down_and_up(connection: Connection, folder: Path) -> None:
    config = Config("alembic.ini")
    config.attributes["connection"] = connection
    config.set_main_option("version_locations", f"migrations/versions{os.pathsep}{folder}")
    command.stamp(config, "head")
    command.revision(config, autogenerate=True, version_path=str(folder))
    command.upgrade(config, "+1")
    assert inspect(connection).has_table(REMINDERS.name)
    command.downgrade(config, "-1")
    command.upgrade(config, "+1")
    command.check(config)


@pytest.fixture
def among_ours() -> Iterator[Table]:
    table = REMINDERS.to_metadata(Base.metadata)
    yield table
    Base.metadata.remove(table)


@pytest.mark.usefixtures("among_ours")
async def test_the_revision_of_a_new_model_can_be_undone_and_done_again(app: Application, tmp_path: Path) -> None:
    engine = app.state.kernel.store.engine
    async with engine.connect() as connection, connection.begin() as to_be_undone:
        await connection.run_sync(up_down_and_up, tmp_path)
        await to_be_undone.rollback()
