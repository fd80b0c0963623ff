"""Failures when an account changes its address: the account's own come along, those of strangers do not wait there."""

import pytest

from app.core.application import Application
from tests.accounts.test_throttle_networks import HOME, WRONG, close, login_from
from tests.support.carrying import REFUSED
from tests.support.passwords import NEW_PASSWORD, change
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
