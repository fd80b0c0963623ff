"""PostgreSQL gone, locked, changing, or taking nobody and nothing: a 503 that passes by itself."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import make_url, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from app.core.application import Application
from app.core.database import Store
from app.core.errors import NOT_REACHED
from app.core.models import User
from app.core.postgresql import KIND
from app.core.types import LONGEST_EMAIL
from tests.conftest import MakeApp
from tests.support.client import ApiClient
from tests.support.clock import FakeClock
from tests.support.passwords import kernel_of
from tests.support.people import SignUp
from tests.support.postgresql import maintaining, set_to
from tests.support.silent_way import SilentWay, silent_way_to

REGISTERS = {"email": "alice@example.com", "password": "a harbour full of quiet boats"}


@pytest.fixture
async def impatient(database_url: str) -> AsyncIterator[Store]:
    """A store with two connections that waits two seconds for a lock or a connection, and may take them to connect."""
    engine = KIND.connect(database_url, pool_size=2, timeout=2)
    yield Store(engine, KIND)
    await engine.dispose()


@pytest.mark.asvs("V13.2.6", "V15.4.3")
async def test_a_lock_that_is_not_given_in_time_is_an_error_that_passes(impatient: Store) -> None:
    async with impatient.transaction() as first:
        await first.execute(text("LOCK TABLE users IN ACCESS EXCLUSIVE MODE"))
        with pytest.raises(OperationalError):
            async with impatient.transaction() as second:
                await second.execute(select(User))


@pytest.mark.asvs("V13.2.6", "V16.5.2")
async def test_a_locked_table_is_a_503(make_app: MakeApp) -> None:
    app = make_app(DATABASE_TIMEOUT_SECONDS="2")
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


@pytest.fixture
async def silent_way(database_url: str) -> AsyncIterator[tuple[str, SilentWay]]:
    """A URL of the test database, and what can make the connections fall silent that it leads to."""
    async with silent_way_to(database_url) as found:
        yield found


@pytest.mark.asvs("V16.5.2")
async def test_connections_that_fall_silent_cost_one_503_together(
    make_app: MakeApp, silent_way: tuple[str, SilentWay]
) -> None:
    """Each would be waited for anew: ten times half a minute, while the server could be reached all the time."""
    url, way = silent_way
    store = kernel_of(make_app(DATABASE_URL=url, DATABASE_TIMEOUT_SECONDS="1")).store
    async with store.reading() as one, store.reading() as two:
        await one.execute(text("SELECT 1"))
        await two.execute(text("SELECT 1"))

    way.fall_silent()
    with pytest.raises(OperationalError):
        await store.first(text("SELECT 1"), {})
    assert await store.first(text("SELECT 1"), {}) is not None


@pytest.mark.asvs("V16.5.2")
async def test_a_server_that_fell_silent_keeps_no_process_from_its_end(
    make_app: MakeApp, silent_way: tuple[str, SilentWay]
) -> None:
    """Saying goodbye to each connection would take as long as a command may, one after the other."""
    url, way = silent_way
    kernel = kernel_of(make_app(DATABASE_URL=url, DATABASE_TIMEOUT_SECONDS="1"))
    async with kernel.store.reading() as one, kernel.store.reading() as two:
        await one.execute(text("SELECT 1"))
        await two.execute(text("SELECT 1"))

    way.fall_silent()
    async with asyncio.timeout(5):
        await kernel.close()


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
    client: ApiClient, app: Application, database_url: str, clock: FakeClock
) -> None:
    """Nobody is sent here then whose write would find out."""
    before = await client.get("/health/ready")
    clock.advance(seconds=1)
    async with set_to(database_url, "default_transaction_read_only", "on"):
        await app.state.kernel.store.engine.dispose()
        without = await client.get("/health/ready")
    clock.advance(seconds=1)
    after = await client.get("/health/ready")

    assert [answer.status_code for answer in (before, without, after)] == [200, 503, 200]
