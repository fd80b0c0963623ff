"""What has to be done before anybody is looked up: once, whoever comes first, and again when it failed."""

import asyncio

import pytest
from sqlalchemy.exc import OperationalError

from app.core.application import Application
from tests.support.client import ApiClient
from tests.support.clock import FakeClock
from tests.support.people import SignUp


class Step:
    """A step that fails until it is mended, and counts."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.failure = failure
        self.done = 0

    async def __call__(self) -> None:
        await asyncio.sleep(0)
        if self.failure is not None:
            raise self.failure
        self.done += 1


GONE = OperationalError("", None, Exception("the database is gone"))


async def test_requests_that_come_at_once_wait_for_one_of_them(as_user: SignUp) -> None:
    alice = await as_user()
    step = Step()
    alice.app.state.kernel.prepare(step)

    answers = await asyncio.gather(*(alice.get("/users/me") for _ in range(5)))

    assert [answer.status_code for answer in answers] == [200] * 5
    assert step.done == 1


async def test_nobody_is_let_in_before_it_is_done(as_user: SignUp) -> None:
    alice = await as_user()
    step = Step(GONE)
    alice.app.state.kernel.prepare(step)

    before = await alice.get("/users/me")
    step.failure = None
    after = await alice.get("/users/me")

    assert [before.status_code, after.status_code] == [503, 200]
    assert step.done == 1


async def test_a_start_without_its_database_is_a_start_that_is_not_ready(
    app: Application, client: ApiClient, clock: FakeClock
) -> None:
    step = Step(GONE)
    app.state.kernel.prepare(step)

    async with app.router.lifespan_context(app):
        before = await client.get("/health/ready")
        step.failure = None
        clock.advance(seconds=5)
        after = await client.get("/health/ready")

    assert [before.status_code, after.status_code] == [503, 200]
    assert step.done == 1


async def test_a_mistake_in_it_is_no_start(app: Application) -> None:
    app.state.kernel.prepare(Step(ValueError("a mistake")))

    with pytest.raises(ValueError, match="a mistake"):
        async with app.router.lifespan_context(app):
            pass
