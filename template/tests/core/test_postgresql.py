"""PostgreSQL: readers without a transaction, writers that see each other, and what must not reach production."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Select, select, text, update
from sqlalchemy.exc import InterfaceError, OperationalError, ResourceClosedError

from app.core.application import Application
from app.core.database import Database, Store
from app.core.models import AuthSession, User
from app.core.postgresql import KIND
from app.core.routing import Router
from app.core.settings import SettingsError
from tests.conftest import MakeApp
from tests.support.client import ApiClient
from tests.support.planting import plant
from tests.support.postgresql import set_to

BOTH_RISKS = ["database-without-verified-tls", "default-database-password"]
REGISTERS = {"email": "alice@example.com", "password": "a harbour full of quiet boats"}


@pytest.fixture
def store(app: Application) -> Store:
    kept: Store = app.state.kernel.store
    return kept


async def test_a_reader_opens_no_transaction(store: Store) -> None:
    # VACUUM refuses to run inside of one; it returns no rows, which is what is complained about here.
    with pytest.raises(ResourceClosedError):
        await store.first(text("VACUUM users"), {})


@pytest.mark.asvs("V13.2.6")
async def test_every_connection_knows_how_long_to_wait(store: Store) -> None:
    async with store.reading() as db:
        assert await db.scalar(text("SHOW lock_timeout")) == "5s"


@pytest.fixture
async def database_of_another_level(database_url: str) -> AsyncIterator[str]:
    """The database, as somebody has set it who wants every transaction to see one moment."""
    async with set_to(database_url, "default_transaction_isolation", "repeatable read"):
        yield database_url


@pytest.mark.asvs("V15.4.2")
async def test_who_has_waited_for_a_lock_sees_what_happened_meanwhile_whatever_the_servers_default(
    database_of_another_level: str,
) -> None:
    """Else a login with a password that is just being replaced would not see that it has been."""
    store = Store(KIND.connect(database_of_another_level, pool_size=1, timeout=5), KIND)
    levels = []
    for way in (store.transaction, store.reading):
        async with way() as db:
            levels.append(await db.scalar(text("SHOW transaction_isolation")))
    await store.engine.dispose()

    assert levels == ["read committed", "read committed"]


async def test_a_mistake_in_a_statement_is_none_that_passes(store: Store) -> None:
    with pytest.raises(Exception, match="nonsense") as caught:
        await store.first(text("SELECT nonsense"), {})

    assert not isinstance(caught.value, (OperationalError, InterfaceError))


async def plan_of(store: Store, statement: Select[Any]) -> str:
    """Return how the server would run a statement if reading a whole table were out of the question."""
    written = statement.compile(dialect=store.engine.dialect, compile_kwargs={"literal_binds": True})
    async with store.transaction() as db:
        await db.execute(text("SET LOCAL enable_seqscan = off"))
        connection = await db.connection()
        return "\n".join(row[0] for row in await connection.exec_driver_sql("EXPLAIN " + str(written)))


@pytest.mark.asvs("V15.2.2")
async def test_revoked_sessions_cost_a_login_nothing(store: Store) -> None:
    """They stay until `purge`, so an account may have any number of them."""
    # Without the other conditions of a live one: which index the server takes for them depends on what it has counted.
    mine = select(AuthSession.id).where(AuthSession.user_id == uuid4(), AuthSession.revoked_at.is_(None))

    conditions = re.findall("Index Cond: (.+)", await plan_of(store, mine))

    assert [("user_id" in each, "revoked_at IS NULL" in each) for each in conditions] == [(True, True)]


@pytest.mark.asvs("V15.4.2", "V2.3.4")
async def test_twenty_who_write_at_once_all_count(store: Store) -> None:
    async with store.transaction() as db:
        db.add(User(id=uuid4(), email="0", canonical_email="0", created_at=datetime.now(UTC), disabled_at=None))

    async def add_one() -> None:
        async with store.transaction() as db:
            seen = await db.scalar(select(User.email).with_for_update())
            await db.execute(update(User).values(email=str(int(seen or 0) + 1)))

    await asyncio.gather(*(add_one() for _ in range(20)))

    async with store.reading() as db:
        assert await db.scalar(select(User.email)) == "20"


@pytest.mark.parametrize(
    "table",
    ["a int4range UNIQUE DEFERRABLE INITIALLY DEFERRED", "a int4range, EXCLUDE USING gist (a WITH &&)"],
    ids=["unique, which is looked at late", "no two at the same time"],
)
async def test_what_is_taken_is_a_409_whatever_says_so(app: Application, table: str) -> None:
    router = Router()

    @router.post("/take")
    async def take(db: Database) -> dict[str, str]:
        await db.execute(text(f"CREATE TEMPORARY TABLE taken ({table})"))
        await db.execute(text("INSERT INTO taken VALUES ('[9,12)'), ('[9,12)')"))
        return {"said": "done"}

    plant(app, router, public=True)
    async with ApiClient(app) as client:
        answer = await client.post("/take")

    assert answer.status_code == 409


@pytest.mark.asvs("V16.2.5")
async def test_an_option_that_cannot_be_read_is_not_quoted(make_app: MakeApp) -> None:
    with pytest.raises(SettingsError, match="DATABASE_URL: cannot be used") as caught:
        make_app(DATABASE_URL="postgresql+asyncpg://app@127.0.0.1/app_test?prepared_statement_cache_size=kanary7")

    assert caught.value.__suppress_context__
    assert "kanary7" not in str(caught.value)


@pytest.mark.asvs("V12.3.1", "V13.2.3")
@pytest.mark.parametrize(
    ("url", "risks"),
    [
        ("postgresql+asyncpg://app:4f9a8c@db/app?ssl=verify-full", []),
        ("postgresql+asyncpg:///app?host=/run/postgresql", []),
        ("postgresql+asyncpg://app:4f9a8c@db/app", ["database-without-verified-tls"]),
        ("postgresql+asyncpg://app:4f9a8c@db/app?ssl=require", ["database-without-verified-tls"]),
        ("postgresql+asyncpg://app:postgres@db/app?ssl=verify-full", ["default-database-password"]),
        ("postgresql+asyncpg://app@db/app?ssl=verify-full", ["default-database-password"]),
        ("postgresql+asyncpg:///app", []),
        ("postgresql+asyncpg://app:4f9a8c@/app?host=/run/postgresql&port=5433", []),
        ("postgresql+asyncpg:///app?host=db:5432&user=app&password=4f9a8c&ssl=verify-full", []),
        ("postgresql+asyncpg:///app?host=db:5432&user=app&password=4f9a8c", ["database-without-verified-tls"]),
        ("postgresql+asyncpg:///app?host=127.0.0.9:5555&user=bob&password=postgres", BOTH_RISKS),
        ("postgresql+asyncpg:///app?host=/run/postgresql,db&port=5432,5432", BOTH_RISKS),
        ("postgresql+asyncpg:///app?host=/run/postgresql&host=db:5432", BOTH_RISKS),
        ("postgresql+asyncpg://app:4f9a8c@db/app?ssl=verify-full&password=postgres", ["default-database-password"]),
        ("postgresql+asyncpg:///app?dsn=postgresql://db", BOTH_RISKS),
        ("postgresql+asyncpg:///app?service=db&servicefile=/etc/pg_service.conf", BOTH_RISKS),
    ],
)
def test_what_must_not_reach_production_is_named(monkeypatch: pytest.MonkeyPatch, url: str, risks: list[str]) -> None:
    monkeypatch.delenv("PGHOST", raising=False)

    assert [risk for risk, _ in KIND.problems(url, workers=4)] == risks


@pytest.mark.asvs("V12.3.1")
def test_a_server_that_only_the_environment_names_is_none_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGHOST", "db.example.com")

    assert [risk for risk, _ in KIND.problems("postgresql+asyncpg:///app", workers=4)] == BOTH_RISKS
