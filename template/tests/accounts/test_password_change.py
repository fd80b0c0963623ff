"""Changing the password: with the current one only, and no login of before survives it but this one."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import pytest
from sqlalchemy import update

from app.accounts.service import Accounts
from app.core.application import Application
from app.core.login import LOGIN, Attempt, Proof
from app.core.models import User
from tests.support.carrying import REFUSED, Way, each_way
from tests.support.client import ApiClient
from tests.support.clock import FakeClock
from tests.support.passwords import NEW_PASSWORD, change, disable, kernel_of, reset, reset_code, stored_hash
from tests.support.people import PASSWORD, SignUp, logged_in, try_login

EMAIL = "alice@example.com"
WRONG = "not the password of anyone"


@each_way
@pytest.mark.asvs("V6.2.2", "V7.4.3")
async def test_a_change_replaces_the_password_ends_the_other_logins_and_keeps_this_one(
    as_user: SignUp, app: Application, way: Way
) -> None:
    alice, bob = await as_user(EMAIL), await as_user("bob@example.com")
    async with logged_in(app, register=False, way=way) as phone:
        answer = await change(alice)

        assert (answer.status_code, answer.content) == (204, b"")
        assert [await person.is_in() for person in (alice, phone, bob)] == [True, False, True]
    assert await try_login(alice, EMAIL, PASSWORD) == REFUSED
    assert await try_login(alice, EMAIL, NEW_PASSWORD) == 200


@pytest.mark.asvs("V6.2.3")
async def test_without_the_current_password_nothing_changes(as_user: SignUp, app: Application) -> None:
    alice = await as_user(EMAIL)
    before = await stored_hash(app, EMAIL)

    wrong = await change(alice, current=WRONG)
    missing = await alice.post("/users/me/password", json={"new_password": NEW_PASSWORD})

    assert (wrong.status_code, wrong.json()["code"]) == (403, "wrong_password")
    assert missing.status_code == 422
    assert await stored_hash(app, EMAIL) == before


@pytest.mark.asvs("V2.2.3")
async def test_the_new_password_is_a_new_one(as_user: SignUp) -> None:
    alice = await as_user(EMAIL)

    answer = await change(alice, PASSWORD)

    assert answer.status_code == 422
    assert answer.json()["errors"][0] == {
        "pointer": "/new_password",
        "code": "unchanged",
        "detail": "The new password is the current one.",
    }


async def test_a_change_ends_every_reset_code(as_user: SignUp, app: Application) -> None:
    alice = await as_user(EMAIL)
    code = await reset_code(app, EMAIL)

    await change(alice)

    assert (await reset(alice, code, "an orchard under the first snow")).status_code == 403


def while_a_password_is_checked(app: Application, happens: Callable[[], Awaitable[None]]) -> None:
    """Let something happen, once, between the check of a password and the login that it opens."""
    login = kernel_of(app).login
    check = login.check_password

    async def check_slowly(account: str, password: str) -> Proof | None:
        found = await check(account, password)
        login.check_password = check
        await happens()
        return found

    login.check_password = check_slowly


@pytest.mark.asvs("V7.4.3", "V15.4.2")
@pytest.mark.parametrize("by", ["change", "reset"])
async def test_a_login_with_the_old_password_does_not_outlive_a_change_that_it_raced_with(
    as_user: SignUp, app: Application, clock: FakeClock, by: str
) -> None:
    alice = await as_user(EMAIL)
    code = await reset_code(app, EMAIL)

    async def change_it() -> None:
        clock.advance(seconds=1)
        answer = await change(alice) if by == "change" else await reset(alice, code)
        assert answer.status_code == 204

    while_a_password_is_checked(app, change_it)
    async with ApiClient(app, network="203.0.113.1") as thief:
        late = await try_login(thief, EMAIL, PASSWORD)

    assert late == REFUSED
    assert await try_login(alice, EMAIL, NEW_PASSWORD) == 200


def while_a_password_is_hashed(app: Application, happens: Callable[[], Awaitable[None]]) -> None:
    """Let something happen, once, while a new password is being hashed."""
    hasher: Any = kernel_of(app).provided(Accounts)._hasher
    make_hash = hasher.hash

    async def hash_slowly(password: str) -> str:
        hasher.hash = make_hash
        await happens()
        return await make_hash(password)

    hasher.hash = hash_slowly


@pytest.mark.asvs("V15.4.2")
async def test_a_change_that_a_thief_has_begun_does_not_undo_the_reset_of_the_owner(
    as_user: SignUp, app: Application, clock: FakeClock
) -> None:
    thief = await as_user(EMAIL)
    code = await reset_code(app, EMAIL)

    async def reset_it() -> None:
        clock.advance(seconds=1)
        async with ApiClient(app) as owner:
            assert (await reset(owner, code)).status_code == 204

    while_a_password_is_hashed(app, reset_it)
    late = await change(thief, "the one that the thief knows")

    assert late.status_code == 401, late.text
    assert await try_login(thief, EMAIL, NEW_PASSWORD) == 200


@pytest.mark.asvs("V7.4.1", "V15.4.2")
async def test_a_change_that_a_thief_has_begun_ends_with_the_session(
    as_user: SignUp, app: Application, way: Way
) -> None:
    thief = await as_user(EMAIL)

    async def end_all_others() -> None:
        async with logged_in(app, register=False, way=way) as owner:
            assert (await owner.delete("/auth/sessions")).status_code == 204

    while_a_password_is_hashed(app, end_all_others)
    late = await change(thief, "the one that the thief knows")

    assert late.status_code == 401, late.text
    assert await try_login(thief, EMAIL, PASSWORD) == 200


@pytest.mark.asvs("V15.4.2")
async def test_of_two_changes_at_once_the_second_does_not_undo_the_first(
    as_user: SignUp, app: Application, clock: FakeClock
) -> None:
    """Both are of one session, which a change leaves alone."""
    alice = await as_user(EMAIL)

    async def change_it() -> None:
        clock.advance(seconds=1)
        assert (await change(alice)).status_code == 204

    while_a_password_is_hashed(app, change_it)
    late = await change(alice, "an orchard under the first snow")

    assert (late.status_code, late.json()["code"]) == (403, "wrong_password")
    assert await try_login(alice, EMAIL, NEW_PASSWORD) == 200


async def test_a_login_does_not_outlive_the_account_that_was_deleted_meanwhile(
    as_user: SignUp, app: Application
) -> None:
    alice = await as_user(EMAIL)

    async def delete_it() -> None:
        assert (await alice.delete("/users/me")).status_code == 204

    while_a_password_is_checked(app, delete_it)

    assert await try_login(alice, EMAIL, PASSWORD) == REFUSED


@pytest.mark.asvs("V7.4.2")
async def test_a_login_does_not_outlive_that_the_account_was_disabled_meanwhile(
    as_user: SignUp, app: Application
) -> None:
    alice = await as_user(EMAIL)
    while_a_password_is_checked(app, partial(disable, app, EMAIL))

    assert await try_login(alice, EMAIL, PASSWORD) == REFUSED


async def test_the_current_password_is_that_of_this_account_and_not_of_its_old_address(
    as_user: SignUp, app: Application
) -> None:
    """A thief of a session gives up the address, registers it anew with a known password, and presents that."""
    alice = await as_user(EMAIL)
    kernel = kernel_of(app)

    async def move_the_address(attempt: Attempt) -> None:
        if attempt.action == LOGIN:
            async with kernel.store.transaction() as db:
                values = {"email": "moved@example.com", "canonical_email": "moved@example.com"}
                await db.execute(update(User).where(User.email == EMAIL).values(**values))
            async with ApiClient(app) as thief:
                body = {"email": EMAIL, "password": "the one that the thief knows"}
                assert (await thief.post("/auth/register", json=body)).status_code == 201

    kernel.login.before.append(move_the_address)

    answer = await change(alice, current="the one that the thief knows")

    assert (answer.status_code, answer.json()["code"]) == (403, "wrong_password")
    kernel.login.before.remove(move_the_address)
    assert await try_login(alice, "moved@example.com", PASSWORD) == 200
