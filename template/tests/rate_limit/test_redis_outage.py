"""A Redis that is gone, hangs or refuses: what can be guessed stays shut, the rest as it is set, and all recovers."""

import time
from collections.abc import Iterator

import pytest
from redis import Redis

from app.core.application import Application
from tests.conftest import MakeApp
from tests.support.client import ApiClient
from tests.support.clock import FakeClock
from tests.support.limits import statuses
from tests.support.redis import RedisServer, running_redis, wait_for

GONE, BACK = '"event": "redis_not_reached"', '"event": "redis_reached_again"'
RESET = {"code": "x" * 43, "new_password": "seven lamps and a copper kettle"}

Own = tuple[RedisServer, str]


@pytest.fixture
def own() -> Iterator[Own]:
    """A server of the test's own, to stop and to pause."""
    with running_redis() as running:
        yield running


async def guess(client: ApiClient) -> int:
    return (await client.post("/auth/reset-password", json=RESET)).status_code


def limited(make_app: MakeApp, url: str, **settings: str) -> Application:
    return make_app(REDIS_URL=url, REDIS_TIMEOUT_SECONDS="1", **settings)


async def test_without_redis_no_guess_is_let_through_and_all_else_is(
    capsys: pytest.CaptureFixture[str], make_app: MakeApp, clock: FakeClock, own: Own
) -> None:
    server, url = own
    async with ApiClient(limited(make_app, url, RATE_LIMIT_PASSWORD_RESET="2/minute")) as client:
        before = [await guess(client), *await statuses(client, 2)]
        server.stop()
        refused = await client.post("/auth/reset-password", json=RESET)
        without = [await guess(client), *await statuses(client, 3)]
        server.start()
        wait_for(url)
        clock.advance(seconds=1.1)
        after = [await guess(client) for _ in range(3)]
    printed = capsys.readouterr().out

    assert before == [403, 404, 404]
    assert refused.status_code == 503
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert int(refused.headers["Retry-After"]) >= 1
    assert without == [503, 404, 404, 404]
    assert after == [403, 403, 429]
    assert (printed.count(GONE), printed.count(BACK)) == (1, 1)


async def test_nothing_is_let_through_where_the_setting_says_so(make_app: MakeApp, clock: FakeClock, own: Own) -> None:
    server, url = own
    async with ApiClient(limited(make_app, url, RATE_LIMIT_WITHOUT_REDIS="refuse")) as client:
        server.stop()
        without = [await guess(client), *await statuses(client, 2)]
        health = await statuses(client, 1, "/health/live")
        server.start()
        wait_for(url)
        clock.advance(seconds=1.1)

        assert without == [503] * 3
        assert health == [200]
        assert await statuses(client, 2) == [404, 404]


async def test_a_redis_that_hangs_holds_up_one_request_a_second_and_that_not_for_long(
    capsys: pytest.CaptureFixture[str], make_app: MakeApp, clock: FakeClock, own: Own
) -> None:
    server, url = own
    async with ApiClient(limited(make_app, url)) as client:
        before = [await guess(client), *await statuses(client, 2)]
        server.pause()
        began = time.monotonic()
        hanging = [await guess(client), *await statuses(client, 60)]
        clock.advance(seconds=1.1)
        still = [await guess(client), *await statuses(client, 60)]
        seconds = time.monotonic() - began
        server.go_on()
        clock.advance(seconds=1.1)
        after = [await guess(client), *await statuses(client, 2)]
    printed = capsys.readouterr().out

    assert before == after == [403, 404, 404]
    assert hanging == still == [503] + [404] * 60
    # Were each of them held up, it would be two minutes.
    assert seconds < 30
    assert (printed.count(GONE), printed.count(BACK)) == (1, 1)


async def test_nobody_waits_long_for_a_redis_that_hangs_where_nothing_is_set(
    make_app: MakeApp, clock: FakeClock, own: Own, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, url = own
    monkeypatch.delenv("REDIS_TIMEOUT_SECONDS")
    waits = []
    async with ApiClient(make_app(REDIS_URL=url)) as client:
        before = await guess(client)
        server.pause()
        for _ in range(3):
            began = time.monotonic()
            assert await guess(client) == 503
            waits.append(time.monotonic() - began)
            clock.advance(seconds=1.1)

    assert before == 403
    # A fifth of a second, and what a busy machine adds: hardly four times as much to each of three.
    assert min(waits) < 1


async def test_a_redis_that_refuses_us_is_one_that_is_not_there(make_app: MakeApp, own: Own) -> None:
    _, url = own
    with Redis.from_url(url) as server:
        server.config_set("requirepass", "nobody-knows")
    async with ApiClient(limited(make_app, url)) as client:
        assert [await guess(client), *await statuses(client, 2)] == [503, 404, 404]


async def test_after_a_refusal_it_connects_anew_since_another_server_may_have_the_name_by_now(
    make_app: MakeApp, clock: FakeClock, own: Own
) -> None:
    _, url = own
    with Redis.from_url(url) as server:
        async with ApiClient(limited(make_app, url)) as client:
            assert await guess(client) == 403
            server.replicaof("127.0.0.1", "1")
            assert await guess(client) == 503
            server.replicaof("NO", "ONE")
            connected = server.info("stats")["total_connections_received"]
            clock.advance(seconds=1.1)

            assert await guess(client) == 403
            assert server.info("stats")["total_connections_received"] == connected + 1


async def test_what_is_told_of_an_outage_holds_no_password(
    capsys: pytest.CaptureFixture[str], make_app: MakeApp
) -> None:
    async with ApiClient(limited(make_app, "redis://app:kanary7@127.0.0.1:1/0")) as client:
        await guess(client)
    printed = capsys.readouterr().out

    assert printed.count(GONE) == 1
    assert "kanary7" not in printed


async def test_it_is_said_at_start_already(capsys: pytest.CaptureFixture[str], make_app: MakeApp, own: Own) -> None:
    server, url = own
    server.stop()
    app = limited(make_app, url)
    async with app.router.lifespan_context(app):
        printed = capsys.readouterr().out

    assert printed.count(GONE) == 1
    assert "sys_startup" in printed
