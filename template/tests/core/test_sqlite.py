"""SQLite: what its connections are set to, and that writers wait for each other instead of failing."""

import asyncio
import re
import sqlite3
import stat
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError, OperationalError

from app.core.application import Application
from app.core.database import Store
from app.core.models import AuthSession, User
from app.core.sessions import live
from app.core.sqlite import KIND
from tests.support.environment import run_python
from tests.support.people import SignUp

README = Path("README.md").read_text(encoding="utf-8")


@pytest.fixture
def store(app: Application) -> Store:
    kept: Store = app.state.kernel.store
    return kept


def somebody() -> User:
    return User(id=uuid4(), email="0", canonical_email="0", created_at=datetime.now(UTC), disabled_at=None)


@pytest.mark.parametrize(
    ("pragma", "value"), [("foreign_keys", 1), ("journal_mode", "wal"), ("synchronous", 1), ("busy_timeout", 5000)]
)
async def test_every_connection_is_set_up(store: Store, pragma: str, value: object) -> None:
    async with store.reading() as reading, store.transaction() as writing:
        for session in (reading, writing):
            assert await session.scalar(text(f"PRAGMA {pragma}")) == value


async def test_a_row_whose_owner_is_missing_is_refused(store: Store) -> None:
    now = datetime.now(UTC)
    times = dict.fromkeys(("created_at", "authenticated_at", "used_at", "idle_expires_at", "expires_at"), now)
    words = {"carrier": "x", "secret_hash": b"x", "methods": "", "network": "", "user_agent": ""}

    with pytest.raises(IntegrityError):
        async with store.transaction() as db:
            db.add(AuthSession(user_id=uuid4(), **words, **times))


async def test_what_an_account_owns_goes_with_it(store: Store, as_user: SignUp) -> None:
    await as_user()

    async with store.transaction() as db:
        await db.execute(text("DELETE FROM users"))
    async with store.reading() as db:
        left = (await db.scalars(select(AuthSession))).all()

    assert left == []


async def test_while_tables_change_nothing_goes_with_its_owner_and_what_is_left_is_found(
    store: Store, as_user: SignUp
) -> None:
    await as_user()

    async with store.engine.execution_options(**KIND.altering).connect() as connection:
        await connection.execute(text("DELETE FROM users"))
        left = (await connection.execute(select(AuthSession.id))).all()
        astray = await connection.run_sync(KIND.astray)
        await connection.rollback()
        # Its foreign keys stay off.
        await connection.invalidate()

    assert len(left) == 1
    assert "auth_sessions" in astray


@pytest.mark.asvs("V15.4.2", "V15.4.3", "V2.3.4")
async def test_twenty_who_read_and_then_write_all_succeed(store: Store) -> None:
    async with store.transaction() as db:
        db.add(somebody())

    async def add_one() -> None:
        async with store.transaction() as db:
            seen = await db.scalar(select(User.email))
            await asyncio.sleep(0)
            await db.execute(update(User).values(email=str(int(seen or 0) + 1)))

    await asyncio.gather(*(add_one() for _ in range(20)))

    async with store.reading() as db:
        assert await db.scalar(select(User.email)) == "20"


async def test_a_reader_waits_for_no_writer(store: Store) -> None:
    async with store.transaction() as db:
        db.add(somebody())
        await db.flush()

        async with store.reading() as reader:
            assert (await reader.scalars(select(User))).all() == []
        assert await store.first(select(User.id), {}) is None


@pytest.mark.asvs("V13.2.6")
async def test_a_lock_that_is_not_given_in_time_is_an_error_that_passes(database_url: str) -> None:
    engine = KIND.connect(database_url, pool_size=2, timeout=0.05)
    store = Store(engine, KIND)

    async with store.transaction() as first, store.transaction() as second:
        await first.execute(select(User))
        with pytest.raises(OperationalError):
            await second.execute(select(User))
    await engine.dispose()


