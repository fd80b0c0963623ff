"""An address passes to another account while a guess is under way: what that account brings along is not forgiven.

A thief of a session has an account of their own, at the address to which the account in their hands comes.
"""

import json
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import pytest

from app.accounts.service import Accounts
from app.accounts.throttle import FREE_FAILURES
from app.core.application import Application
from app.core.context import RequestContext, answering
from app.core.errors import Problem
from app.core.events import SecurityEvent
from app.core.login import Attempt
from tests.accounts.test_more_to_prove import SecondFactor
from tests.accounts.test_password_change import while_a_password_is_hashed
from tests.accounts.test_throttle_actions import HOME, try_pin
from tests.accounts.test_throttle_moves import move
from tests.accounts.test_throttle_networks import WRONG
from tests.core.test_held_body import HeldRequest
from tests.support.carrying import each_way
from tests.support.passwords import NEW_PASSWORD, change, kernel_of, reset, reset_code
from tests.support.people import Person, SignUp, try_login

STOLEN, OWN, ELSEWHERE = "alice@example.com", "mallory@example.com", "mallory@example.net"

HandOver = Callable[[], Awaitable[None]]


def while_a_password_is_verified(app: Application, happens: HandOver, *, overload: bool = False) -> None:
    """Let something happen, once, after a password was looked up; with `overload`, nobody then looks at it."""
    hasher: Any = kernel_of(app).provided(Accounts)._hasher
    verify = hasher.verify

    async def verify_slowly(password: str, stored: str | None) -> tuple[bool, str | None]:
        hasher.verify = verify
        await happens()
        if overload:
            raise Problem(503, "overloaded", "Too many wait.")
        fits: tuple[bool, str | None] = await verify(password, stored)
        return fits

    hasher.verify = verify_slowly


async def log_in(own: Person, hand_over: HandOver) -> int:
    while_a_password_is_verified(own.app, hand_over)
    return await try_login(own, OWN, own.password)


async def log_in_where_more_is_asked_for(own: Person, hand_over: HandOver) -> int:
    SecondFactor(own.app)
    return await log_in(own, hand_over)


async def log_in_under_overload(own: Person, hand_over: HandOver) -> int:
    while_a_password_is_verified(own.app, hand_over, overload=True)
    return await try_login(own, OWN, own.password)


async def change_while_the_old_one_is_verified(own: Person, hand_over: HandOver) -> int:
    while_a_password_is_verified(own.app, hand_over)
    return (await change(own)).status_code


async def change_from_elsewhere_while_the_new_one_is_hashed(own: Person, hand_over: HandOver) -> int:
    """What is known of the network that the change comes from would stay in any case."""
    while_a_password_is_hashed(own.app, hand_over)
    async with Person(own.app, OWN, network="203.0.113.9", way=own.way) as elsewhere:
        elsewhere.carry(own.carried)
        return (await change(elsewhere)).status_code


async def reset_while_the_new_one_is_hashed(own: Person, hand_over: HandOver) -> int:
    code = await reset_code(own.app, OWN)
    while_a_password_is_hashed(own.app, hand_over)
    return (await reset(own, code)).status_code


async def delete_with_a_body_held_back(own: Person, hand_over: HandOver) -> int:
    held = HeldRequest(own, "DELETE", "/users/me", b"{}")
    answer = await held.begin(own.app)
    await hand_over()
    held.let_go()
    return (await answer).status


WAYS_TO_BE_FORGIVEN = {
    "a login": (log_in, 200),
    "a login where more is asked for": (log_in_where_more_is_asked_for, 403),
    "a login under overload": (log_in_under_overload, 503),
    "a change, the old one verified": (change_while_the_old_one_is_verified, 204),
    "a change, the new one hashed": (change_from_elsewhere_while_the_new_one_is_hashed, 204),
    "a reset": (reset_while_the_new_one_is_hashed, 204),
    "a deletion": (delete_with_a_body_held_back, 204),
}


async def hand_over(own: Person, stolen: Person) -> None:
    """Give up the address, and take it for the account whose session was stolen."""
    await move(own, ELSEWHERE)
    await move(stolen, OWN)


