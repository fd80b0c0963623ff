"""Runs migrations against the database of the settings, which need no secrets for this."""

import asyncio
import os
from typing import Any

from alembic import context
from alembic.operations.ops import MigrationScript
from alembic.util import CommandError
from dotenv import dotenv_values
from sqlalchemy import Connection
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.schema import SchemaItem

from app.core.database import Base, Instant
from app.core.errors import NOT_REACHED
from app.core.settings import ENV_FILE
from app.main import DATABASE

DROPPED: frozenset[str] = frozenset()
"""Tables that may go, with all that is in them. Any other table stays when its model is removed: data outlives code."""


def _url() -> str:
    """Return the database's URL. Only this one setting is read, so a migration needs no other."""
    under_test = os.environ.get("APP_ENV") == "test"
    from_file = {} if under_test or not ENV_FILE.exists() else dotenv_values(ENV_FILE)
    found = os.environ.get("DATABASE_URL") or from_file.get("DATABASE_URL")
    if not found:
        message = "DATABASE_URL: missing; write it like the one in .env.example"
        raise CommandError(message)
    return found


def _concerns_us(_item: SchemaItem, name: str | None, kind: str, reflected: bool, model: Any) -> bool:  # noqa: FBT001 - Alembic's signature
    without_model = kind == "table" and reflected and model is None
    return not without_model or name in DROPPED


def _write_nothing_when_nothing_changed(_context: Any, _revision: Any, scripts: list[MigrationScript]) -> None:
    if getattr(context.config.cmd_opts, "autogenerate", False) and scripts[0].upgrade_ops.is_empty():
        scripts[:] = []


def _render(kind: str, item: Any, _context: Any) -> str | bool:
    """Write `Instant` as the type it is stored as, so that revisions stay readable when the models have moved on."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, Instant) else False


def _migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=DATABASE.alters_by_copy,
        include_object=_concerns_us,
        process_revision_directives=_write_nothing_when_nothing_changed,
        render_item=_render,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


async def _reach(engine: AsyncEngine) -> None:
    """Say in one line that the database does not answer, or that there is none of that name."""
    try:
        async with engine.connect():
            pass
    except (*NOT_REACHED, ProgrammingError) as error:
        # What the driver says may quote the address it was given, password included.
        message = f"the database cannot be reached: {type(error).__name__}. Does it run, and is DATABASE_URL right?"
        raise CommandError(message) from None


async def _run() -> None:
    engine = DATABASE.connect(_url(), pool_size=1, timeout=30)
    await _reach(engine)
    async with engine.execution_options(**DATABASE.writing).connect() as connection:
        await connection.run_sync(_migrate)
        await connection.commit()
    await engine.dispose()


given = context.config.attributes.get("connection")
if given is None:
    asyncio.run(_run())
else:
    _migrate(given)
