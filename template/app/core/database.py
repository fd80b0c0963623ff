"""The database: three kinds of access, and a session for routes that commits before the answer is sent."""

import enum
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar, Protocol

from fastapi import Depends, Request
from sqlalchemy import (
    ColumnElement,
    Connection,
    DateTime,
    Dialect,
    Enum,
    Executable,
    Insert,
    MetaData,
    Row,
    TypeDecorator,
    delete,
    inspect,
    select,
    tuple_,
)
from sqlalchemy.exc import ArgumentError, InvalidRequestError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker
from sqlalchemy.orm import DeclarativeBase

from app.core.settings import SettingsError

READS_ONLY = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing (RFC 9110 section 9.2.1). So nobody asks such a request whether another site sent it."""


@dataclass
class _Access:
    """What a piece of code may do; seen by whatever it starts, for as long as it runs itself."""

    writes: bool


_access: ContextVar[_Access | None] = ContextVar("access", default=None)


class WriteWhileReadingError(Exception):
    """What answers a request that only reads has opened a transaction that writes."""

    def __init__(self) -> None:
        super().__init__("a GET writes nothing: serve this by POST, PUT, PATCH or DELETE")


@contextmanager
def writing(*, allowed: bool) -> Generator[None]:
    """Let what runs in here open transactions that write, or refuse them."""
    access = _Access(writes=allowed)
    token = _access.set(access)
    try:
        yield
    finally:
        # A task that goes on has a copy of the context, and no longer answers anybody.
        access.writes = True
        _access.reset(token)


MOST_DELETED_AT_ONCE = 50
"""Rows of one table, and what goes with them: as many as are deleted well within the time that a command may take."""


class Instant(TypeDecorator[datetime]):
    """A moment in UTC. Not every database keeps the offset; this gives it back and refuses a moment without one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return `value` in UTC. Raises ValueError for a moment that does not say its offset."""
        del dialect
        if value is not None and value.tzinfo is None:
            message = "a moment without an offset would mean another one on another machine"
            raise ValueError(message)
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the stored moment, aware of its offset."""
        del dialect
        return None if value is None else value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _as_written(kind: type[enum.Enum]) -> list[str]:
    return [str(member.value) for member in kind]


_MEMBER = Enum(enum.Enum, native_enum=False, length=64, values_callable=_as_written, validate_strings=True)
"""A member of an enum, as the text of its value; this code writes no other text.

A type of the database's own would outlive its table and fail the next upgrade, and no revision would follow the members
in a CHECK.
"""


class Base(DeclarativeBase):
    """The base of every model. The naming convention lets a migration find each constraint again.

    The map says how `Mapped[datetime]` is kept, and `Mapped` with an enum, where no other type is named.
    """

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar = {datetime: Instant, enum.Enum: _MEMBER}


Change = Callable[[Any], Mapping[str, Any]]
"""Takes the columns of a row that could not be inserted; returns what the row that is there is to hold instead."""


class DatabaseKind(Protocol):
    """What differs between databases. `app/main.py` names the one this project uses."""

    @property
    def name(self) -> str:
        """What it is called."""

    @property
    def reading(self) -> Mapping[str, Any]:
        """Execution options of a statement that needs no transaction around it."""

    @property
    def read_only(self) -> Mapping[str, Any]:
        """Execution options of a transaction in which the database refuses to write."""

    @property
    def writing(self) -> Mapping[str, Any]:
        """Execution options of a transaction that writes."""

    @property
    def altering(self) -> Mapping[str, Any]:
        """Execution options of a transaction that changes tables: no row goes with the table that it points to."""

    @property
    def takes_writes(self) -> Executable:
        """A statement by which readiness asks whether the server takes what is written, without writing anything."""

    @property
    def alters_by_copy(self) -> bool:
        """Whether a table is changed by copying it into a new one, since `ALTER TABLE` can do too little."""

    def connect(self, url: str, *, pool_size: int, timeout: float, patient: bool = False) -> AsyncEngine:
        """Return an engine for `url`: `pool_size` connections, `timeout` in seconds to get one or a lock.

        A command ends in time as well, unless who connects is `patient`: it may then take as long as it takes.
        Its `IntegrityError` is a conflict with what somebody else has written or deleted, and no mistake in the code.
        """

    def insert_missing(self, table: type[Base]) -> Executable:
        """Return a statement that inserts rows and leaves out those whose key is there, whoever put them in."""

    def insert_or_change(self, table: type[Base], change: Change) -> Insert:
        """Return a statement that inserts rows, and changes those whose key is there, whoever put them in."""

    def take_turn(self, connection: Connection) -> None:
        """Wait, in a transaction that changes tables, until no other one does; the next turn comes when it ends.

        A revision with an `autocommit_block` ends it there.
        """

    def astray(self, connection: Connection) -> Sequence[str]:
        """Return the tables in which a transaction that changes tables has left rows that point to nothing."""

    def problems(self, url: str, *, workers: int) -> list[tuple[str, str]]:
        """Return what must not reach production, each as (risk, message)."""


