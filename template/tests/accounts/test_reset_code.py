"""Codes that set a new password: once, for a quarter of an hour, and never a way to log in."""

import asyncio

import pytest
from sqlalchemy import select

from app.accounts.models import PasswordResetCode
from app.accounts.service import Accounts
from app.core.application import Application
from app.core.events import SecurityEvent
from app.core.sessions import list_sessions
from tests.support.carrying import REFUSED, each_way
from tests.support.client import ApiClient
from tests.support.clock import FakeClock
from tests.support.passwords import (
    NEW_PASSWORD,
    count_hashing,
    disable,
    id_of,
    kernel_of,
    reset,
    reset_code,
    stored_hash,
    take_password_away,
)
from tests.support.people import PASSWORD, Person, SignUp, try_login
from tests.support.stolen import as_secret

EMAIL = "alice@example.com"


async def live_sessions(app: Application, person: Person) -> int:
    kernel = kernel_of(app)
    async with kernel.store.reading() as db:
        return len(await list_sessions(db, await id_of(app, person.email), now=kernel.now()))


@each_way
@pytest.mark.asvs("V6.4.3", "V6.3.6", "V7.4.3")
async def test_a_code_sets_the_password_ends_every_login_and_logs_nobody_in(as_user: SignUp, app: Application) -> None:
    alice, bob = await as_user(EMAIL), await as_user("bob@example.com")
    code = await reset_code(app, EMAIL)

    answer = await reset(alice, code)

    assert (answer.status_code, answer.content) == (204, b"")
    assert await live_sessions(app, alice) == 0
    assert not await alice.is_in()
    assert (await bob.get("/users/me")).status_code == 200
    assert await try_login(alice, EMAIL, PASSWORD) == REFUSED
    assert await try_login(alice, EMAIL, NEW_PASSWORD) == 200


@pytest.mark.asvs("V6.4.3", "V2.3.1")
async def test_a_code_works_once(as_user: SignUp, app: Application) -> None:
    alice = await as_user(EMAIL)
    code = await reset_code(app, EMAIL)

    statuses = [(await reset(alice, code)).status_code for _ in range(2)]

    assert statuses == [204, 403]


async def test_of_twenty_at_once_one_sets_the_password(as_user: SignUp, app: Application) -> None:
    alice = await as_user(EMAIL)
    code = await reset_code(app, EMAIL)
    wanted = [f"{NEW_PASSWORD} number {i}" for i in range(20)]

    answers = await asyncio.gather(*(reset(alice, code, password) for password in wanted))

    statuses = [answer.status_code for answer in answers]
    assert sorted(statuses) == [204] + [403] * 19
    winner = wanted[statuses.index(204)]
    assert await try_login(alice, EMAIL, winner) == 200


async def test_a_code_is_void_after_fifteen_minutes(as_user: SignUp, app: Application, clock: FakeClock) -> None:
    alice, bob = await as_user(EMAIL), await as_user("bob@example.com")
    codes = [await reset_code(app, person.email) for person in (alice, bob)]

    clock.advance(minutes=14, seconds=59)
    in_time = await reset(alice, codes[0])
    clock.advance(seconds=1)
    too_late = await reset(bob, codes[1])

    assert (in_time.status_code, too_late.status_code) == (204, 403)


async def test_a_newer_code_voids_the_older(as_user: SignUp, app: Application) -> None:
    alice = await as_user(EMAIL)
    older, newer = await reset_code(app, EMAIL), await reset_code(app, EMAIL)

    assert (await reset(alice, older)).status_code == 403
    assert (await reset(alice, newer)).status_code == 204


async def test_a_code_belongs_to_one_account(as_user: SignUp, app: Application) -> None:
    alice, bob = await as_user(EMAIL), await as_user("bob@example.com")

    await reset(bob, await reset_code(app, EMAIL))

    assert await try_login(bob, "bob@example.com", PASSWORD) == 200
    assert (await alice.get("/users/me")).status_code == 401


