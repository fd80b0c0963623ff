"""PostgreSQL: readers without a transaction, locks that are not waited for forever, errors that say what passes."""

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from anyio import to_thread
from sqlalchemy import Select, insert, make_url, select, text, update
from sqlalchemy.exc import InterfaceError, OperationalError, ResourceClosedError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from app.accounts.models import LoginThrottle
from app.accounts.throttle import ALL_NETWORKS, KEPT_FOR, Throttle
from app.core.application import Application
from app.core.database import Database, Store
from app.core.errors import NOT_REACHED
from app.core.kernel import Kernel
from app.core.login import LOGIN
from app.core.models import AuthSession, User
from app.core.postgresql import KIND
from app.core.routing import Router
from app.core.settings import SettingsError
from app.core.types import LONGEST_EMAIL
from tests.conftest import MakeApp
from tests.core.test_migrations import alembic_on
from tests.support.client import ApiClient
from tests.support.clock import FakeClock
from tests.support.environment import PROJECT, run_python
from tests.support.meanwhile import begun
from tests.support.passwords import kernel_of
from tests.support.people import SignUp, log_in
from tests.support.planting import plant
from tests.support.production import OUT_OF_REACH

BOTH_RISKS = ["database-without-verified-tls", "default-database-password"]
REGISTERS = {"email": "alice@example.com", "password": "a harbour full of quiet boats"}


@pytest.fixture
def store(app: Application) -> Store:
    kept: Store = app.state.kernel.store
    return kept


@pytest.fixture
async def impatient(database_url: str) -> AsyncIterator[Store]:
    """A store with two connections that waits half a second for a lock or a connection, and may take it to connect."""
    engine = KIND.connect(database_url, pool_size=2, timeout=0.5)
    yield Store(engine, KIND)
    await engine.dispose()


async def test_a_reader_opens_no_transaction(store: Store) -> None:
    # VACUUM refuses to run inside of one; it returns no rows, which is what is complained about here.
    with pytest.raises(ResourceClosedError):
        await store.first(text("VACUUM users"), {})


@pytest.mark.asvs("V13.2.6")
async def test_every_connection_knows_how_long_to_wait(store: Store) -> None:
    async with store.reading() as db:
        assert await db.scalar(text("SHOW lock_timeout")) == "5s"


@asynccontextmanager
async def maintaining(url: str) -> AsyncGenerator[tuple[AsyncConnection, str]]:
    """Connect as who looks after the server: yield a connection without transactions, and the database's name."""
    engine = create_async_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        yield connection, str(make_url(url).database)


@asynccontextmanager
async def set_to(url: str, setting: str, value: str) -> AsyncGenerator[None]:
    """Set what every new connection to the database begins with."""
    async with maintaining(url) as (connection, name):
        await connection.execute(text(f"ALTER DATABASE {name} SET {setting} = '{value}'"))
        try:
            yield
        finally:
            await connection.execute(text(f"ALTER DATABASE {name} RESET {setting}"))


@pytest.fixture
async def database_of_another_level(database_url: str) -> AsyncIterator[str]:
    """The database, as somebody has set it who wants every transaction to see one moment."""
    async with set_to(database_url, "default_transaction_isolation", "repeatable read"):
        yield database_url


@pytest.fixture
async def empty_database(database_url: str) -> AsyncIterator[str]:
    """The URL of a database without tables, beside the one of the other tests."""
    async with maintaining(database_url) as (connection, name):
        beside = f"beside_{name}"
        await connection.execute(text(f"DROP DATABASE IF EXISTS {beside} WITH (FORCE)"))
        await connection.execute(text(f"CREATE DATABASE {beside}"))
        yield make_url(database_url).set(database=beside).render_as_string(hide_password=False)
        await connection.execute(text(f"DROP DATABASE {beside} WITH (FORCE)"))


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


@pytest.mark.asvs("V13.2.6", "V15.4.3")
async def test_a_lock_that_is_not_given_in_time_is_an_error_that_passes(impatient: Store) -> None:
    async with impatient.transaction() as first:
        await first.execute(text("LOCK TABLE users IN ACCESS EXCLUSIVE MODE"))
        with pytest.raises(OperationalError):
            async with impatient.transaction() as second:
                await second.execute(select(User))


@pytest.mark.asvs("V13.2.6", "V16.5.2")
async def test_a_locked_table_is_a_503(make_app: MakeApp) -> None:
    app = make_app(DATABASE_TIMEOUT_SECONDS="0.5")
    store: Store = app.state.kernel.store
    async with store.transaction() as db, ApiClient(app) as client:
        await db.execute(text("LOCK TABLE users IN ACCESS EXCLUSIVE MODE"))
        answer = await client.post("/auth/register", json=REGISTERS)

    assert answer.status_code == 503
    assert answer.json()["code"] == "unavailable"
    assert answer.headers["Retry-After"] == "5"


