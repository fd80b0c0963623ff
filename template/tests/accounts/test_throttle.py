"""Guessing one account: five tries, then a growing wait that nothing but time, a login or an operator ends."""

import asyncio

import httpx
import pytest

from app.accounts.throttle import FREE_FAILURES, Throttle, delay_after
from app.core.application import Application
from tests.conftest import MakeApp
from tests.support.carrying import REFUSED
from tests.support.client import ApiClient
from tests.support.clock import FakeClock
from tests.support.passwords import change, count_hashing, kernel_of, reset, reset_code
from tests.support.people import PASSWORD, Person, SignUp, log_in, try_login

EMAIL = "alice@example.com"
WRONG = "not the password of anyone"
WAITS = [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]


async def guess(client: httpx.AsyncClient, times: int = 1, email: str = EMAIL) -> list[int]:
    return [await try_login(client, email, WRONG) for _ in range(times)]


def wait_of(answer: httpx.Response) -> int:
    assert answer.status_code == 429
    assert answer.json()["code"] == "too_many_attempts"
    return int(answer.headers["Retry-After"])


@pytest.mark.asvs("V6.3.1", "V6.1.1")
@pytest.mark.parametrize("email", [EMAIL, "nobody@example.com"])
async def test_after_five_failures_each_further_one_doubles_the_wait(
    as_user: SignUp, clock: FakeClock, email: str
) -> None:
    alice = await as_user(EMAIL)
    statuses = await guess(alice, 5, email)
    waits = []

    for wait in WAITS:
        waits.append(wait_of(await log_in(alice, email, WRONG)))
        clock.advance(seconds=wait - 0.5)
        waits.append(wait_of(await log_in(alice, email, WRONG)))
        clock.advance(seconds=0.5)
        statuses += await guess(alice, 1, email)

    assert statuses == [REFUSED] * (5 + len(WAITS))
    assert waits == [each for wait in WAITS for each in (wait, 1)]


async def test_an_update_forgets_no_failure(make_app: MakeApp) -> None:
    """The address is hashed with a derived key: with another one every account would be as if never guessed at."""
    app = make_app(SECRET_KEY="0123456789abcdef0123456789abcdef")

    stands_for_alice = kernel_of(app).provided(Throttle).account_key(EMAIL).hex()

    assert stands_for_alice == "f99b733785c7775a240cb83ef07f01b6d515eef671e4e13611b4765463976294"


async def test_a_clock_that_was_ahead_locks_nobody_out_when_it_is_set_right(as_user: SignUp, clock: FakeClock) -> None:
    alice = await as_user(EMAIL)
    clock.advance(days=365)
    await guess(alice, 6)
    clock.advance(days=-365)

    assert await try_login(alice, EMAIL, PASSWORD) == 200


@pytest.mark.asvs("V6.3.1")
async def test_a_clock_that_is_a_little_behind_ends_no_wait(as_user: SignUp, clock: FakeClock) -> None:
    """Another machine's, or one that was read before somebody else's guess was counted, at the longest wait."""
    alice = await as_user(EMAIL)
    await guess(alice, FREE_FAILURES)
    for wait in WAITS:
        clock.advance(seconds=wait)
        await guess(alice)
    clock.advance(seconds=-1)

    assert await guess(alice) == [429]


def test_the_wait_never_overflows() -> None:
    assert delay_after(10**6) == delay_after(13)


@pytest.mark.asvs("V6.3.1")
async def test_while_waiting_no_password_is_looked_at_not_even_the_right_one(as_user: SignUp, app: Application) -> None:
    alice = await as_user(EMAIL)
    await guess(alice, 5)
    counting = count_hashing(app)

    answer = await log_in(alice, EMAIL, PASSWORD)

    assert wait_of(answer) == 30
    assert answer.headers["Cache-Control"] == "no-store"
    assert (counting.verified, counting.hashed) == ([], 0)


async def test_a_completed_login_forgives_the_failures_before_it(as_user: SignUp) -> None:
    alice = await as_user(EMAIL)

    statuses = []
    for _ in range(3):
        statuses += await guess(alice, 4)
        statuses.append(await try_login(alice, EMAIL, PASSWORD))

    assert statuses == [REFUSED, REFUSED, REFUSED, REFUSED, 200] * 3


