"""Twenty exchanges of one refresh token at once, on the real database: exactly one wins (ASVS V15.4.2).

What becomes of the family is a decision between two harms. With `REFRESH_RACE_SECONDS=0` the other nineteen are
replays and end it: a client that races is logged out. With more, they are told 400 and nothing else happens.
"""

import asyncio

import httpx
import pytest

from app.bearer import rotation
from app.core.application import Application
from app.core.events import Level, SecurityEvent
from tests.conftest import MakeApp
from tests.support.clock import FakeClock
from tests.support.forge import present
from tests.support.tokens import INVALID_GRANT, Holder, logged_in, refresh, refusal

RACERS = 20


def heard_at(app: Application) -> list[SecurityEvent]:
    heard: list[SecurityEvent] = []

    async def listen(event: SecurityEvent) -> None:
        heard.append(event)

    app.state.kernel.listeners.append(listen)
    return heard


async def race(*people: Holder, token: str) -> tuple[httpx.Response, list[httpx.Response]]:
    """Return the one answer that won, and the others."""
    answers = await asyncio.gather(*(refresh(people[i % len(people)], token) for i in range(RACERS)))
    won = [answer for answer in answers if answer.status_code == 200]
    lost = [answer for answer in answers if answer.status_code != 200]
    assert len(won) == 1, [answer.status_code for answer in answers]
    return won[0], lost


@pytest.mark.asvs("V15.4.2", "V10.4.5")
@pytest.mark.parametrize(
    ("window", "survives", "critical"), [("0", False, 1), ("5", True, 0)], ids=["no-race-window", "race-window"]
)
async def test_of_twenty_exchanges_one_wins_and_the_window_decides_for_the_family(
    make_app: MakeApp, window: str, survives: bool, critical: int
) -> None:
    app = make_app(REFRESH_RACE_SECONDS=window)
    events = heard_at(app)

    async with logged_in(app) as alice:
        won, lost = await race(alice, token=alice.refresh_token)
        access = await present(alice, won.json()["access_token"])
        family = await refresh(alice, won.json()["refresh_token"])

    levels = [event.level for event in events if event.name == "authn_token_reuse"]
    assert {refusal(answer) for answer in lost} == {INVALID_GRANT}
    assert access.status_code == (200 if survives else 401)
    assert family.status_code == 200 if survives else refusal(family) == INVALID_GRANT
    assert levels.count(Level.CRITICAL) == critical
    assert critical or levels == [Level.WARN] * len(lost)


async def test_two_applications_race_as_one_does(make_app: MakeApp) -> None:
    one, other = make_app(), make_app()

    async with logged_in(one) as alice, logged_in(other, register=False) as elsewhere:
        won, lost = await race(alice, elsewhere, token=alice.refresh_token)
        dead = await present(elsewhere, won.json()["access_token"])

    assert {refusal(answer) for answer in lost} == {INVALID_GRANT}
    assert dead.status_code == 401


@pytest.mark.asvs("V15.4.2", "V15.2.2")
async def test_of_twenty_exchanges_none_wins_once_the_login_has_been_refreshed_as_often_as_it_may(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "MOST_REFRESHES", 1)
    app = make_app(REFRESH_RACE_SECONDS="5")

    async with logged_in(app) as alice:
        won, _ = await race(alice, token=alice.refresh_token)
        last = won.json()["refresh_token"]
        answers = await asyncio.gather(*(refresh(alice, last) for _ in range(RACERS)))
        dead = await present(alice, won.json()["access_token"])

    assert {refusal(answer) for answer in answers} == {INVALID_GRANT}
    assert dead.status_code == 401


async def test_the_race_window_closes(make_app: MakeApp, clock: FakeClock) -> None:
    app = make_app(REFRESH_RACE_SECONDS="5")

    async with logged_in(app) as alice:
        spent = alice.refresh_token
        alice.take(await refresh(alice, spent))
        clock.advance(seconds=4.9)
        within = await refresh(alice, spent)
        alive = await alice.get("/users/me")
        clock.advance(seconds=0.1)
        after = await refresh(alice, spent)
        dead = await alice.get("/users/me")

    assert (refusal(within), alive.status_code) == (INVALID_GRANT, 200)
    assert (refusal(after), dead.status_code) == (INVALID_GRANT, 401)


@pytest.mark.asvs("V10.4.5")
@pytest.mark.parametrize("behind", [0.001, 3], ids=["read sooner", "another machine's"])
async def test_a_clock_that_is_behind_makes_no_race_window(make_app: MakeApp, clock: FakeClock, behind: float) -> None:
    """Who loses may have looked at the clock before the winner did."""
    app = make_app()
    events = heard_at(app)

    async with logged_in(app) as alice:
        spent = alice.refresh_token
        alice.take(await refresh(alice, spent))
        clock.advance(seconds=-behind)
        replay = await refresh(alice, spent)
        dead = await alice.get("/users/me")

    assert (refusal(replay), dead.status_code) == (INVALID_GRANT, 401)
    assert [event.level for event in events if event.name == "authn_token_reuse"] == [Level.CRITICAL]


async def test_the_race_window_is_as_wide_for_a_clock_that_is_behind(make_app: MakeApp, clock: FakeClock) -> None:
    app = make_app(REFRESH_RACE_SECONDS="5")

    async with logged_in(app) as alice:
        spent = alice.refresh_token
        alice.take(await refresh(alice, spent))
        clock.advance(seconds=-4.9)
        within = await refresh(alice, spent)
        alive = await alice.get("/users/me")
        clock.advance(seconds=-0.1)
        beyond = await refresh(alice, spent)
        dead = await alice.get("/users/me")

    assert (refusal(within), alive.status_code) == (INVALID_GRANT, 200)
    assert (refusal(beyond), dead.status_code) == (INVALID_GRANT, 401)


async def test_the_race_window_is_for_the_token_just_spent_alone(make_app: MakeApp, clock: FakeClock) -> None:
    app = make_app(REFRESH_RACE_SECONDS="5")

    async with logged_in(app) as alice:
        grandparent = alice.refresh_token
        alice.take(await refresh(alice, grandparent))
        clock.advance(seconds=1)
        alice.take(await refresh(alice, alice.refresh_token))
        replay = await refresh(alice, grandparent)
        dead = await alice.get("/users/me")

    assert refusal(replay) == INVALID_GRANT
    assert dead.status_code == 401


async def test_a_refresh_and_a_logout_at_once_leave_nothing_alive(make_app: MakeApp) -> None:
    app = make_app()

    async with logged_in(app) as alice:
        logout, answer = await asyncio.gather(alice.post("/auth/logout"), refresh(alice, alice.refresh_token))
        tokens = answer.json() if answer.status_code == 200 else {}
        access = await present(alice, tokens.get("access_token", alice.access_token))
        family = await refresh(alice, tokens.get("refresh_token", alice.refresh_token))

    assert logout.status_code == 204
    assert access.status_code == 401
    assert refusal(family) == INVALID_GRANT