@pytest.mark.asvs("V13.2.6")
async def test_a_pool_without_a_connection_left_is_an_error_that_passes(impatient: Store) -> None:
    async with impatient.transaction() as one, impatient.transaction() as two:
        await one.execute(text("SELECT 1"))
        await two.execute(text("SELECT 1"))
        with pytest.raises(PoolTimeoutError):
            await impatient.first(text("SELECT 1"), {})


@pytest.mark.asvs("V16.5.2")
async def test_a_connection_that_the_server_closed_costs_one_503_and_is_replaced(
    as_user: SignUp, database_url: str
) -> None:
    alice = await as_user()
    engine = KIND.connect(database_url, pool_size=1, timeout=5)
    async with engine.connect() as connection:
        await connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    await engine.dispose()

    answers = [await alice.get("/users/me") for _ in range(3)]

    assert {answer.status_code for answer in answers} <= {200, 503}
    assert answers[-1].status_code == 200


@asynccontextmanager
async def longer_addresses(url: str) -> AsyncGenerator[None]:
    """Let addresses be longer for a while, as a migration does."""
    async with maintaining(url) as (connection, _):
        alter = "ALTER TABLE users ALTER email TYPE varchar"
        await connection.execute(text(f"{alter}({LONGEST_EMAIL + 1})"))
        try:
            yield
        finally:
            await connection.execute(text(f"{alter}({LONGEST_EMAIL})"))


@pytest.mark.asvs("V16.5.2")
async def test_a_column_that_changes_under_a_running_server_costs_one_503(as_user: SignUp, database_url: str) -> None:
    """What the server has planned for the former type, it refuses to run."""
    alice = await as_user()
    before = await alice.get("/users/me")
    async with longer_addresses(database_url):
        answers = [before, *[await alice.get("/users/me") for _ in range(3)]]

    assert [answer.status_code for answer in answers] == [200, 503, 200, 200]
    assert answers[1].headers["Retry-After"] == "5"


@pytest.mark.parametrize(
    "changes",
    [
        {"host": "127.0.0.1", "port": 1, "query": {}},
        {"host": "no-such-host.invalid", "query": {}},
        {"host": None, "port": None, "query": {"host": "/no/such/socket"}},
        {"host": "255.255.255.255", "query": {}},
        {"database": "no_such_test"},
        {"username": "nobody"},
    ],
    ids=["refused", "unknown name", "no socket", "no way", "no database", "no user"],
)
async def test_a_server_that_is_not_there_is_an_error_that_passes(
    database_url: str, changes: dict[str, object]
) -> None:
    url = make_url(database_url).set(**changes)  # type: ignore[arg-type]  # pyrefly: ignore
    engine = KIND.connect(url.render_as_string(hide_password=False), pool_size=1, timeout=1)

    with pytest.raises(NOT_REACHED):
        await Store(engine, KIND).first(text("SELECT 1"), {})
    await engine.dispose()


@pytest.mark.asvs("V16.5.2")
async def test_a_server_that_lets_nobody_in_is_a_503(make_app: MakeApp, database_url: str, empty_database: str) -> None:
    async with maintaining(database_url) as (connection, _):
        await connection.execute(text(f"ALTER DATABASE {make_url(empty_database).database} ALLOW_CONNECTIONS false"))
    async with ApiClient(make_app(DATABASE_URL=empty_database)) as client:
        answer = await client.post("/auth/register", json=REGISTERS)

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"


@pytest.mark.asvs("V16.5.2")
async def test_a_database_that_takes_no_writes_is_a_503_until_it_takes_them_again(
    client: ApiClient, database_url: str
) -> None:
    """So does a server that follows another one, which a name may lead to while the two change places."""
    async with set_to(database_url, "default_transaction_read_only", "on"):
        refused = await client.post("/auth/register", json=REGISTERS)
    taken = await client.post("/auth/register", json=REGISTERS)

    assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
    assert taken.is_success


@pytest.mark.asvs("V16.5.2")
async def test_a_database_that_takes_no_writes_is_not_ready_until_it_takes_them_again(
    client: ApiClient, store: Store, database_url: str, clock: FakeClock
) -> None:
    """Nobody is sent here then whose write would find out."""
    before = await client.get("/health/ready")
    clock.advance(seconds=1)
    async with set_to(database_url, "default_transaction_read_only", "on"):
        await store.engine.dispose()
        without = await client.get("/health/ready")
    clock.advance(seconds=1)
    after = await client.get("/health/ready")

    assert [answer.status_code for answer in (before, without, after)] == [200, 503, 200]


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


def test_a_server_that_does_not_answer_is_one_line_to_who_migrates() -> None:
    """It is the first thing that goes wrong on a new machine: nobody has started PostgreSQL yet."""
    migrated = run_python("-m", "app.manage", "migrate", folder=PROJECT, APP_ENV="test", **OUT_OF_REACH)

    assert migrated.returncode
    assert "the database cannot be reached" in migrated.stdout + migrated.stderr
    assert "Traceback" not in migrated.stderr
    assert "kanary7" not in migrated.stdout + migrated.stderr


