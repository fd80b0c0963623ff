"""Guessing from many networks: the account closes to strangers, and its owner still gets in."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, select

from app.accounts.models import LoginThrottle
from app.accounts.service import Accounts
from app.accounts.throttle import ALL_NETWORKS, KEPT_FOR, MOST_FAILURES, MOST_NETWORKS, Throttle
from app.core.application import Application
from app.core.login import LOGIN
from tests.support.carrying import REFUSED
from tests.support.client import ApiClient
from tests.support.clock import FakeClock
from tests.support.passwords import NEW_PASSWORD, change, kernel_of, reset, reset_code
from tests.support.people import PASSWORD, SignUp, log_in, try_login

EMAIL = "alice@example.com"
HOME = "198.51.100.7"
WRONG = "not the password of anyone"


async def login_from(app: Application, network: str, password: str = WRONG, email: str = EMAIL) -> int:
    async with ApiClient(app, network=network) as client:
        return await try_login(client, email, password)


async def close(app: Application, email: str = EMAIL) -> None:
    """Leave an account as a hundred failures do."""
    kernel = kernel_of(app)
    async with kernel.store.transaction() as db:
        await db.execute(delete(LoginThrottle).where(LoginThrottle.network == ALL_NETWORKS))
        account = kernel.provided(Throttle).account_key(email)
        values = {"action": LOGIN, "failures": MOST_FAILURES, "changed_at": kernel.now()}
        db.add(LoginThrottle(account=account, network=ALL_NETWORKS, **values))


@pytest.mark.asvs("V6.3.1")
async def test_a_hundred_failures_close_the_account_to_strangers_and_not_to_its_owner(
    as_user: SignUp, app: Application, clock: FakeClock
) -> None:
    await as_user(EMAIL, network=HOME)

    sprayed = [await login_from(app, f"203.0.113.{i // 5}") for i in range(MOST_FAILURES)]

    assert sprayed == [REFUSED] * MOST_FAILURES
    assert await login_from(app, "203.0.113.200", PASSWORD) == 429
    clock.advance(days=20)
    assert await login_from(app, "203.0.113.200", PASSWORD) == 429
    assert await login_from(app, HOME, PASSWORD) == 200


async def known_networks(app: Application) -> set[str]:
    """Return the networks that something is known of at the account."""
    kernel = kernel_of(app)
    of_account = LoginThrottle.account == kernel.provided(Throttle).account_key(EMAIL)
    async with kernel.store.reading() as db:
        return {*await db.scalars(select(LoginThrottle.network).where(of_account))} - {ALL_NETWORKS}


@pytest.mark.asvs("V15.2.2")
async def test_a_closed_account_keeps_nothing_of_strangers_who_are_refused(as_user: SignUp, app: Application) -> None:
    """No hash slows them down, and an account takes all that is kept of it along when it moves."""
    await as_user(EMAIL, network=HOME)
    await close(app)

    assert await login_from(app, "203.0.113.200") == 429
    assert await known_networks(app) == {HOME}


@pytest.mark.asvs("V15.2.2")
async def test_an_account_keeps_the_latest_thousand_networks_and_those_of_its_owner(
    as_user: SignUp, app: Application, clock: FakeClock
) -> None:
    await as_user(EMAIL, network=HOME)
    kernel, strangers = kernel_of(app), [f"10.0.{i // 256}.{i % 256}" for i in range(MOST_NETWORKS)]
    made = {"account": kernel.provided(Throttle).account_key(EMAIL), "action": LOGIN, "failures": 1}
    rows = [
        {**made, "network": each, "changed_at": clock() + timedelta(seconds=i)} for i, each in enumerate(strangers, 1)
    ]
    async with kernel.store.transaction() as db:
        await db.execute(insert(LoginThrottle), rows)
    clock.advance(days=1)

    assert await login_from(app, "203.0.113.200") == REFUSED
    assert await known_networks(app) == {"203.0.113.200", HOME, *strangers[2:]}


@pytest.mark.asvs("V2.1.3")
def test_the_security_document_says_how_many_networks_an_account_keeps() -> None:
    assert f"the latest {MOST_NETWORKS:,} networks" in Path("SECURITY.md").read_text(encoding="utf-8")


async def test_an_account_that_does_not_exist_closes_alike(app: Application) -> None:
    await close(app, "nobody@example.com")

    async with ApiClient(app, network="203.0.113.200") as stranger:
        answer = await log_in(stranger, "nobody@example.com", WRONG)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "3600")


async def test_a_closed_account_does_not_open_by_waiting_for_the_purge(
    as_user: SignUp, app: Application, clock: FakeClock
) -> None:
    await as_user(EMAIL, network=HOME)
    await close(app)
    clock.moment += KEPT_FOR + timedelta(days=1)

    purged = await kernel_of(app).provided(Accounts).purge()

    assert purged == 1
    assert await login_from(app, "203.0.113.200", PASSWORD) == 429


async def test_a_network_is_the_owners_for_thirty_days_whatever_is_guessed_from_it(
    as_user: SignUp, app: Application, clock: FakeClock
) -> None:
    await as_user(EMAIL, network=HOME)
    await close(app)
    clock.moment += KEPT_FOR - timedelta(days=1)
    within = await login_from(app, HOME)
    clock.moment += timedelta(days=1)

    assert (within, await login_from(app, HOME, PASSWORD)) == (REFUSED, 429)


async def test_a_new_password_makes_strangers_of_all_others_who_knew_the_old_one(
    as_user: SignUp, app: Application
) -> None:
    alice = await as_user(EMAIL, network=HOME)
    assert await login_from(app, "203.0.113.66", PASSWORD) == 200
    await change(alice)
    await close(app)

    assert await login_from(app, "203.0.113.66", NEW_PASSWORD) == 429
    assert await login_from(app, HOME, NEW_PASSWORD) == 200


async def test_a_code_makes_strangers_of_all_who_knew_the_old_password(as_user: SignUp, app: Application) -> None:
    alice = await as_user(EMAIL, network=HOME)
    await reset(alice, await reset_code(app, EMAIL))
    await close(app)

    assert await login_from(app, HOME, NEW_PASSWORD) == 429


@pytest.mark.parametrize("by", ["unlock", "reset"])
async def test_an_operator_or_a_code_opens_a_closed_account(as_user: SignUp, app: Application, by: str) -> None:
    alice = await as_user(EMAIL, network=HOME)
    await close(app)
    password = PASSWORD

    if by == "unlock":
        await kernel_of(app).provided(Throttle).unlock(EMAIL)
    else:
        password = "seven lamps and a copper kettle"
        await reset(alice, await reset_code(app, EMAIL), password)

    assert await login_from(app, "203.0.113.200", password) == 200


async def test_a_login_elsewhere_does_not_shorten_the_wait_of_a_guesser(as_user: SignUp, app: Application) -> None:
    await as_user(EMAIL, network=HOME)
    for _ in range(5):
        await login_from(app, "203.0.113.1")

    assert await login_from(app, HOME, PASSWORD) == 200
    assert await login_from(app, "203.0.113.1", PASSWORD) == 429


@pytest.mark.parametrize(
    "addresses",
    [
        [f"2001:db8:7:1::{i}" for i in range(1, 7)],
        ["2001:db8:7:1:ffff::1", "2001:db8:7:1::1%eth0", *[f"2001:DB8:7:1:{i}::" for i in range(4)]],
        ["203.0.113.9", "::ffff:203.0.113.9", "::FFFF:cb00:7109"] * 2,
        ["", "no address", "unix:", "203.0.113", "256.1.1.1", "::g"],
    ],
    ids=["one /64", "one /64, written in other ways", "IPv4-mapped", "no address"],
)
async def test_addresses_that_one_client_can_choose_from_count_as_one(app: Application, addresses: list[str]) -> None:
    statuses = [await login_from(app, address) for address in addresses]

    assert statuses == [REFUSED] * 5 + [429]
    assert await login_from(app, "2001:db8:7:2::1") == REFUSED


async def test_the_client_does_not_choose_its_network_by_a_header(app: Application) -> None:
    statuses = []
    for i in range(6):
        headers = {"X-Forwarded-For": f"192.0.2.{i}", "Forwarded": f"for=192.0.2.{i}", "X-Real-IP": f"192.0.2.{i}"}
        async with ApiClient(app, headers=headers) as client:
            statuses.append(await try_login(client, EMAIL, WRONG))

    assert statuses == [REFUSED] * 5 + [429]
