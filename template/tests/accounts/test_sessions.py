"""Seeing and ending one's logins; ending one acts on the very next request."""

import asyncio

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.login import Proven
from app.core.sessions import MOST_SESSIONS
from tests.support.carrying import each_way
from tests.support.clock import FakeClock
from tests.support.meanwhile import begun
from tests.support.passwords import kernel_of
from tests.support.people import PASSWORD, Person, SignUp, lifetimes_of, try_login

EMAIL = "alice@example.com"


async def another_login(alice: Person, *, agent: str = "", network: str = "127.0.0.1") -> Person:
    person = Person(alice.app, EMAIL, network=network, way=alice.way)
    person.headers["User-Agent"] = agent
    await person.log_in()
    return person


async def session_ids(person: Person) -> dict[bool, list[str]]:
    """Return the ids of the sessions, by whether they are the current one."""
    found = (await person.get("/auth/sessions")).json()
    return {current: [each["id"] for each in found if each["current"] is current] for current in (True, False)}


@each_way
@pytest.mark.asvs("V7.5.2")
async def test_an_owner_sees_every_login_and_where_it_came_from(as_user: SignUp, clock: FakeClock) -> None:
    alice = await as_user(EMAIL)
    await as_user("bob@example.com")
    clock.advance(seconds=5)
    phone = await another_login(alice, agent="Phone/1.0", network="2001:db8:1:2::3")

    answer = await phone.get("/auth/sessions")

    assert answer.status_code == 200
    newest, oldest = answer.json()
    assert (newest["current"], newest["carrier"], newest["user_agent"]) == (True, alice.way.name, "Phone/1.0")
    assert newest["network"] == "2001:db8:1:2::/64"
    assert newest["created_at"] == newest["last_used_at"] == "2030-01-01T12:00:05Z"
    assert (oldest["current"], oldest["network"]) == (False, "127.0.0.1")
    assert set(newest) == set(oldest)
    assert "secret" not in answer.text
    assert [name for name, secret in alice.carried.secrets.items() if secret in answer.text] == []


@each_way
@pytest.mark.asvs("V7.4.1")
async def test_logging_out_ends_this_login_at_once_and_no_other(as_user: SignUp) -> None:
    alice = await as_user(EMAIL)
    phone = await another_login(alice)

    answer = await phone.post("/auth/logout")

    assert (answer.status_code, answer.content) == (204, b"")
    assert not await phone.is_in()
    assert await alice.is_in()


@each_way
@pytest.mark.asvs("V7.5.2")
async def test_one_login_is_ended_from_another(as_user: SignUp) -> None:
    alice = await as_user(EMAIL)
    phone, tablet = await another_login(alice), await another_login(alice)
    (phones,) = (await session_ids(phone))[True]

    answer = await alice.delete(f"/auth/sessions/{phones}")
    again = await alice.delete(f"/auth/sessions/{phones}")

    assert (answer.status_code, again.status_code) == (204, 404)
    assert not await phone.is_in()
    assert await alice.is_in()
    assert await tablet.is_in()


@each_way
@pytest.mark.asvs("V7.5.2")
async def test_all_other_logins_are_ended_and_nobody_elses(as_user: SignUp) -> None:
    alice, bob = await as_user(EMAIL), await as_user("bob@example.com")
    others = [await another_login(alice) for _ in range(2)]

    answer = await alice.delete("/auth/sessions")

    assert answer.status_code == 204
    assert [await other.is_in() for other in others] == [False, False]
    assert await alice.is_in()
    assert await bob.is_in()
    assert (await session_ids(alice))[False] == []


@pytest.mark.asvs("V7.5.2", "V15.4.2")
async def test_a_login_under_way_does_not_outlive_that_all_others_are_ended(as_user: SignUp) -> None:
    alice = await as_user(EMAIL)
    ending: list[asyncio.Task[httpx.Response]] = []

    async def meanwhile_all_others_end(_db: AsyncSession, _proven: Proven) -> None:
        ending.append(await begun(alice.delete("/auth/sessions")))

    kernel_of(alice.app).login.steps.append(meanwhile_all_others_end)
    thief = await another_login(alice)

    assert [(await each).status_code for each in ending] == [204]
    assert not await thief.is_in()
    assert await alice.is_in()


@each_way
@pytest.mark.asvs("V8.2.2", "V7.5.2")
async def test_somebody_elses_login_is_404_and_stays(as_user: SignUp) -> None:
    alice, bob = await as_user(EMAIL), await as_user("bob@example.com")
    (bobs,) = (await session_ids(bob))[True]

    foreign = await alice.delete(f"/auth/sessions/{bobs}")
    unknown = await alice.delete("/auth/sessions/00000000-0000-4000-8000-000000000000")

    assert foreign.status_code == unknown.status_code == 404
    assert foreign.json()["detail"] == unknown.json()["detail"]
    assert await bob.is_in()


@pytest.mark.parametrize("odd", ["1", "%00", "not-a-uuid", "' OR 1=1 --", "00000000000040008000000000000000"])
async def test_what_is_no_id_is_422(as_user: SignUp, odd: str) -> None:
    alice = await as_user(EMAIL)

    assert (await alice.delete(f"/auth/sessions/{odd}")).status_code == 422


@each_way
@pytest.mark.asvs("V7.1.2", "V2.3.2")
async def test_one_login_too_many_ends_the_one_unused_for_longest(as_user: SignUp, clock: FakeClock) -> None:
    first = await as_user(EMAIL)
    clock.advance(seconds=1)
    second = await another_login(first)
    clock.advance(minutes=5)
    assert await first.renew()
    for _ in range(MOST_SESSIONS - 1):
        clock.advance(seconds=1)
        assert await try_login(first, EMAIL, PASSWORD) == 200

    assert await first.is_in()
    assert not await second.is_in()
    assert len((await first.get("/auth/sessions")).json()) == MOST_SESSIONS


@each_way
async def test_an_unused_login_is_no_longer_listed(as_user: SignUp, clock: FakeClock) -> None:
    alice = await as_user(EMAIL)
    clock.moment += lifetimes_of(alice).idle
    again = await another_login(alice)

    assert (await session_ids(again))[False] == []
