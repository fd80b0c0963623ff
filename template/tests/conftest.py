"""Fixtures for this project's own tests and for yours.

`client` is anonymous, `as_user` logs someone in, `clock` moves time, `events` hears the security events. Tests never
read `.env`, and refuse a database whose name does not end in `_test`.
"""

import os
import secrets
import sys
from collections.abc import AsyncIterator, Callable
from functools import cache, partial
from pathlib import Path

import pytest

from tests.support.carrying import WAYS, Way
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
from tests.support import things as things_of_the_tests
from tests.support.client import ApiClient
from tests.support.engines import KeptEngines
from tests.support.environment import Machine
from tests.support.production import FIT

ENGINES = KeptEngines(DATABASE)

MakeApp = Callable[..., Application]


def _environment() -> frozenset[tuple[str, str]]:
    return frozenset((name, value) for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST")


@cache
def _settings(_environment: frozenset[tuple[str, str]]) -> Settings:
    """Read the settings once for all tests with the same environment: it takes longer than many a test."""
    return load_settings(SLICES, DATABASE)


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, bool]]:
    """Run async tests on asyncio, and on uvloop where there is one, as uvicorn does."""
    return "asyncio", {"use_uvloop": sys.platform != "win32"}


@pytest.fixture
def clock() -> FakeClock:
    """A clock that stands still until `clock.advance(seconds=...)` moves it."""
    return FakeClock()


@pytest.fixture
async def make_app(database_url: str, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[MakeApp]:
    """Make an application with settings of your own: `make_app(MAX_BODY_BYTES="2048")`."""
    refuse_unless_for_tests(database_url)
    monkeypatch.setattr("app.main.DATABASE", ENGINES)
    made: list[Application] = []

    def make(**settings: str) -> Application:
        for name, value in {"DATABASE_URL": database_url, **settings}.items():
            monkeypatch.setenv(name, value)
        made.append(create_app(_settings(_environment()), now=clock))
        return made[-1]

    yield make
    for each in made:
        await each.state.kernel.close()
    await ENGINES.take_back()
    await let_connections_end()


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Machine:
    """A machine that production would start on."""
    return Machine(monkeypatch, tmp_path).set(**FIT)


@pytest.fixture
def things(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let applications and commands also have the slice of `tests.support.things`."""
    for module in ("app.main", "app.manage"):
        monkeypatch.setattr(f"{module}.SLICES", (*SLICES, things_of_the_tests.SLICE))


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
def way(request: pytest.FixtureRequest) -> Way:
    """How people carry their sessions: as the first way says, unless a test is marked `@each_way`."""
    chosen: Way = getattr(request, "param", WAYS[0])
    return chosen


@pytest.fixture
async def as_user(app: Application, way: Way) -> AsyncIterator[SignUp]:
    """Make an account and log in: `alice = await as_user()`. The client it returns presents the session."""
    sign_up = SignUp(partial(Person, app, way=way))
    yield sign_up
    await sign_up.aclose()
