"""What is answered over a limit: at once, in one form, and with no word about accounts."""

import asyncio
from dataclasses import replace

import httpx
import pytest

from app.core.events import SecurityEvent
from app.core.settings import CoreSettings
from app.rate_limit import guard
from tests.conftest import MakeApp
from tests.rate_limit.guesses import guesses
from tests.support.client import ApiClient
from tests.support.limits import statuses
from tests.support.passwords import count_hashing
from tests.support.people import Person
from tests.support.planting import RawRequest

RESET = {"code": "x" * 43, "new_password": "seven lamps and a copper kettle"}


async def over_the_limit(client: ApiClient, times: int = 3) -> httpx.Response:
    """Try codes until the limit is reached; return the first refusal of it."""
    for _ in range(times):
        assert (await client.post("/auth/reset-password", json=RESET)).status_code == 403
    return await client.post("/auth/reset-password", json=RESET)


@pytest.mark.asvs("V2.4.1", "V6.3.1")
async def test_one_more_than_the_limit_is_refused_and_told_when_to_come_back(make_app: MakeApp) -> None:
    async with ApiClient(make_app(RATE_LIMIT_PASSWORD_RESET="3/minute")) as client:
        refused = await over_the_limit(client)

    assert refused.status_code == 429
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert refused.headers["Cache-Control"] == "no-store"
    assert 56 <= int(refused.headers["Retry-After"]) <= 60
    assert refused.headers["RateLimit"] == f'"password-reset";r=0;t={refused.headers["Retry-After"]}'
    assert refused.headers["RateLimit-Policy"] == '"password-reset";q=3;w=60'
    assert refused.json() == {
        "type": "about:blank",
        "title": "Too Many Requests",
        "status": 429,
        "code": "rate_limited",
        "detail": "Too many requests. Wait.",
        "instance": f"urn:request:{refused.headers['X-Request-ID']}",
    }


async def test_pages_elsewhere_may_read_what_the_limit_is(make_app: MakeApp) -> None:
    kernel = make_app().state.kernel

    assert {"RateLimit", "RateLimit-Policy", "Retry-After"} <= kernel.exposed_headers


async def test_a_developer_is_told_which_setting_it_is(make_app: MakeApp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CoreSettings, "is_local", True)
    async with ApiClient(make_app(RATE_LIMIT_PASSWORD_RESET="3/minute")) as client:
        refused = await over_the_limit(client)

    assert refused.json()["hint"] == "RATE_LIMIT_PASSWORD_RESET"


@pytest.mark.asvs("V6.3.8")
async def test_no_password_is_hashed_and_nobody_learns_whether_an_account_exists(make_app: MakeApp) -> None:
    app = make_app(RATE_LIMIT_LOGIN="1/minute")
    logins = [each for each, action in guesses(app) if action == "login" and not each.closed]
    async with Person(app, "alice@example.com") as client:
        await client.register()
        hashing = count_hashing(app)
        await client.send(logins[0].request(client))
        done = len(hashing.verified)
        answers = [
            await client.send(replace(login, in_body=dict.fromkeys(login.in_body, address)).request(client))
            for login in logins
            for address in ("alice@example.com", "nobody@example.com")
        ]

    assert {answer.status_code for answer in answers} == {429}
    assert (len(hashing.verified), hashing.hashed) == (done, 0)
    assert len({(answer.headers["RateLimit"], str({**answer.json(), "instance": ""})) for answer in answers}) == 1


async def test_the_body_is_not_read(make_app: MakeApp) -> None:
    app = make_app(RATE_LIMIT_REGISTER="1/minute")
    headers = [(b"host", b"localhost"), (b"content-type", b"application/json")]
    await RawRequest("POST", "/auth/register", headers, b"{}").send_to(app)

    refused = await RawRequest("POST", "/auth/register", headers, b"{}", b"{}").send_to(app)

    assert (refused.status, refused.received) == (429, 0)


@pytest.mark.asvs("V16.3.3")
async def test_it_is_told_once_and_not_for_each_request_of_a_flood(make_app: MakeApp) -> None:
    app = make_app(RATE_LIMIT_GENERAL="2/minute")
    told: list[SecurityEvent] = []

    async def listen(event: SecurityEvent) -> None:
        told.append(event)

    app.state.kernel.listeners.append(listen)
    async with ApiClient(app, network="203.0.113.9") as client:
        assert await statuses(client, 20) == [404] * 2 + [429] * 18

    (event,) = told
    assert event.written() == "excess_rate_limit_exceeded:203.0.113.9,general,2"


async def test_whom_the_guard_has_no_room_to_remember_is_refused_all_the_same(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "MOST_BLOCKED", 2)
    app = make_app(RATE_LIMIT_GENERAL="1/minute")
    seen = []
    for network in ("192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.1"):
        async with ApiClient(app, network=network) as client:
            seen.append(await statuses(client, 2))

    assert seen == [[404, 429], [404, 429], [404, 429], [429, 429]]


async def test_requests_sent_at_once_are_all_counted(make_app: MakeApp) -> None:
    async with ApiClient(make_app(RATE_LIMIT_GENERAL="5/minute")) as client:
        answers = await asyncio.gather(*(client.get("/nowhere") for _ in range(25)))

    assert sorted(answer.status_code for answer in answers) == [404] * 5 + [429] * 20
