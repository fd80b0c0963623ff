"""Seeing and ending one's logins; ending one acts on the very next request."""

import pytest

from app.core.application import Application
from app.core.sessions import MOST_SESSIONS
from tests.support.clock import FakeClock
from tests.support.people import PASSWORD, Person, SignUp, request_tokens

EMAIL = "alice@example.com"


async def another_login(app: Application, *, agent: str = "", network: str = "127.0.0.1") -> Person:
    person = Person(app, EMAIL, network=network)
    person.headers["User-Agent"] = agent
    await person.log_in()
    return person


async def session_ids(person: Person) -> dict[bool, list[str]]:
    """Return the ids of the sessions, by whether they are the current one."""
    found = (await person.get("/auth/sessions")).json()
    return {current: [each["id"] for each in found if each["current"] is current] for current in (True, False)}


async def is_in(person: Person) -> bool:
    """Return whether the access token and the refresh token of a login are still taken."""
    by_access = (await person.get("/users/me")).status_code == 200
    answer = await person.post("/auth/refresh", json={"refresh_token": person.refresh_token})
    if answer.status_code == 200:
        person.take(answer)
    assert by_access == (answer.status_code == 200)
    return by_access


@pytest.mark.asvs("V7.5.2")
async def test_an_owner_sees_every_login_and_where_it_came_from(
    as_user: SignUp, app: Application, clock: FakeClock
) -> None:
    alice = await as_user(EMAIL)
    await as_user("bob@example.com")
    clock.advance(seconds=5)
    phone = await another_login(app, agent="Phone/1.0", network="2001:db8:1:2::3")

    answer = await phone.get("/auth/sessions")

    assert answer.status_code == 200
    newest, oldest = answer.json()
    assert (newest["current"], newest["carrier"], newest["user_agent"]) == (True, "bearer", "Phone/1.0")
    assert newest["network"] == "2001:db8:1:2::/64"
    assert newest["created_at"] == newest["last_used_at"] == "2030-01-01T12:00:05Z"
    assert (oldest["current"], oldest["network"]) == (False, "127.0.0.1")
    assert set(newest) == set(oldest)
    assert "secret" not in answer.text
    assert alice.refresh_token not in answer.text


@pytest.mark.asvs("V7.4.1")
async def test_logging_out_ends_this_login_at_once_and_no_other(as_user: SignUp, app: Application) -> None:
    alice = await as_user(EMAIL)
    phone = await another_login(app)

    answer = await phone.post("/auth/logout")

    assert (answer.status_code, answer.content) == (204, b"")
    assert not await is_in(phone)
    assert await is_in(alice)


@pytest.mark.asvs("V7.5.2")
async def test_one_login_is_ended_from_another(as_user: SignUp, app: Application) -> None:
    alice = await as_user(EMAIL)
    phone, tablet = await another_login(app), await another_login(app)
    (phones,) = (await session_ids(phone))[True]

    answer = await alice.delete(f"/auth/sessions/{phones}")
    again = await alice.delete(f"/auth/sessions/{phones}")

    assert (answer.status_code, again.status_code) == (204, 404)
    assert not await is_in(phone)
    assert await is_in(alice)
    assert await is_in(tablet)


@pytest.mark.asvs("V7.5.2")
async def test_all_other_logins_are_ended_and_nobody_elses(as_user: SignUp, app: Application) -> None:
    alice, bob = await as_user(EMAIL), await as_user("bob@example.com")
    others = [await another_login(app) for _ in range(2)]

    answer = await alice.delete("/auth/sessions")

    assert answer.status_code == 204
    assert [await is_in(other) for other in others] == [False, False]
    assert await is_in(alice)
    assert await is_in(bob)
    assert (await session_ids(alice))[False] == []


@pytest.mark.asvs("V8.2.2", "V7.5.2")
async def test_somebody_elses_login_is_404_and_stays(as_user: SignUp) -> None:
    alice, bob = await as_user(EMAIL), await as_user("bob@example.com")
    (bobs,) = (await session_ids(bob))[True]

    foreign = await alice.delete(f"/auth/sessions/{bobs}")
    unknown = await alice.delete("/auth/sessions/00000000-0000-4000-8000-000000000000")

    assert foreign.status_code == unknown.status_code == 404
    assert foreign.json()["detail"] == unknown.json()["detail"]
    assert await is_in(bob)


@pytest.mark.parametrize("odd", ["1", "%00", "not-a-uuid", "' OR 1=1 --", "00000000000040008000000000000000"])
async def test_what_is_no_id_is_422(as_user: SignUp, odd: str) -> None:
    alice = await as_user(EMAIL)

    assert (await alice.delete(f"/auth/sessions/{odd}")).status_code == 422


@pytest.mark.asvs("V7.1.2")
async def test_one_login_too_many_ends_the_one_unused_for_longest(
    as_user: SignUp, app: Application, clock: FakeClock
) -> None:
    first = await as_user(EMAIL)
    clock.advance(seconds=1)
    second = await another_login(app)
    clock.advance(seconds=1)
    first.take(await first.post("/auth/refresh", json={"refresh_token": first.refresh_token}))
    for _ in range(MOST_SESSIONS - 1):
        clock.advance(seconds=1)
        assert (await request_tokens(first, EMAIL, PASSWORD)).status_code == 200

    assert await is_in(first)
    assert not await is_in(second)
    assert len((await first.get("/auth/sessions")).json()) == MOST_SESSIONS


async def test_an_unused_login_is_no_longer_listed(as_user: SignUp, app: Application, clock: FakeClock) -> None:
    await as_user(EMAIL)
    clock.advance(days=7, seconds=1)
    alice = await another_login(app)

    assert (await session_ids(alice))[False] == []
