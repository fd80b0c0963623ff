"""Fixtures for this project's own tests and for yours.

`client` is anonymous, `as_user` logs someone in, `clock` moves time, `events` hears the security events. Tests never
read `.env`, and refuse a database whose name does not end in `_test`.
"""

import os
import secrets
from collections.abc import AsyncIterator, Callable
from functools import cache

import pytest

from tests.support.clock import FakeClock
from tests.support.people import Person, SignUp
from tests.support.safety import refuse_unless_for_tests
from tests.support.threads import let_connections_end

os.environ |= {
    "APP_ENV": "test",
    "SECRET_KEY": secrets.token_hex(32),
    "REGISTRATION": "open",
    # Cheap on purpose, so that the suite is fast; production refuses these.
    "PASSWORD_MEMORY_KIB": "8",
    "PASSWORD_ROUNDS": "1",
}

from app.core.application import Application
from app.core.events import SecurityEvent
from app.core.settings import Settings
from app.core.start import load_settings
from app.main import DATABASE, SLICES, create_app
from tests.support.client import ApiClient

MakeApp = Callable[..., Application]


def _environment() -> frozenset[tuple[str, str]]:
    return frozenset((name, value) for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST")


@cache
def _settings(_environment: frozenset[tuple[str, str]]) -> Settings:
    """Read the settings once for all tests with the same environment: it takes longer than many a test."""
    return load_settings(SLICES, DATABASE)


@pytest.fixture
def anyio_backend() -> str:
    """Run async tests on asyncio, as uvicorn does."""
    return "asyncio"


@pytest.fixture
def clock() -> FakeClock:
    """A clock that stands still until `clock.advance(seconds=...)` moves it."""
    return FakeClock()


@pytest.fixture
async def make_app(database_url: str, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[MakeApp]:
    """Make an application with settings of your own: `make_app(BEARER_ACCESS_SECONDS="60")`."""
    refuse_unless_for_tests(database_url)
    made: list[Application] = []

    def make(**settings: str) -> Application:
        for name, value in {"DATABASE_URL": database_url, **settings}.items():
            monkeypatch.setenv(name, value)
        made.append(create_app(_settings(_environment()), now=clock))
        return made[-1]

    yield make
    for each in made:
        await each.state.kernel.store.engine.dispose()
    await let_connections_end()


@pytest.fixture
def app(make_app: MakeApp) -> Application:
    """The application, on an empty database."""
    return make_app()


@pytest.fixture
def events(app: Application) -> list[SecurityEvent]:
    """The security events told since the test began."""
    heard: list[SecurityEvent] = []

    async def listen(event: SecurityEvent) -> None:
        heard.append(event)

    app.state.kernel.listeners.append(listen)
    return heard


@pytest.fixture
async def client(app: Application) -> AsyncIterator[ApiClient]:
    """A client without a credential."""
    async with ApiClient(app) as anonymous:
        yield anonymous


@pytest.fixture
async def as_user(app: Application) -> AsyncIterator[SignUp]:
    """Make an account and log in: `alice = await as_user()`. The client it returns sends the access token."""
    people: list[Person] = []

    async def sign_up(email: str | None = None, *, network: str = "127.0.0.1") -> Person:
        person = Person(app, email or f"person{len(people)}@example.com", network=network)
        people.append(person)
        await person.register()
        await person.log_in()
        return person

    yield sign_up
    for person in people:
        await person.aclose()
