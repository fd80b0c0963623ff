"""SQLite: one file, one process, nothing to install."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote

from sqlalchemy import URL, Connection, Executable, Insert, event, inspect, select, true
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.engine import ExceptionContext, make_url
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from app.core.database import Base, Change

_HOW = "sqlite_begin"
_VALUE_MISSING = "SQLITE_CONSTRAINT_NOTNULL"
"""The name of the one constraint (sqlite.org/rescode.html) that no other writer can make a row break."""


@dataclass(frozen=True)
class SQLite:
    """The database kind `sqlite`, through aiosqlite."""

    name: str = "sqlite"
    alters_by_copy: bool = True
    reading: Mapping[str, Any] = field(default_factory=lambda: {_HOW: "AUTOCOMMIT"})
    read_only: Mapping[str, Any] = field(default_factory=lambda: {_HOW: "READING"})
    writing: Mapping[str, Any] = field(default_factory=lambda: {_HOW: "IMMEDIATE"})
    altering: Mapping[str, Any] = field(default_factory=lambda: {_HOW: "ALTERING"})
    takes_writes: Executable = field(default_factory=lambda: select(true()))

    def connect(self, url: str, *, pool_size: int, timeout: float, patient: bool = False) -> AsyncEngine:
        """Return an engine for `url`: `pool_size` connections, `timeout` in seconds to get one or the lock.

        Everybody is `patient` here: no command is ended.
        """
        del patient
        engine = create_async_engine(
            url,
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=timeout,
            hide_parameters=True,
            connect_args={"timeout": timeout},
        )
        event.listen(engine.sync_engine, "connect", _prepare)
        event.listen(engine.sync_engine, "begin", _begin)
        event.listen(engine.sync_engine, "handle_error", _name_mistakes, retval=True)
        return engine

    def insert_missing(self, table: type[Base]) -> Executable:
        """Return a statement that inserts rows and leaves out those whose key is there, whoever put them in."""
        return insert(table).on_conflict_do_nothing()

    def insert_or_change(self, table: type[Base], change: Change) -> Insert:
        """Return a statement that inserts rows, and changes those whose key is there, whoever put them in."""
        statement = insert(table)
        key = inspect(table).primary_key
        return statement.on_conflict_do_update(index_elements=key, set_=change(statement.excluded))

    def take_turn(self, connection: Connection) -> None:
        """Return at once: a transaction that changes tables has begun with the one lock there is."""
        del connection

    def astray(self, connection: Connection) -> list[str]:
        """Return the tables in which a transaction that changes tables has left rows that point to nothing."""
        return sorted({row[0] for row in connection.exec_driver_sql("PRAGMA foreign_key_check")})

    def problems(self, url: str, *, workers: int) -> list[tuple[str, str]]:
        """Return what must not reach production: a database in memory, or several processes on one file."""
        found = []
        if _is_in_memory(make_url(url)):
            found.append(("sqlite-in-memory", "DATABASE_URL: an SQLite database in memory forgets every account"))
        if workers > 1:
            found.append(
                ("sqlite-with-several-workers", "WEB_CONCURRENCY: SQLite serves one worker; use a server for more")
            )
        return found


def _is_in_memory(url: URL) -> bool:
    """Return whether the database ends with its connections: it has no name, or asks to be kept in memory."""
    name = url.database or ""
    options: dict[str, str] = {}
    if "uri" in url.query:
        # What follows then is for SQLite, which takes the name apart once more (sqlite.org/uri.html).
        asked = "&".join(f"{key}={value}" for key, values in url.normalized_query.items() for value in values)
        path, _, query = f"{name}?{asked}".partition("#")[0].partition("?")
        name, options = unquote(path.removeprefix("file:")), dict(parse_qsl(query))
    return name in ("", ":memory:") or options.get("mode") == "memory" or options.get("vfs") == "memdb"


def _prepare(connection: Any, _record: Any) -> None:
    # The driver would begin transactions by itself, too late for a lock to be taken at the first statement.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.close()


def _begin(connection: Connection) -> None:
    """Begin as the caller said. IMMEDIATE takes the write lock first: read-then-write would fail as 'locked'."""
    how = connection.get_execution_options().get(_HOW, "DEFERRED")
    if how == "READING":
        connection.exec_driver_sql("PRAGMA query_only=ON")
    elif how != "AUTOCOMMIT":
        # A connection keeps it beyond the transaction that reads.
        connection.exec_driver_sql("PRAGMA query_only=OFF")
    match how:
        case "DEFERRED" | "READING":
            connection.exec_driver_sql("BEGIN DEFERRED")
        case "IMMEDIATE":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        case "ALTERING":
            # A table is copied and the old one dropped, which deletes its rows first, and with foreign keys on all that
            # belongs to them. Within a transaction this pragma would do nothing.
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        case _:
            pass


def _name_mistakes(context: ExceptionContext) -> Exception | None:
    """Return the error for what could be written at no time; the driver takes it for a conflict, or for a lock."""
    error = context.original_exception
    name = getattr(error, "sqlite_errorname", "")
    if name == _VALUE_MISSING or (name == "SQLITE_READONLY" and _only_reads(context.connection)):
        return ProgrammingError(None, None, error, hide_parameters=True)
    return None


def _only_reads(connection: Connection | None) -> bool:
    return connection is not None and connection.get_execution_options().get(_HOW) == "READING"


KIND = SQLite()
