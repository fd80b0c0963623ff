"""What a thief with a live session must not do: change the address or password, end logins, delete the account."""

import pytest

from app.core.application import Application
from tests.support.carrying import each_way
from tests.support.clock import FakeClock
from tests.support.passwords import NEW_PASSWORD
from tests.support.people import PASSWORD, Person, SignUp, grow_old, log_in, try_login

EMAIL = "alice@example.com"
ANY_SESSION = "/auth/sessions/00000000-0000-4000-8000-000000000000"


@each_way
@pytest.mark.asvs("V7.5.1", "V7.5.3", "V7.5.2", "V10.3.4")
async def test_an_old_login_is_asked_for_the_password_before_anything_that_matters(
    as_user: SignUp, clock: FakeClock
) -> None:
    alice, other = await as_user(EMAIL), await as_user("bob@example.com")
    other.take(await log_in(other, EMAIL, PASSWORD))
    await grow_old(alice, clock, minutes=10, seconds=1)

    answers = [
        await alice.patch("/users/me", json={"email": "thief@example.com"}),
        await alice.post("/users/me/password", json={"current_password": PASSWORD, "new_password": NEW_PASSWORD}),
        await alice.delete("/users/me"),
        await alice.delete("/auth/sessions"),
        await alice.delete(ANY_SESSION),
    ]

    for answer in answers:
        assert (answer.status_code, answer.json()["code"]) == (401, "insufficient_user_authentication")
        challenge = answer.headers["WWW-Authenticate"]
        assert challenge.startswith(alice.way.challenge)
        assert 'error="insufficient_user_authentication"' in challenge
        assert 'max_age="600"' in challenge
    assert (await alice.get("/users/me")).json()["email"] == EMAIL
    assert len((await alice.get("/auth/sessions")).json()) == 2
    assert await try_login(alice, EMAIL, PASSWORD) == 200


@each_way
async def test_ten_minutes_are_still_recent(as_user: SignUp, clock: FakeClock) -> None:
    alice = await as_user(EMAIL)
    await grow_old(alice, clock, minutes=10)

    assert (await alice.delete("/auth/sessions")).status_code == 204


@each_way
async def test_an_old_login_still_reads_and_logs_out(as_user: SignUp, clock: FakeClock) -> None:
    alice = await as_user(EMAIL)
    await grow_old(alice, clock, hours=5)

    assert (await alice.get("/users/me")).status_code == 200
    assert (await alice.get("/auth/sessions")).status_code == 200
    assert (await alice.post("/auth/logout")).status_code == 204


@each_way
@pytest.mark.asvs("V7.2.4", "V7.5.1")
async def test_the_password_once_more_gives_a_new_login_and_the_old_one_dies(as_user: SignUp, clock: FakeClock) -> None:
    alice = await as_user(EMAIL)
    await grow_old(alice, clock, minutes=11)
    old = alice.copy()

    answer = await alice.post("/auth/reauthenticate", json={"password": PASSWORD})

    assert answer.headers["Cache-Control"] == "no-store"
    alice.take(answer)
    assert not set(alice.carried.secrets.values()) & set(old.carried.secrets.values())
    assert not await old.is_in()
    assert len((await alice.get("/auth/sessions")).json()) == 1
    assert (await alice.patch("/users/me", json={"email": "alice@example.org"})).status_code == 200


@each_way
async def test_a_wrong_password_refreshes_nothing_and_ends_nothing(as_user: SignUp, clock: FakeClock) -> None:
    alice = await as_user(EMAIL)
    await grow_old(alice, clock, minutes=11)

    answer = await alice.post("/auth/reauthenticate", json={"password": "not the password of anyone"})

    assert (answer.status_code, answer.json()["code"]) == (403, "wrong_password")
    assert (await alice.get("/users/me")).status_code == 200
    assert (await alice.delete("/users/me")).status_code == 401


async def test_somebody_elses_password_proves_nothing(as_user: SignUp, app: Application) -> None:
    alice = await as_user(EMAIL)
    async with Person(app, "mallory@example.com") as mallory:
        mallory.password = NEW_PASSWORD
        await mallory.register()
        await mallory.log_in()

        answer = await alice.post("/auth/reauthenticate", json={"password": NEW_PASSWORD})

    assert answer.status_code == 403