class Hurried:
    """The kind, whose engines wait a second whatever they are told."""

    def __getattr__(self, name: str) -> Any:
        return getattr(KIND, name)

    def connect(self, url: str, *, timeout: float, **how: Any) -> AsyncEngine:
        del timeout
        return KIND.connect(url, timeout=1, **how)


@pytest.fixture
def hurried(empty_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let who migrates the empty database be in a hurry."""
    monkeypatch.setattr("app.main.DATABASE", Hurried())
    monkeypatch.setenv("DATABASE_URL", empty_database)


SLOW = """
from alembic import op

revision = "slow"
down_revision = None


def upgrade() -> None:
    op.execute("SELECT pg_sleep(6.5)")
"""


@pytest.mark.usefixtures("hurried")
async def test_a_statement_of_a_migration_may_take_as_long_as_it_takes(tmp_path: Path) -> None:
    """An index on a large table takes longer than any request may."""
    (tmp_path / "slow.py").write_text(SLOW, encoding="utf-8")
    config = Config("alembic.ini")
    config.set_main_option("version_locations", str(tmp_path))

    # In a thread, since migrations run a loop of their own.
    await to_thread.run_sync(command.upgrade, config, "head")


async def forget_the_former_password(throttle: Throttle, email: str) -> None:
    async with throttle._store.transaction() as db:
        await throttle.forget_action(db, email, LOGIN)


Forgetting = Callable[[Throttle, str], Coroutine[Any, Any, object]]

FORGETTING: dict[str, Forgetting] = {
    "purge": lambda throttle, _: throttle.purge(),
    "unlock": lambda throttle, email: throttle.unlock(email),
    "a new owner": lambda throttle, email: throttle.forget_address(email),
    "a new password": forget_the_former_password,
}


async def leave_due(kernel: Kernel, email: str) -> None:
    """Leave what was counted of an account long ago: first, as it lies, what a login locks last."""
    throttle = kernel.provided(Throttle)
    await throttle.forget_address(email)
    long_ago = kernel.now() - KEPT_FOR - timedelta(seconds=1)
    counted = {"account": throttle.account_key(email), "action": "login", "failures": 1, "changed_at": long_ago}
    async with kernel.store.transaction() as db:
        for network in ("127.0.0.1", ALL_NETWORKS):
            await db.execute(insert(LoginThrottle).values(**counted, network=network))


@pytest.mark.asvs("V15.4.3")
@pytest.mark.parametrize("forget", FORGETTING.values(), ids=FORGETTING)
async def test_a_login_and_what_forgets_failures_do_not_wait_for_each_other(
    as_user: SignUp, forget: Forgetting
) -> None:
    """The server would end one of them."""
    alice = await as_user()
    kernel = kernel_of(alice.app)
    await leave_due(kernel, alice.email)
    async with kernel.store.transaction() as db:
        await db.execute(select(LoginThrottle).where(LoginThrottle.network == ALL_NETWORKS).with_for_update())
        logging_in = await begun(log_in(alice, alice.email, alice.password))
        forgetting = await begun(forget(kernel.provided(Throttle), alice.email))

    assert (await logging_in).is_success
    await forgetting


_WAITING = """
SELECT count(*) FROM pg_locks JOIN pg_database ON database = pg_database.oid
WHERE NOT granted AND locktype = 'advisory' AND datname = current_database()
"""


async def somebody_waits(url: str) -> None:
    """Return as soon as somebody waits for what another holds."""
    async with maintaining(url) as (connection, _):
        while not await connection.scalar(text(_WAITING)):
            await connection.execute(text("SELECT pg_sleep(0.01)"))


@pytest.fixture
async def under_migration(empty_database: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[AsyncConnection]:
    """A connection over which the empty database is brought up to date; whoever migrates now does so beside it."""
    monkeypatch.setenv("DATABASE_URL", empty_database)
    engine = create_async_engine(empty_database, poolclass=NullPool)
    async with engine.connect() as connection:
        await connection.begin()
        await connection.run_sync(lambda one: command.upgrade(alembic_on(one), "head"))
        yield connection


async def test_who_migrates_while_another_does_waits_and_finds_nothing_to_do(
    under_migration: AsyncConnection, empty_database: str
) -> None:
    """Each copy of a deployment may do so as it starts."""
    second = asyncio.create_task(to_thread.run_sync(command.upgrade, Config("alembic.ini"), "head"))
    await asyncio.wait_for(somebody_waits(empty_database), 10)
    await under_migration.commit()

    await second


@pytest.mark.usefixtures("under_migration", "hurried")
async def test_who_has_waited_too_long_for_another_who_migrates_is_told_so_in_one_line() -> None:
    with pytest.raises(CommandError, match="Does another migration still run"):
        await to_thread.run_sync(command.upgrade, Config("alembic.ini"), "head")
