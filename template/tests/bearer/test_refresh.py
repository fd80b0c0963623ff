"""Refresh tokens: each is good for one exchange, and a second one ends the family (RFC 9700 section 4.14.2)."""

import pytest
from sqlalchemy import select

from app.bearer import rotation
from app.bearer.models import SpentRefreshToken
from app.core.application import Application
from app.core.events import Level, SecurityEvent
from tests.conftest import MakeApp
from tests.support.client import ApiClient
from tests.support.clock import FakeClock
from tests.support.forge import claims_of, decoded, present
from tests.support.stolen import as_secret, stored_for_sessions
from tests.support.tokens import INVALID_GRANT, INVALID_REQUEST, SignUp, logged_in, refresh, refusal, request_tokens

DAY = 24 * 60 * 60


def reuses(events: list[SecurityEvent]) -> list[Level]:
    return [event.level for event in events if event.name == "authn_token_reuse"]


@pytest.mark.asvs("V10.4.5", "V7.2.3")
async def test_a_refresh_gives_new_tokens_and_spends_the_old_one(as_user: SignUp, client: ApiClient) -> None:
    alice = await as_user("alice@example.com")
    old_access, old_refresh = alice.access_token, alice.refresh_token

    alice.take(await refresh(client, alice.refresh_token))

    assert alice.refresh_token != old_refresh
    assert len(decoded(alice.refresh_token)) == 32
    assert claims_of(alice.access_token)["jti"] != claims_of(old_access)["jti"]
    assert (await alice.get("/users/me")).status_code == 200
    assert refusal(await refresh(client, old_refresh)) == INVALID_GRANT


async def test_whoever_reads_what_is_stored_has_no_refresh_token(
    as_user: SignUp, app: Application, client: ApiClient
) -> None:
    alice = await as_user("alice@example.com")
    alice.take(await refresh(client, alice.refresh_token))
    async with app.state.kernel.store.reading() as db:
        spent = list(await db.scalars(select(SpentRefreshToken.token_hash)))
    stored = [*await stored_for_sessions(app), *spent]

    answers = [await refresh(client, as_secret(each)) for each in stored]

    assert [len(each) for each in stored] == [32, 32]
    assert [refusal(answer) for answer in answers] == [INVALID_GRANT] * 2
    assert await alice.is_in()


@pytest.mark.asvs("V16.3.1")
async def test_a_refresh_is_told_once(as_user: SignUp, client: ApiClient, events: list[SecurityEvent]) -> None:
    alice = await as_user("alice@example.com")
    events.clear()

    await refresh(client, alice.refresh_token)

    assert [f"{event.name} {event.level}" for event in events] == ["session_renewed INFO"]


async def test_a_refresh_is_the_same_session_and_no_newer_login(
    as_user: SignUp, client: ApiClient, clock: FakeClock
) -> None:
    alice = await as_user("alice@example.com")
    before = claims_of(alice.access_token)
    clock.advance(minutes=11)

    alice.take(await refresh(client, alice.refresh_token))
    change = await alice.patch("/users/me", json={"email": "new@example.com"})

    after = claims_of(alice.access_token)
    assert after["iat"] == before["iat"] + 660
    assert {name: after[name] for name in ("sub", "sid", "auth_time", "amr", "aud", "iss", "client_id")} == {
        name: before[name] for name in ("sub", "sid", "auth_time", "amr", "aud", "iss", "client_id")
    }
    assert change.status_code == 401
    assert 'error="insufficient_user_authentication"' in change.headers["WWW-Authenticate"]


@pytest.mark.asvs("V10.4.5", "V7.4.1")
async def test_a_replayed_refresh_token_ends_its_family_at_once(
    as_user: SignUp, client: ApiClient, events: list[SecurityEvent]
) -> None:
    alice = await as_user("alice@example.com")
    stolen = alice.refresh_token
    alice.take(await refresh(client, stolen))

    replay = await refresh(client, stolen)

    assert refusal(replay) == INVALID_GRANT
    assert (await alice.get("/users/me")).status_code == 401
    assert refusal(await refresh(client, alice.refresh_token)) == INVALID_GRANT
    assert reuses(events) == [Level.CRITICAL]
    assert "authn_token_reuse:" + claims_of(alice.access_token)["sub"] in [
        event.written().partition(",")[0] for event in events
    ]


