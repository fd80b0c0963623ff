"""Runs migrations against the database of the settings, which need no secrets for this."""

import asyncio
import os
from typing import Any

from alembic import context
from alembic.operations.ops import AddColumnOp, AlterColumnOp, DropColumnOp, MigrationScript, ModifyTableOps, UpgradeOps
from alembic.util import CommandError
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.schema import SchemaItem

from app.core.database import Base, Instant, connect
from app.core.env_file import EnvFile
from app.core.errors import NOT_REACHED
from app.core.settings import ENV_FILE, SettingsError
from app.main import DATABASE

DROPPED: frozenset[str] = frozenset()
"""Tables, and columns like `notes.budget`, that may go with all that is in them. No other does: data outlives code."""


def _url() -> str:
    """Return the database's URL. Only this one setting is read, so a migration needs no other."""
    under_test = os.environ.get("APP_ENV") == "test"
    from_environment = {name.upper(): value for name, value in os.environ.items()}.get("DATABASE_URL")
    found = from_environment or ("" if under_test else EnvFile(ENV_FILE).get("DATABASE_URL"))
    if not found:
        message = "DATABASE_URL: missing; write it like the one in .env.example"
        raise CommandError(message)
    return found


def _concerns_us(_item: SchemaItem, name: str | None, kind: str, reflected: bool, model: Any) -> bool:  # noqa: FBT001 - Alembic's signature
    without_model = kind == "table" and reflected and model is None
    return not without_model or name in DROPPED


def _judge(_context: Any, _revision: Any, scripts: list[MigrationScript]) -> None:
    """Write nothing when nothing has changed, and nothing that loses data or cannot be applied to it."""
    changes = scripts[0].upgrade_ops or UpgradeOps()
    if changes.is_empty() and getattr(context.config.cmd_opts, "autogenerate", False):
        scripts[:] = []
    for table in changes.ops:
        for change in table.ops if isinstance(table, ModifyTableOps) else ():
            _refuse_what_loses(change)


def _refuse_what_loses(change: Any) -> None:
    match change:
        case DropColumnOp(table_name=table, column_name=column) if f"{table}.{column}" not in DROPPED:
            remedy = "If it was renamed, write the revision by hand: alembic revision. If it may go, name it in DROPPED"
            message = f"{table}.{column} has no model any more. {remedy} in migrations/env.py"
        case AddColumnOp(table_name=table, column=column) if not column.nullable and column.server_default is None:
            remedy = "Give it a server_default, or let it be None and fill it first"
            message = f"{table}.{column.name}: the rows that are there have no value for it. {remedy}"
        case AlterColumnOp(table_name=table, column_name=column, modify_nullable=False):
            remedy = "Write the revision by hand: alembic revision. It fills them, and then alters the column"
            message = f"{table}.{column}: the rows that are there may have no value for it. {remedy}"
        case _:
            return
    raise CommandError(message)


def _render(kind: str, item: Any, _context: Any) -> str | bool:
    """Write `Instant` as the type it is stored as, so that revisions stay readable when the models have moved on."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, Instant) else False


def _take_turn(connection: Connection) -> None:
    """Wait until no other migration runs."""
    try:
        DATABASE.take_turn(connection)
    except OperationalError as error:
        message = f"the database gave no turn: {type(error).__name__}. Does another migration still run?"
        raise CommandError(message) from None


def _migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=DATABASE.alters_by_copy,
        include_object=_concerns_us,
        process_revision_directives=_judge,
        render_item=_render,
        compare_type=True,
    )
    with context.begin_transaction():
        # Only now is read what is there: of two at once, the second would make again what the first has made.
        _take_turn(connection)
        context.run_migrations()
        if tables := DATABASE.astray(connection):
            message = f"rows that point to nothing would be left in: {', '.join(tables)}"
            raise CommandError(message)


def _engine() -> AsyncEngine:
    try:
        return connect(DATABASE, _url(), pool_size=1, timeout=30, patient=True)
    except SettingsError as error:
        raise CommandError(str(error)) from None


async def _reach(engine: AsyncEngine) -> None:
    """Say in one line that the database does not answer, or that there is none of that name."""
    try:
        async with engine.connect():
            pass
    except NOT_REACHED as error:
        # What the driver says may quote the address it was given, password included.
        message = f"the database cannot be reached: {type(error).__name__}. Does it run, and is DATABASE_URL right?"
        raise CommandError(message) from None


async def _run() -> None:
    engine = _engine()
    try:
        await _reach(engine)
        async with engine.execution_options(**DATABASE.altering).connect() as connection:
            await connection.run_sync(_migrate)
            await connection.commit()
    finally:
        await engine.dispose()


given = context.config.attributes.get("connection")
if given is None:
    asyncio.run(_run())
else:
    _migrate(given)