async def test_a_password_that_is_refused_does_not_cost_the_code(as_user: SignUp, app: Application) -> None:
    alice = await as_user(EMAIL)
    code = await reset_code(app, EMAIL)

    refused = await reset(alice, code, "passwordpassword")

    assert refused.status_code == 422
    assert (await reset(alice, code)).status_code == 204


@pytest.mark.asvs("V16.3.1")
async def test_codes_that_open_nothing_are_told_once_a_minute_and_of_nobody(
    as_user: SignUp, app: Application, client: ApiClient, events: list[SecurityEvent], clock: FakeClock
) -> None:
    """Who guesses one is seen; and anybody can send more of them than somebody reads."""
    await as_user(EMAIL)
    code = await reset_code(app, EMAIL)
    await reset(client, code)
    events.clear()

    for seconds in (0, 59, 1):
        clock.advance(seconds=seconds)
        for wrong in (code, "A" * 43):
            assert (await reset(client, wrong)).status_code == 403

    assert [f"{event.written()} {event.level}" for event in events] == [
        "authn_password_change_fail:unknown,127.0.0.1 WARN"
    ] * 2


async def test_an_invented_code_costs_no_hash_and_says_nothing(client: ApiClient, app: Application) -> None:
    counting = count_hashing(app)

    answer = await reset(client, "A" * 43)
    malformed = await reset(client, "' OR 1=1 --")

    assert (answer.status_code, answer.json()["code"]) == (403, "invalid_code")
    assert malformed.status_code == 422
    assert (counting.hashed, counting.verified) == (0, [])


async def test_a_code_has_256_bits_and_whoever_reads_what_is_stored_has_none(as_user: SignUp, app: Application) -> None:
    alice = await as_user(EMAIL)
    code = await reset_code(app, EMAIL)
    async with kernel_of(app).store.reading() as db:
        stored = (await db.scalars(select(PasswordResetCode.code_hash))).one()

    answer = await reset(alice, as_secret(stored))

    assert (len(code), len(stored)) == (43, 32)
    assert (answer.status_code, answer.json()["code"]) == (403, "invalid_code")


@each_way
@pytest.mark.asvs("V10.4.5")
async def test_no_other_secret_is_taken_for_a_code_and_no_code_for_another_secret(
    as_user: SignUp, app: Application
) -> None:
    alice = await as_user(EMAIL)
    code = await reset_code(app, EMAIL)

    as_code = await reset(alice, alice.carried.secret)
    as_credential = await alice.get("/users/me", headers=alice.way.presenting(code))
    as_password = await try_login(alice, EMAIL, code)

    assert [as_code.status_code, as_credential.status_code, as_password] == [403, 401, REFUSED]


async def test_a_code_opens_no_disabled_account(as_user: SignUp, app: Application) -> None:
    alice = await as_user(EMAIL)
    await disable(app, EMAIL)

    await reset(alice, await reset_code(app, EMAIL))

    assert await try_login(alice, EMAIL, NEW_PASSWORD) == REFUSED


async def test_an_account_without_a_password_gets_one(as_user: SignUp, app: Application) -> None:
    alice = await as_user(EMAIL)
    await take_password_away(app, EMAIL)

    await reset(alice, await reset_code(app, EMAIL))

    assert (await stored_hash(app, EMAIL)).startswith("$argon2id$")
    assert await try_login(alice, EMAIL, NEW_PASSWORD) == 200


async def test_there_is_no_code_for_nobody_and_expired_ones_are_purged(
    as_user: SignUp, app: Application, clock: FakeClock
) -> None:
    await as_user(EMAIL)
    accounts = kernel_of(app).provided(Accounts)
    await accounts.make_reset_code(EMAIL)

    early, nobody = await accounts.purge(), await accounts.make_reset_code("nobody@example.com")
    clock.advance(minutes=15)

    assert (early, nobody) == (0, None)
    assert await accounts.purge() == 1