async def test_the_thief_who_was_first_loses_the_family_too(as_user: SignUp, client: ApiClient) -> None:
    alice = await as_user("alice@example.com")
    loot = (await refresh(client, alice.refresh_token)).json()

    owner = await refresh(client, alice.refresh_token)

    assert refusal(owner) == INVALID_GRANT
    assert (await present(client, loot["access_token"])).status_code == 401
    assert refusal(await refresh(client, loot["refresh_token"])) == INVALID_GRANT


async def test_a_replay_ends_one_family_and_no_other(as_user: SignUp, client: ApiClient) -> None:
    alice, bob = await as_user("alice@example.com"), await as_user("bob@example.com")
    other_device = (await request_tokens(client, alice.email, alice.password)).json()
    spent = alice.refresh_token
    await refresh(client, spent)

    await refresh(client, spent)

    assert (await present(client, other_device["access_token"])).status_code == 200
    assert (await refresh(client, other_device["refresh_token"])).status_code == 200
    assert (await bob.get("/users/me")).status_code == 200


async def test_the_end_of_a_family_is_committed_though_the_answer_is_400(make_app: MakeApp) -> None:
    app, second_process = make_app(), make_app()

    async with logged_in(app) as alice, ApiClient(second_process) as elsewhere:
        alice.take(await refresh(alice, spent := alice.refresh_token))
        await refresh(alice, spent)
        access = await present(elsewhere, alice.access_token)
        family = await refresh(elsewhere, alice.refresh_token)

    assert access.status_code == 401
    assert refusal(family) == INVALID_GRANT


async def test_an_older_ancestor_ends_the_family_as_well(as_user: SignUp, client: ApiClient) -> None:
    alice = await as_user("alice@example.com")
    ancestors = []
    for _ in range(3):
        ancestors.append(alice.refresh_token)
        alice.take(await refresh(client, alice.refresh_token))

    await refresh(client, ancestors[0])

    assert (await alice.get("/users/me")).status_code == 401


async def test_a_replay_of_a_dead_family_is_told_and_changes_nothing(
    as_user: SignUp, client: ApiClient, events: list[SecurityEvent]
) -> None:
    alice = await as_user("alice@example.com")
    spent = alice.refresh_token
    alice.take(await refresh(client, spent))
    await alice.post("/auth/logout")

    replay = await refresh(client, spent)

    assert refusal(replay) == INVALID_GRANT
    assert reuses(events) == [Level.WARN]


@pytest.mark.asvs("V7.3.1")
async def test_a_family_dies_when_it_is_not_used_for_a_week(
    as_user: SignUp, client: ApiClient, clock: FakeClock
) -> None:
    alice, bob = await as_user("alice@example.com"), await as_user("bob@example.com")
    clock.advance(seconds=7 * DAY - 1)
    in_time = await refresh(client, alice.refresh_token)
    clock.advance(seconds=1)

    too_late = await refresh(client, bob.refresh_token)

    assert refusal(too_late) == INVALID_GRANT
    alice.take(in_time)
    clock.advance(seconds=7 * DAY - 2)
    assert (await refresh(client, alice.refresh_token)).status_code == 200


@pytest.mark.asvs("V7.3.2", "V10.4.8")
async def test_no_use_keeps_a_family_alive_beyond_thirty_days(
    as_user: SignUp, client: ApiClient, clock: FakeClock
) -> None:
    alice = await as_user("alice@example.com")
    for _ in range(5):
        clock.advance(days=5)
        alice.take(await refresh(client, alice.refresh_token))
    clock.advance(seconds=5 * DAY - 1)
    alice.take(await refresh(client, alice.refresh_token))
    alive = await alice.get("/users/me")
    clock.advance(seconds=1)

    after = await refresh(client, alice.refresh_token)

    assert alive.status_code == 200
    assert refusal(after) == INVALID_GRANT
    assert (await alice.get("/users/me")).status_code == 401


