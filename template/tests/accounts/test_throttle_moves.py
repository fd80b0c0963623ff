"""Failures when an account changes its address: the account's own come along, those of strangers do not wait there."""

from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, delete, event, insert, select

from app.accounts.models import LoginThrottle
from app.accounts.throttle import ALL_NETWORKS, FREE_FAILURES, Throttle
from app.core.application import Application
from app.core.clock import Clock
from app.core.login import LOGIN
from tests.accounts.test_throttle_networks import HOME, WRONG, close, login_from
from tests.support.carrying import REFUSED
from tests.support.clock import FakeClock
from tests.support.meanwhile import begun
from tests.support.passwords import NEW_PASSWORD, change, kernel_of
from tests.support.people import PASSWORD, Person, SignUp

OLD, NEW = "alice@example.com", "alice@example.net"


async def move(person: Person, *addresses: str) -> None:
    for address in addresses:
        moved = await person.patch("/users/me", json={"email": address})
        assert moved.status_code == 200, moved.text


@pytest.mark.asvs("V6.3.1")
async def test_nobody_closes_an_address_before_its_owner_comes(as_user: SignUp, app: Application) -> None:
    await close(app, NEW)
    alice = await as_user(OLD, network=HOME)

    await move(alice, NEW)

    assert await login_from(app, "203.0.113.200", PASSWORD, NEW) == 200


@pytest.mark.parametrize("addresses", [(OLD.upper(),), (NEW,), (NEW, OLD)], ids=["the same", "another", "and back"])
@pytest.mark.asvs("V6.3.1")
async def test_a_stolen_session_guesses_no_longer_by_changing_the_address(
    as_user: SignUp, addresses: tuple[str, ...]
) -> None:
    thief = await as_user(OLD)
    before = [(await change(thief, current=WRONG)).status_code for _ in range(6)]

    await move(thief, *addresses)

    assert before == [403] * 5 + [429]
    assert (await change(thief, current=WRONG)).status_code == 429


async def test_a_closed_account_stays_closed_to_strangers_and_open_to_its_owner(
    as_user: SignUp, app: Application
) -> None:
    alice = await as_user(OLD, network=HOME)
    await close(app, OLD)

    await move(alice, NEW)

    assert await login_from(app, "203.0.113.200", PASSWORD, NEW) == 429
    assert await login_from(app, HOME, PASSWORD, NEW) == 200


async def test_nothing_stays_at_the_address_that_was_left(as_user: SignUp, app: Application) -> None:
    alice = await as_user(OLD, network=HOME)
    await close(app, OLD)

    await move(alice, NEW)
    bob = await as_user(OLD, network="203.0.113.9")

    assert (await change(bob, NEW_PASSWORD)).status_code == 204
    assert await login_from(app, "203.0.113.10", WRONG, OLD) == REFUSED


def counted_at(app: Application, network: str, **more: Any) -> list[dict[str, Any]]:
    """Return the rows that one attempt from `network` at the new address makes; `more` is in that of the network."""
    kernel = kernel_of(app)
    made = {"account": kernel.provided(Throttle).account_key(NEW), "action": LOGIN, "failures": 1}
    whole = {**made, "network": ALL_NETWORKS, "changed_at": kernel.now(), "blocked_until": None, "succeeded_at": None}
    return [whole, {**whole, "network": network, **more}]


@contextmanager
def counted_between(app: Application, rows: list[dict[str, Any]]) -> Generator[None]:
    """Let these rows appear once the new address has been cleared and before anything is moved there."""
    engine = kernel_of(app).store.engine.sync_engine

    def appear(connection: Connection, _cursor: Any, statement: str, *_more: Any) -> None:
        if rows and statement.startswith("INSERT INTO login_throttles"):
            coming = rows.copy()
            rows.clear()
            connection.execute(insert(LoginThrottle), coming)

    event.listen(engine, "before_cursor_execute", appear)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", appear)


@pytest.mark.asvs("V6.3.1", "V15.4.2")
async def test_a_login_under_way_at_the_new_address_shakes_no_failure_off(as_user: SignUp, app: Application) -> None:
    thief = await as_user(OLD, network=HOME)
    before = [(await change(thief, current=WRONG)).status_code for _ in range(6)]

    async with kernel_of(app).store.transaction() as db:
        await db.execute(insert(LoginThrottle), counted_at(app, HOME))
        moving = await begun(move(thief, NEW))
    await moving

    assert before == [403] * 5 + [429]
    assert (await change(thief, current=WRONG)).status_code == 429


@contextmanager
def swept_away_once(app: Application) -> Generator[None]:
    """Let what a login begins to count go before it is locked, as it does when its account changes the address."""
    engine = kernel_of(app).store.engine.sync_engine
    waiting = [delete(LoginThrottle)]

    def go(connection: Connection, _cursor: Any, statement: str, *_more: Any) -> None:
        if waiting and statement.startswith("INSERT INTO login_throttles"):
            connection.execute(waiting.pop())

    event.listen(engine, "after_cursor_execute", go)
    try:
        yield
    finally:
        event.remove(engine, "after_cursor_execute", go)
    assert waiting == []


@pytest.mark.asvs("V15.4.2")
async def test_a_login_is_counted_though_the_account_moves_away_at_that_moment(
    as_user: SignUp, app: Application
) -> None:
    await as_user(OLD, network=HOME)

    with swept_away_once(app):
        answer = await login_from(app, HOME, WRONG, NEW)

    assert answer == REFUSED
    assert (await kept_at_new(app, HOME)).failures == 1


async def kept_at_new(app: Application, network: str) -> LoginThrottle:
    kernel = kernel_of(app)
    async with kernel.store.reading() as db:
        mine = {"account": kernel.provided(Throttle).account_key(NEW), "network": network}
        return (await db.scalars(select(LoginThrottle).filter_by(**mine))).one()


def soon(now: Clock, seconds: int | None) -> datetime | None:
    return None if seconds is None else now() + timedelta(seconds=seconds)


@pytest.mark.parametrize(("there", "wait"), [(None, 30), (10, 30), (90, 90)], ids=["none", "shorter", "longer"])
@pytest.mark.asvs("V6.3.1")
async def test_what_is_counted_while_an_account_moves_adds_up(
    as_user: SignUp, app: Application, clock: FakeClock, there: int | None, wait: int
) -> None:
    thief = await as_user(OLD, network=HOME)
    for _ in range(FREE_FAILURES):
        await change(thief, current=WRONG)

    with counted_between(app, counted_at(app, HOME, blocked_until=soon(clock, there))):
        await move(thief, NEW)

    whole, here = await kept_at_new(app, ALL_NETWORKS), await kept_at_new(app, HOME)
    assert (whole.failures, here.failures) == (FREE_FAILURES + 1, FREE_FAILURES + 1)
    assert (whole.blocked_until, here.blocked_until) == (None, soon(clock, wait))


async def test_a_wait_that_is_there_outlives_a_move_that_brings_none(
    as_user: SignUp, app: Application, clock: FakeClock
) -> None:
    alice = await as_user(OLD, network=HOME)

    with counted_between(app, counted_at(app, HOME, blocked_until=soon(clock, 90))):
        await move(alice, NEW)

    here = await kept_at_new(app, HOME)
    assert (here.failures, here.blocked_until, here.succeeded_at) == (1, soon(clock, 90), clock())