async def test_a_reader_leaves_no_transaction_open(store: Store) -> None:
    await store.first(text("SELECT 1"), {})

    async with store.transaction() as db:
        db.add(somebody())
    assert await store.first(select(User.email), {}) == ("0",)


@pytest.mark.asvs("V15.2.2")
async def test_revoked_sessions_cost_a_login_nothing(store: Store) -> None:
    """They stay until `purge`, so an account may have any number of them."""
    mine = select(AuthSession.id).where(AuthSession.user_id == uuid4(), live(datetime.now(UTC)))
    written = mine.compile(dialect=store.engine.dialect, compile_kwargs={"literal_binds": True})

    async with store.engine.connect() as connection:
        plan = (await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {written}")).all()

    assert ["(user_id=? AND revoked_at=?)" in step[-1] for step in plan] == [True]


async def insert_without_an_owner(store: Store) -> None:
    async with store.transaction() as db:
        await db.execute(text("PRAGMA defer_foreign_keys=ON"))
        await db.execute(text("INSERT INTO password_credentials VALUES ('x', 'x', '2030-01-01 00:00:00')"))


async def test_a_commit_that_the_database_refuses_late_is_no_success(store: Store) -> None:
    with pytest.raises(IntegrityError):
        await insert_without_an_owner(store)

    async with store.reading() as db:
        assert await db.scalar(text("SELECT count(*) FROM password_credentials")) == 0


async def test_the_backup_of_the_readme_holds_what_was_written_a_moment_ago_and_is_its_owners(tmp_path: Path) -> None:
    """A copy of the file would not: what was written last stands in another one."""
    (code,) = re.findall('^python -c "(.+)"$', README, re.MULTILINE)
    engine = KIND.connect(f"sqlite+aiosqlite:///{tmp_path / 'app.db'}", pool_size=1, timeout=5)
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE kept (a)"))
        await connection.execute(text("INSERT INTO kept VALUES (7)"))

    made = run_python("-c", code, folder=tmp_path)
    await engine.dispose()

    assert (made.returncode, made.stderr) == (0, "")
    assert sys.platform == "win32" or stat.filemode((tmp_path / "backup.db").stat().st_mode) == "-rw-------"
    with closing(sqlite3.connect(tmp_path / "backup.db")) as backup:
        assert backup.execute("SELECT a FROM kept").fetchall() == [(7,)]


@pytest.mark.parametrize(
    ("url", "workers", "risks"),
    [
        ("sqlite+aiosqlite:///app.db", 1, []),
        ("sqlite+aiosqlite:///app.db", 2, ["sqlite-with-several-workers"]),
        ("sqlite+aiosqlite://", 1, ["sqlite-in-memory"]),
        ("sqlite+aiosqlite:///:memory:", 1, ["sqlite-in-memory"]),
        ("sqlite+aiosqlite:///file::memory:?uri=true", 1, ["sqlite-in-memory"]),
        ("sqlite+aiosqlite:///file::memory:?cache=shared&uri=1", 1, ["sqlite-in-memory"]),
        ("sqlite+aiosqlite:///file:%3Amemory%3A?uri=true", 1, ["sqlite-in-memory"]),
        ("sqlite+aiosqlite:///file:?uri=true", 1, ["sqlite-in-memory"]),
        ("sqlite+aiosqlite:///file:x?mode=memory&cache=shared&uri=true", 1, ["sqlite-in-memory"]),
        ("sqlite+aiosqlite:///file:x?cache=shared%26mode=memory&uri=true", 1, ["sqlite-in-memory"]),
        ("sqlite+aiosqlite:///file:/x?vfs=memdb&uri=true", 1, ["sqlite-in-memory"]),
        ("sqlite+aiosqlite:///file:/srv/memory.db?mode=rwc&uri=true", 1, []),
        ("sqlite+aiosqlite:///file:///srv/app.db?uri=true", 1, []),
    ],
)
def test_what_must_not_reach_production_is_named(url: str, workers: int, risks: list[str]) -> None:
    assert [risk for risk, _ in KIND.problems(url, workers=workers)] == risks
