"""Someone who has an account and is logged in."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Generic, TypeVar

import httpx

from app.core.application import Application
from app.core.login import Login
from app.core.sessions import Lifetimes
from tests.support.carrying import REFUSED, WAYS, Carried, Way
from tests.support.client import ApiClient
from tests.support.clock import FakeClock
from tests.support.routes import RIGHTS

PASSWORD = "a harbour full of quiet boats"


class Person(ApiClient):
    """A client that presents the session of one account."""

    def __init__(self, app: Application, email: str, *, network: str = "127.0.0.1", way: Way | None = None) -> None:
        super().__init__(app, network=network)
        self.email = email
        self.password = PASSWORD
        self.way = way or WAYS[0]
        self._carried: Carried | None = None

    @property
    def carried(self) -> Carried:
        """The session, as it is carried now."""
        assert self._carried is not None, f"{self.email} has not logged in"
        return self._carried

    def carry(self, carried: Carried) -> None:
        """Present this session from now on."""
        self._carried = carried
        self.headers.update(carried.headers)

    def take(self, answer: httpx.Response) -> None:
        """Present the session that an answer hands out."""
        self.carry(self.way.carried(answer))

    async def register(self) -> None:
        """Make the account."""
        made = await self.post("/auth/register", json={"email": self.email, "password": self.password})
        assert made.status_code == 201, made.text

    async def log_in(self) -> None:
        """Log in and present that session from now on."""
        self.take(await self.way.log_in(self, self.email, self.password))

    def copy(self) -> "Person":
        """Return another client that presents the same session."""
        other = Person(self.app, self.email, way=self.way)
        other.carry(self.carried)
        return other

    async def renew(self) -> bool:
        """Use the session, so that it stays; return whether it was still there."""
        renewed = await self.way.renew(self, self.carried)
        self.carry(renewed or self.carried)
        return renewed is not None

    async def is_in(self) -> bool:
        """Return whether the session is still taken, by each of its credentials alike."""
        by_request = (await self.get("/users/me")).status_code == 200
        assert await self.renew() == by_request
        return by_request


P = TypeVar("P", bound=Person)


class SignUps(Generic[P]):
    """Makes accounts and logs them in, each at a client that `make(address, network=...)` returns."""

    def __init__(self, make: Callable[..., P]) -> None:
        self._make = make
        self._people: list[P] = []

    async def __call__(self, email: str | None = None, *, network: str = "127.0.0.1") -> P:
        """Make an account, log in, and return its client."""
        person = await self.register(email, network=network)
        await person.log_in()
        return person

    async def register(self, email: str | None = None, *, network: str = "127.0.0.1") -> P:
        """Make an account, and return the client of someone who has not logged in yet."""
        person = self._make(email or f"person{len(self._people)}@example.com", network=network)
        self._people.append(person)
        await person.register()
        return person

    async def aclose(self) -> None:
        """Close all clients."""
        for person in self._people:
            await person.aclose()


SignUp = SignUps[Person]
"""The fixture `as_user`."""


@asynccontextmanager
async def logged_in(app: Application, *, register: bool = True, way: Way | None = None) -> AsyncGenerator[Person]:
    """Log Alice in at an application that was made with settings of its own; `register` makes her account first."""
    async with Person(app, "alice@example.com", way=way) as person:
        if register:
            await person.register()
        await person.log_in()
        yield person


async def reach_every_route(person: Person) -> None:
    """Let nothing stop what this person sends: no permission that is missing, no guard of another carrier's routes."""
    for give in RIGHTS:
        await give(person)
    await pass_every_guard(person)


async def pass_every_guard(client: ApiClient) -> None:
    """Send along what guards of a carrier's routes ask of those whose session it does not carry."""
    for way in WAYS:
        if not isinstance(client, Person) or way is not client.way:
            client.headers.update(await way.passing(client))


async def log_in(client: httpx.AsyncClient, email: str, password: str) -> httpx.Response:
    """Log in and return the answer, whatever it is. No credential is sent along."""
    return await _way_of(client).log_in(client, email, password)


async def try_login(client: httpx.AsyncClient, email: str, password: str) -> int:
    """Log in and return the status of the answer: `REFUSED` for a wrong address or password."""
    answer = await log_in(client, email, password)
    return REFUSED if _way_of(client).refuses(answer) else answer.status_code


def _way_of(client: httpx.AsyncClient) -> Way:
    return client.way if isinstance(client, Person) else WAYS[0]


def lifetimes_of(person: Person) -> Lifetimes:
    """Return how long a session lasts that is carried in this way."""
    login: Login = person.app.state.kernel.login
    return login.carriers[person.way.name].lifetimes


async def grow_old(person: Person, clock: FakeClock, **by: float) -> None:
    """Let time pass while the session is in use: that keeps it alive and makes its login no younger."""
    step = lifetimes_of(person).idle / 2
    remaining = timedelta(**by)
    while remaining > timedelta():
        clock.moment += min(step, remaining)
        remaining -= step
        assert await person.renew()