@each_way
@pytest.mark.parametrize(("settle", "status"), WAYS_TO_BE_FORGIVEN.values(), ids=WAYS_TO_BE_FORGIVEN)
@pytest.mark.asvs("V6.3.1", "V15.4.2")
async def test_a_stolen_session_guesses_no_longer_at_an_address_that_its_thief_gives_up_at_that_moment(
    as_user: SignUp, settle: Callable[[Person, HandOver], Awaitable[int]], status: int
) -> None:
    stolen, own = await as_user(STOLEN), await as_user(OWN)
    before = [(await change(stolen, current=WRONG)).status_code for _ in range(FREE_FAILURES)]

    settled = await settle(own, partial(hand_over, own, stolen))

    assert (before, settled) == ([403] * FREE_FAILURES, status)
    assert (await change(stolen, current=WRONG)).status_code == 429


@pytest.mark.asvs("V6.3.1", "V15.4.2")
async def test_nor_does_it_guess_on_at_what_a_slice_asks_for(as_user: SignUp, app: Application) -> None:
    stolen, own = await as_user(STOLEN), await as_user(OWN)
    before = [await try_pin(app, email=STOLEN) for _ in range(FREE_FAILURES)]

    with answering(RequestContext(request_id="", client=HOME)):
        async with kernel_of(app).login.attempt("pin", OWN):
            await hand_over(own, stolen)

    assert before == [403] * FREE_FAILURES
    assert await try_pin(app, email=OWN, fits=True) == 429


def once_counted(app: Application, happens: HandOver) -> None:
    """Let something happen, once, between the counting of a guess and the look at it."""
    login = kernel_of(app).login

    async def happen(_attempt: Attempt) -> None:
        login.before.remove(happen)
        await happens()

    login.before.append(happen)


def while_it_is_counted(app: Application, *, leave: HandOver, come_back: HandOver) -> None:
    """Let an account leave, once, before a guess is counted, and come back behind that."""
    hooks = kernel_of(app).login.before
    counting = hooks[:]

    async def count(attempt: Attempt) -> None:
        hooks[:] = counting
        await leave()
        try:
            for hook in counting:
                await hook(attempt)
        finally:
            await come_back()

    hooks[:] = [count]


async def guess_by_login(stolen: Person, password: str) -> bool:
    await move(stolen, ELSEWHERE)
    return await try_login(stolen, STOLEN, password) == 200


async def guess_by_change(stolen: Person, password: str) -> bool:
    """Be authenticated at the address from which the account is away when the guess is counted."""
    body = json.dumps({"current_password": password, "new_password": NEW_PASSWORD}).encode()
    held = HeldRequest(stolen, "POST", "/users/me/password", body)
    answer = await held.begin(stolen.app)
    await move(stolen, ELSEWHERE)
    held.let_go()
    return (await answer).status == 204


@each_way
@pytest.mark.parametrize(
    ("guess", "told"), [(guess_by_login, "authn_login_fail"), (guess_by_change, "authn_password_change_fail")]
)
@pytest.mark.asvs("V6.3.1", "V15.4.2")
async def test_a_guess_that_was_counted_before_the_account_came_back_is_no_guess(
    as_user: SignUp,
    app: Application,
    events: list[SecurityEvent],
    guess: Callable[[Person, str], Awaitable[bool]],
    told: str,
) -> None:
    """An account sheds what was counted at the address to which it comes: such a guess would have been free."""
    stolen = await as_user(STOLEN)
    before = [(await change(stolen, current=WRONG)).status_code for _ in range(FREE_FAILURES)]

    once_counted(app, partial(move, stolen, STOLEN))
    events.clear()

    assert before == [403] * FREE_FAILURES
    assert not await guess(stolen, stolen.password)
    assert [event.name for event in events if event.name.endswith("_fail")] == [told]


@each_way
@pytest.mark.asvs("V6.3.1", "V15.4.2")
async def test_no_guess_is_counted_where_the_account_has_just_left_and_looked_at_when_it_is_back(
    as_user: SignUp, app: Application
) -> None:
    stolen = await as_user(STOLEN)
    before = [(await change(stolen, current=WRONG)).status_code for _ in range(FREE_FAILURES)]

    while_it_is_counted(app, leave=partial(move, stolen, ELSEWHERE), come_back=partial(move, stolen, STOLEN))

    assert before == [403] * FREE_FAILURES
    assert await try_login(stolen, STOLEN, stolen.password) == 429


async def test_whoever_logs_in_while_the_own_account_moves_is_let_in(as_user: SignUp) -> None:
    own = await as_user(OWN)

    assert await log_in(own, partial(move, own, ELSEWHERE)) == 200
