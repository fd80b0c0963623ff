"""A request whose body is held back: it acts with the rights of when it is complete, and not for ever."""

import asyncio

import pytest
from starlette.types import Message

from app.core.application import Application
from app.core.routing import FRESH_FOR
from tests.conftest import MakeApp
from tests.support.carrying import each_way
from tests.support.clock import FakeClock
from tests.support.people import Person, SignUp, logged_in
from tests.support.planting import RawRequest

LATE_SECONDS = FRESH_FOR.total_seconds() + 0.1


class HeldRequest(RawRequest):
    """Sends its headers at once, and its body when it is let go."""

    def __init__(self, person: Person, method: str, path: str, body: bytes) -> None:
        headers = {"host": "localhost", "content-type": "application/json", "content-length": str(len(body))}
        headers |= {name.lower(): value for name, value in person.carried.headers.items()}
        super().__init__(method, path, [(name.encode(), value.encode()) for name, value in headers.items()], body)
        self._let_go = asyncio.Event()
        self._asked_for = asyncio.Event()

    async def begin(self, app: Application) -> "asyncio.Task[RawRequest]":
        """Send the headers; return what will be the answer, once the body has been waited for."""
        task = asyncio.create_task(self.send_to(app))
        await asyncio.wait_for(self._asked_for.wait(), 5)
        return task

    def let_go(self) -> None:
        self._let_go.set()

    async def _receive(self) -> Message:
        self._asked_for.set()
        await self._let_go.wait()
        return await super()._receive()


@each_way
@pytest.mark.asvs("V7.4.1")
async def test_a_body_held_back_does_not_act_after_logout(app: Application, as_user: SignUp, clock: FakeClock) -> None:
    alice = await as_user("alice@example.com")
    held = HeldRequest(alice, "PATCH", "/users/me", b'{"email": "mallory@example.com"}')
    answer = await held.begin(app)

    assert (await alice.post("/auth/logout")).status_code == 204
    clock.advance(seconds=LATE_SECONDS)
    held.let_go()

    assert (await answer).status == 401
    await alice.log_in()
    assert (await alice.get("/users/me")).json()["email"] == "alice@example.com"


@each_way
@pytest.mark.asvs("V7.4.1", "V7.4.2")
async def test_a_body_held_back_opens_no_session_after_logout(
    app: Application, as_user: SignUp, clock: FakeClock
) -> None:
    alice = await as_user("alice@example.com")
    held = HeldRequest(alice, "POST", "/auth/reauthenticate", b'{"password": "%s"}' % alice.password.encode())
    answer = await held.begin(app)

    await alice.post("/auth/logout")
    clock.advance(seconds=LATE_SECONDS)
    held.let_go()

    assert (await answer).status == 401


@each_way
async def test_a_body_that_comes_late_is_taken_from_who_is_still_logged_in(
    app: Application, as_user: SignUp, clock: FakeClock
) -> None:
    alice = await as_user("alice@example.com")
    held = HeldRequest(alice, "PATCH", "/users/me", b'{"email": "alice@example.org"}')
    answer = await held.begin(app)

    clock.advance(seconds=LATE_SECONDS)
    held.let_go()

    assert (await answer).status == 200


@pytest.mark.asvs("V15.2.2")
async def test_a_body_cannot_be_held_back_for_ever(make_app: MakeApp) -> None:
    app = make_app(MAX_BODY_SECONDS="0.05")
    async with logged_in(app) as alice:
        answer = await HeldRequest(alice, "PATCH", "/users/me", b"{}").begin(app)

        assert (await asyncio.wait_for(answer, 5)).status == 408
