"""What a thief with a live token must not do: change the address or password, end logins, delete the account."""

import pytest

from app.core.application import Application
from tests.support.clock import FakeClock
from tests.support.passwords import NEW_PASSWORD
from tests.support.people import PASSWORD, Person, SignUp, request_tokens

EMAIL = "alice@example.com"
ANY_SESSION = "/auth/sessions/00000000-0000-4000-8000-000000000000"


async def grow_old(person: Person, clock: FakeClock, **by: float) -> None:
    """Let the login grow old, and refresh its tokens: that keeps it alive and makes it no younger."""
    clock.advance(**by)
    person.take(await person.post("/auth/refresh", json={"refresh_token": person.refresh_token}))


@pytest.mark.asvs("V7.5.1", "V7.5.3", "V7.5.2", "V10.3.4")
async def test_an_old_login_is_asked_for_the_password_before_anything_that_matters(
    as_user: SignUp, clock: FakeClock
) -> None:
    alice, other = await as_user(EMAIL), await as_user("bob@example.com")
    other.take(await request_tokens(other, EMAIL, PASSWORD))
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
        assert challenge.startswith('Bearer error="insufficient_user_authentication"')
        assert 'max_age="600"' in challenge
    assert (await alice.get("/users/me")).json()["email"] == EMAIL
    assert len((await alice.get("/auth/sessions")).json()) == 2
    assert (await request_tokens(alice, EMAIL, PASSWORD)).status_code == 200


async def test_ten_minutes_are_still_recent(as_user: SignUp, clock: FakeClock) -> None:
    alice = await as_user(EMAIL)
    await grow_old(alice, clock, minutes=10)

    assert (await alice.delete("/auth/sessions")).status_code == 204


async def test_an_old_login_still_reads_and_logs_out(as_user: SignUp, clock: FakeClock) -> None:
    alice = await as_user(EMAIL)
    await grow_old(alice, clock, hours=5)

    assert (await alice.get("/users/me")).status_code == 200
    assert (await alice.get("/auth/sessions")).status_code == 200
    assert (await alice.post("/auth/logout")).status_code == 204


@pytest.mark.asvs("V7.2.4", "V7.5.1")
async def test_the_password_once_more_gives_a_new_login_and_the_old_one_dies(as_user: SignUp, clock: FakeClock) -> None:
    alice = await as_user(EMAIL)
    await grow_old(alice, clock, minutes=11)
    old_access, old_refresh = alice.access_token, alice.refresh_token

    answer = await alice.post("/auth/reauthenticate", json={"password": PASSWORD})

    assert answer.headers["Cache-Control"] == "no-store"
    alice.take(answer)
    assert alice.access_token != old_access
    stale = await alice.get("/users/me", headers={"Authorization": f"Bearer {old_access}"})
    refreshed = await alice.post("/auth/refresh", json={"refresh_token": old_refresh})
    assert (stale.status_code, refreshed.status_code) == (401, 400)
    assert len((await alice.get("/auth/sessions")).json()) == 1
    assert (await alice.patch("/users/me", json={"email": "alice@example.org"})).status_code == 200


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
