"""PostgreSQL through asyncpg: several processes, one database."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import URL, Connection, Dialect, Executable, Insert, event, func, inspect, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.dialects.postgresql.asyncpg import AsyncAdapt_asyncpg_dbapi
from sqlalchemy.engine import ExceptionContext, make_url
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from app.core.database import Base, Change
from app.core.errors import NOT_REACHED

_VERIFIED = "verify-full"
_READING = "postgresql_readonly"
_NAMING_A_SERVER = {"dsn", "service"}
"""Arguments of `asyncpg.connect` that can bring a host of their own; the query of a URL may hold any argument."""

_CHANGING_TABLES = int.from_bytes(b"migrate")
"""The number of the lock for who changes tables; PostgreSQL knows such locks by numbers alone."""
_DEFAULT_PASSWORDS = {"", "postgres", "password", "admin", "changeme", "guest"}
_PASSING = ("08", "53", "57", "40001", "40P01", "55P03")
"""SQLSTATEs of what passes: no connection, none left, shutting down, cancelled, a conflict, a lock not given."""
_NO_WRITES = "25006"
"""The SQLSTATE of a write where there are none: in a transaction that only reads, or on a server that only follows."""
_PLAN_VOID = AsyncAdapt_asyncpg_dbapi.InvalidCachedStatementError
"""What says that a column has changed since a statement was planned. SQLAlchemy then forgets all it has planned."""
_VALUE_MISSING = "23502"
"""The SQLSTATE of the one constraint that no other writer can make a row break."""


@dataclass(frozen=True)
class PostgreSQL:
    """The database kind `postgresql`."""

    name: str = "postgresql"
    alters_by_copy: bool = False
    reading: Mapping[str, Any] = field(default_factory=lambda: {"isolation_level": "AUTOCOMMIT"})
    read_only: Mapping[str, Any] = field(default_factory=lambda: {_READING: True})
    writing: Mapping[str, Any] = field(default_factory=dict)
    altering: Mapping[str, Any] = field(default_factory=dict)
    takes_writes: Executable = field(
        default_factory=lambda: select(func.current_setting("transaction_read_only") == "off")
    )

    def connect(self, url: str, *, pool_size: int, timeout: float, patient: bool = False) -> AsyncEngine:
        """Return an engine for `url`: `pool_size` connections, `timeout` in seconds to get one or a lock.

        A command may take six times as long, and for who is `patient` as long as it takes.
        """
        engine = create_async_engine(
            url,
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=timeout,
            pool_pre_ping=False,
            hide_parameters=True,
            connect_args={
                "timeout": timeout,
                "command_timeout": None if patient else 6 * timeout,
                "server_settings": {
                    "lock_timeout": f"{int(timeout * 1000)}",
                    # Who waits for a lock reads afterwards what has happened meanwhile; the snapshot of any other level
                    # would be older than the lock. A server, a database or a user may have another default.
                    "default_transaction_isolation": "read committed",
                },
            },
        )
        event.listen(engine.sync_engine, "do_connect", _connect)
        event.listen(engine.sync_engine, "handle_error", _name_by_meaning, retval=True)
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
        """Wait until no other transaction changes tables, by a lock that all of them take."""
        connection.execute(select(func.pg_advisory_xact_lock(_CHANGING_TABLES)))

    def astray(self, connection: Connection) -> list[str]:
        """Return nothing: foreign keys hold here whatever changes."""
        del connection
        return []

    def problems(self, url: str, *, workers: int) -> list[tuple[str, str]]:
        """Return what must not reach production: a connection that does not verify whom it talks to."""
        del workers
        parts = make_url(url)
        verified = parts.query.get("ssl") == _VERIFIED or parts.query.get("sslmode") == _VERIFIED
        by_socket = _is_by_socket(parts)
        found = []
        if not verified and not by_socket:
            found.append(
                ("database-without-verified-tls", f"DATABASE_URL: end it with ?ssl={_VERIFIED} (ASVS V12.3.1)")
            )
        if not by_socket and _has_default_password(parts):
            found.append(("default-database-password", "DATABASE_URL: the password is missing or a default one"))
        return found


def _is_by_socket(parts: URL) -> bool:
    """Return whether no host but this one is reached. A host in the query wins over the one before the path."""
    if parts.query.keys() & _NAMING_A_SERVER:
        return False
    # asyncpg asks PGHOST before it looks for a socket.
    hosts = parts.normalized_query.get("host") or (parts.host or os.environ.get("PGHOST") or "/",)
    return all(host.startswith("/") for several in hosts for host in several.split(","))


def _has_default_password(parts: URL) -> bool:
    """Return whether the password is missing or a default one. One in the query wins over the one before the host."""
    passwords = parts.normalized_query.get("password") or (parts.password or "",)
    return not _DEFAULT_PASSWORDS.isdisjoint(passwords)


def _connect(dialect: Dialect, _record: Any, arguments: Sequence[Any], parameters: Mapping[str, Any]) -> Any:
    """Connect, and name nobody's being there as other drivers do: a missing socket, a host that no way leads to."""
    try:
        return dialect.connect(*arguments, **parameters)
    except NOT_REACHED:
        raise
    except OSError as error:
        raise ConnectionError(*error.args) from error


def _name_by_meaning(context: ExceptionContext) -> Exception | None:
    """Return the error that other drivers raise for what passes; asyncpg's does not tell a lock from a mistake.

    Whatever the server says to who connects passes: it starts, lets nobody in, or has the database no more. So does
    a plan that a migration has made void: the next one is made anew. A row without a value that it needs, which could
    be kept at no time, is a mistake.
    """
    error = context.original_exception
    state = getattr(error, "sqlstate", None) or ""
    if state == _NO_WRITES and not _only_reads(context.connection):
        # New connections may lead to another server, or to this one after it has taken over.
        context.is_disconnect = True
    if isinstance(error, TimeoutError):
        # SQLAlchemy would give up this connection alone. But a way that has fallen silent is silent for all, and each
        # would be waited for anew; after a statement that was only slow, the others are replaced for nothing.
        context.invalidate_pool_on_disconnect = True
    lost = context.is_disconnect
    if lost or context.connection is None or state.startswith(_PASSING) or isinstance(error, _PLAN_VOID):
        return OperationalError(None, None, error, hide_parameters=True, connection_invalidated=lost)
    if state == _VALUE_MISSING:
        return ProgrammingError(None, None, error, hide_parameters=True)
    return None


def _only_reads(connection: Connection | None) -> bool:
    """Return whether the transaction was opened to read: there a write is a mistake, whatever the server takes."""
    return connection is not None and connection.get_execution_options().get(_READING) is True


KIND = PostgreSQL()