class Store:
    """The engine, and the only ways to it that the application uses."""

    def __init__(self, engine: AsyncEngine, kind: DatabaseKind) -> None:
        self.engine = engine
        self.kind = kind
        self._reader = engine.execution_options(**kind.reading)
        # A closed session would begin anew by itself: a task that kept one would hold a lock that nobody ends.
        once: dict[str, Any] = {"expire_on_commit": False, "close_resets_only": False}
        self._readings = async_sessionmaker(engine.execution_options(**kind.read_only), **once)
        self._transactions = async_sessionmaker(engine.execution_options(**kind.writing), **once)

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[AsyncSession]:
        """Open a session that writes; it commits at the end, and rolls back when an exception passes.

        Raises:
            WriteWhileReadingError: for a route, while it answers a method that only reads.
        """
        access = _access.get()
        if access is not None and not access.writes:
            raise WriteWhileReadingError
        async with self._transactions() as session, session.begin():
            yield session

    @asynccontextmanager
    async def reading(self) -> AsyncGenerator[AsyncSession]:
        """Open a session in which the database refuses to write, whatever is called on it.

        Each statement sees what is committed by then.
        """
        async with self._readings() as session:
            yield session

    async def delete_in_batches(self, table: type[Base], due: ColumnElement[bool]) -> int:
        """Delete the rows that are due, `MOST_DELETED_AT_ONCE` in a transaction at most; return how many they were.

        No row is waited for: one that somebody else has locked stays until the next time.
        """
        gone = 0
        while batch := await self._delete_some(table, due):
            gone += batch
        return gone

    async def _delete_some(self, table: type[Base], due: ColumnElement[bool]) -> int:
        key = inspect(table).primary_key
        # What is locked is in use, and soon due no more. Who waited for it would hold what the other one waits for.
        some = select(*key).where(due).limit(MOST_DELETED_AT_ONCE).with_for_update(skip_locked=True)
        async with self.transaction() as db:
            chosen = [tuple(row) for row in await db.execute(some)]
            going = delete(table).where(tuple_(*key).in_(chosen))
            await db.execute(going, execution_options={"synchronize_session": False})
        return len(chosen)

    async def first(self, statement: Executable, parameters: Mapping[str, Any]) -> Row[Any] | None:
        """Run one reading statement in one round trip and return its first row."""
        async with self._reader.connect() as connection:
            return (await connection.execute(statement, parameters)).first()

    async def check(self) -> None:
        """Ask the database whether it takes what is written.

        Raises:
            ConnectionError: it answers, and takes nothing.
        """
        async with self._reader.connect() as connection:
            if not (await connection.execute(self.kind.takes_writes)).scalar():
                # A new connection may lead to a server that does.
                await connection.invalidate()
                message = "the database takes no writes"
                raise ConnectionError(message)


def connect(kind: DatabaseKind, url: str, *, pool_size: int, timeout: float, patient: bool = False) -> AsyncEngine:
    """Return an engine, as `DatabaseKind.connect` does.

    Raises:
        SettingsError: nobody could use this URL.
    """
    try:
        return kind.connect(url, pool_size=pool_size, timeout=timeout, patient=patient)
    except (ArgumentError, ImportError, InvalidRequestError, TypeError, ValueError):
        # What could not be read may hold a password.
        message = "DATABASE_URL: cannot be used; write it like the one in .env.example"
        raise SettingsError(message) from None


async def database_of_request(request: Request) -> AsyncIterator[AsyncSession]:
    """Yield the session of one request: reading for a method that only reads, else writing.

    It ends with the function that the route is, not with the request, so a commit that fails is a 500 and not a 200
    that was sent too early. What goes on longer, a background task or a stream, opens a transaction of its own; this
    session then raises `InvalidRequestError`.
    """
    store: Store = request.app.state.kernel.store
    access = store.reading if request.method in READS_ONLY else store.transaction
    async with access() as session:
        yield session


Database = Annotated[AsyncSession, Depends(database_of_request, scope="function")]