async def test_spelling_the_address_in_another_way_is_no_new_account(as_user: SignUp) -> None:
    alice = await as_user(EMAIL)
    spellings = ["ALICE@example.com", "alice@EXAMPLE.com", "Alice@Example.Com", "\uff41lice@example.com", EMAIL]

    statuses = [await try_login(alice, spelling, WRONG) for spelling in spellings]

    assert statuses == [REFUSED] * 5
    wait_of(await log_in(alice, EMAIL, WRONG))


async def test_twenty_guesses_at_once_count_as_twenty(as_user: SignUp, app: Application) -> None:
    alice = await as_user(EMAIL)
    counting = count_hashing(app)

    statuses = await asyncio.gather(*(try_login(alice, EMAIL, WRONG) for _ in range(20)))

    assert sorted(statuses) == [REFUSED] * 5 + [429] * 15
    assert len(counting.verified) == 5
    wait_of(await log_in(alice, EMAIL, PASSWORD))


async def test_two_applications_share_the_count(make_app: MakeApp) -> None:
    first, second = make_app(), make_app()
    async with Person(first, EMAIL) as here, Person(second, EMAIL) as there:
        await here.register()

        statuses = await asyncio.gather(*(try_login(client, EMAIL, WRONG) for client in [here, there] * 10))

        assert sorted(statuses) == [REFUSED] * 5 + [429] * 15


async def test_a_restart_forgets_nothing(make_app: MakeApp) -> None:
    statuses = []
    for attempt in range(6):
        async with Person(make_app(), EMAIL) as alice:
            if attempt == 0:
                await alice.register()
            statuses += await guess(alice)

    assert statuses == [REFUSED] * 5 + [429]


@pytest.mark.asvs("V6.3.1")
async def test_changing_the_password_and_logging_in_again_are_guesses_too(as_user: SignUp) -> None:
    thief = await as_user(EMAIL)

    statuses = await guess(thief, 2)
    statuses += [(await change(thief, current=WRONG)).status_code for _ in range(2)]
    statuses.append((await thief.post("/auth/reauthenticate", json={"password": WRONG})).status_code)

    assert statuses == [REFUSED, REFUSED, 403, 403, 403]
    wait_of(await change(thief))
    wait_of(await thief.post("/auth/reauthenticate", json={"password": PASSWORD}))
    wait_of(await log_in(thief, EMAIL, PASSWORD))


async def test_a_reset_password_ends_the_wait(as_user: SignUp, app: Application) -> None:
    alice = await as_user(EMAIL)
    await guess(alice, 6)

    await reset(alice, await reset_code(app, EMAIL), "seven lamps and a copper kettle")

    assert await try_login(alice, EMAIL, "seven lamps and a copper kettle") == 200


async def test_failures_before_there_was_an_account_do_not_wait_for_its_owner(
    client: ApiClient, as_user: SignUp
) -> None:
    statuses = await guess(client, 6, "new@example.com")

    owner = await as_user.register("new@example.com")

    assert statuses == [REFUSED] * 5 + [429]
    assert await try_login(owner, owner.email, PASSWORD) == 200


async def test_whoever_reads_the_table_and_not_the_secret_cannot_try_addresses(
    as_user: SignUp, make_app: MakeApp, app: Application
) -> None:
    alice = await as_user(EMAIL)
    await guess(alice)
    ours, theirs = (kernel_of(each).provided(Throttle) for each in (app, make_app(SECRET_KEY="q7" * 32)))

    async with kernel_of(app).store.reading() as db:
        connection = await db.connection()
        rows = (await connection.exec_driver_sql("SELECT account FROM login_throttles")).all()

    assert {bytes(account) for (account,) in rows} == {ours.account_key(EMAIL)}
    assert len(ours.account_key(EMAIL)) == 32
    assert ours.account_key(EMAIL) != theirs.account_key(EMAIL)


async def test_an_address_that_changes_hands_brings_no_failures_along(client: ApiClient, as_user: SignUp) -> None:
    alice = await as_user("alice@example.com", network="192.0.2.7")
    wrong = "a wrong password of someone"
    statuses = [await try_login(client, "alice@example.com", wrong) for _ in range(FREE_FAILURES + 1)]

    assert (await alice.patch("/users/me", json={"email": "alice@example.org"})).status_code == 200

    assert statuses[-1] == 429
    assert await try_login(client, "alice@example.com", wrong) == REFUSED
