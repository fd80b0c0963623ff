"""Hashing is slow on purpose: it runs in a bounded pool, never on the event loop, and refuses what it cannot take."""

import asyncio
import threading
from collections.abc import AsyncIterator
from typing import Any

import pytest
from anyio.lowlevel import checkpoint

from app.accounts.hashing import PasswordHasher
from app.accounts.service import Accounts
from app.accounts.throttle import FREE_FAILURES, Throttle
from app.core.application import Application
from app.core.errors import Problem
from app.core.login import Attempt
from tests.conftest import MakeApp
from tests.support.carrying import REFUSED
from tests.support.client import ApiClient
from tests.support.passwords import kernel_of
from tests.support.people import log_in, try_login

PATIENCE = 5.0


class HeldContext:
    """Verifies nothing until it is let go; says when it has begun."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.begun_in = ""
        self._may_end = threading.Event()
        self._loop = asyncio.get_running_loop()

    def verify(self, _password: str, _stored: str) -> bool:
        self.begun_in = threading.current_thread().name
        self._loop.call_soon_threadsafe(self.begun.set)
        assert self._may_end.wait(PATIENCE), "the event loop was blocked"
        return False

    def let_go(self) -> None:
        self._may_end.set()


@pytest.fixture
def app(make_app: MakeApp) -> Application:
    """One thread, and one place to wait."""
    return make_app(PASSWORD_THREADS="1", PASSWORD_QUEUE="1")


@pytest.fixture
def hasher(app: Application) -> PasswordHasher:
    found: PasswordHasher = kernel_of(app).provided(Accounts)._hasher
    found.warm_up()
    return found


@pytest.fixture
async def held(hasher: Any) -> AsyncIterator[HeldContext]:
    context = HeldContext()
    hasher.context = context
    yield context
    context.let_go()
    hasher.close()


async def begin(hasher: PasswordHasher) -> asyncio.Task[tuple[bool, str | None]]:
    """Begin a verification, far enough that it has its place."""
    task = asyncio.create_task(hasher.verify("anything", None))
    await checkpoint()
    return task


async def test_the_event_loop_goes_on_while_a_password_is_verified(
    client: ApiClient, hasher: PasswordHasher, held: HeldContext
) -> None:
    task = await begin(hasher)
    await asyncio.wait_for(held.begun.wait(), PATIENCE)

    meanwhile = await client.get("/health/live")

    assert meanwhile.status_code == 200
    assert not task.done()
    assert held.begun_in.startswith("password")
    held.let_go()
    assert await task == (False, None)


async def test_what_finds_the_queue_full_is_503_at_once(
    client: ApiClient, hasher: PasswordHasher, held: HeldContext
) -> None:
    tasks = [await begin(hasher), await begin(hasher)]

    login = await log_in(client, "alice@example.com", "a harbour full of quiet boats")
    registration = await client.post(
        "/auth/register", json={"email": "alice@example.com", "password": "a harbour full of quiet boats"}
    )

    for answer in (login, registration):
        assert (answer.status_code, answer.json()["code"]) == (503, "busy")
        assert int(answer.headers["Retry-After"]) >= 1
    held.let_go()
    assert await asyncio.gather(*tasks) == [(False, None)] * 2
    assert await try_login(client, "bob@example.com", "a harbour full of quiet boats") == REFUSED


async def test_an_overload_does_not_make_the_owner_wait(
    client: ApiClient, hasher: PasswordHasher, held: HeldContext
) -> None:
    tasks = [await begin(hasher), await begin(hasher)]

    statuses = [await try_login(client, "alice@example.com", "anything") for _ in range(7)]

    assert statuses == [503] * 7
    held.let_go()
    await asyncio.gather(*tasks)
    assert await try_login(client, "alice@example.com", "anything") == REFUSED


async def test_an_overload_forgives_no_failure(client: ApiClient, hasher: PasswordHasher, held: HeldContext) -> None:
    held.let_go()
    for _ in range(FREE_FAILURES - 1):
        assert await try_login(client, "alice@example.com", "anything") == REFUSED
    hasher.close()
    after_the_pool_has_gone = await log_in(client, "alice@example.com", "anything")

    last_free, blocked = [await count_as_failure(client.app, "alice@example.com") for _ in range(2)]

    assert after_the_pool_has_gone.status_code == 500
    assert (last_free, blocked) == (True, False)


async def count_as_failure(app: Application, address: str) -> bool:
    """Begin one more guess from the client's network; return whether it would have been looked at."""
    try:
        await kernel_of(app).provided(Throttle).before(Attempt(action="login", network="127.0.0.1", account=address))
    except Problem:
        return False
    return True


async def test_a_cancelled_request_gives_its_place_back(hasher: PasswordHasher, held: HeldContext) -> None:
    running, waiting = await begin(hasher), await begin(hasher)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)

    next_one = await begin(hasher)

    assert waiting.cancelled()
    assert not next_one.done()
    held.let_go()
    assert await asyncio.gather(running, next_one) == [(False, None)] * 2


async def test_what_goes_wrong_in_the_pool_gives_its_place_back(hasher: Any) -> None:
    class BrokenContext:
        def verify(self, _password: str, _stored: str) -> bool:
            message = "out of memory"
            raise MemoryError(message)

    working, hasher.context = hasher.context, BrokenContext()
    failures = [await asyncio.gather(hasher.verify("anything", None), return_exceptions=True) for _ in range(3)]

    hasher.context = working

    assert all(isinstance(failure, MemoryError) for (failure,) in failures)
    assert await hasher.verify("anything", None) == (False, None)