@pytest.mark.asvs("V15.2.2")
async def test_a_login_leaves_no_rows_without_end_but_ends(
    as_user: SignUp, client: ApiClient, events: list[SecurityEvent], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each refresh leaves a row, and whatever deletes the account or the login deletes them in one statement."""
    monkeypatch.setattr(rotation, "MOST_REFRESHES", 3)
    alice = await as_user("alice@example.com")
    for _ in range(3):
        alice.take(await refresh(client, alice.refresh_token))
    alive = await alice.get("/users/me")
    events.clear()

    one_more = await refresh(client, alice.refresh_token)

    assert alive.status_code == 200
    assert refusal(one_more) == INVALID_GRANT
    assert (await alice.get("/users/me")).status_code == 401
    assert [event.name for event in events] == ["session_use_after_expire"]


@pytest.mark.asvs("V15.2.2")
async def test_each_login_is_counted_by_itself(
    as_user: SignUp, client: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "MOST_REFRESHES", 1)
    alice = await as_user("alice@example.com")
    other_device = (await request_tokens(client, alice.email, alice.password)).json()
    alice.take(await refresh(client, alice.refresh_token))
    one_more = await refresh(client, alice.refresh_token)

    await alice.log_in()
    answers = [await refresh(client, token) for token in (alice.refresh_token, other_device["refresh_token"])]

    assert refusal(one_more) == INVALID_GRANT
    assert [answer.status_code for answer in answers] == [200, 200]


async def test_the_limits_are_settings(make_app: MakeApp, clock: FakeClock) -> None:
    app = make_app(REFRESH_IDLE_SECONDS="3600", REFRESH_ABSOLUTE_SECONDS="7200")

    async with logged_in(app) as alice:
        statuses = []
        for _ in range(3):
            clock.advance(seconds=3599)
            answer = await refresh(alice, alice.refresh_token)
            statuses.append(answer.status_code)
            if answer.status_code == 200:
                alice.take(answer)

    assert statuses == [200, 200, 400]


async def test_what_cannot_be_a_token_is_an_invalid_request(client: ApiClient) -> None:
    for token in ["", None, 7, True, ["x"], {"x": 1}, "a\0b", "x" * 5000]:
        answer = await refresh(client, token)

        assert refusal(answer) == INVALID_REQUEST, token


async def test_an_unknown_token_is_an_invalid_grant(client: ApiClient) -> None:
    for token in ["x", "é", "' OR 1=1 --", "null", "x" * 43, "x" * 500]:
        answer = await refresh(client, token)

        assert refusal(answer) == INVALID_GRANT, token


@pytest.mark.asvs("V16.3.1")
async def test_a_token_that_is_good_for_nothing_is_told_once_a_minute_for_each_network(
    as_user: SignUp, client: ApiClient, events: list[SecurityEvent], clock: FakeClock
) -> None:
    """A client that was logged out, or somebody who tries tokens: anybody can, faster than anybody reads."""
    alice = await as_user("alice@example.com")
    await alice.post("/auth/logout")
    events.clear()

    for seconds in (0, 59, 1):
        clock.advance(seconds=seconds)
        for token in (alice.refresh_token, "x" * 43):
            assert refusal(await refresh(client, token)) == INVALID_GRANT

    assert [f"{event.written()} {event.level}" for event in events] == [
        "session_use_after_expire:unknown,127.0.0.1 WARN"
    ] * 2


async def test_a_bad_access_token_beside_it_does_not_stop_a_refresh(as_user: SignUp, clock: FakeClock) -> None:
    alice = await as_user("alice@example.com")
    clock.advance(minutes=11)

    expired = await alice.get("/users/me")
    renewed = await refresh(alice, alice.refresh_token)

    assert expired.status_code == 401
    assert renewed.status_code == 200
