"""Counting in Redis: all processes together, nobody's address in it, and a login that stays shut without it."""

import re
from pathlib import Path

import pytest
from redis import Redis

from app.core.settings import SettingsError
from app.rate_limit.redis import Outage, readable
from tests.conftest import MakeApp
from tests.support.client import ApiClient
from tests.support.clock import FakeClock
from tests.support.environment import Machine
from tests.support.limits import statuses
from tests.support.production import FIT
from tests.support.redis import running_redis

RESET = {"code": "x" * 43, "new_password": "seven lamps and a copper kettle"}


async def codes_tried(client: ApiClient, times: int) -> list[int]:
    return [(await client.post("/auth/reset-password", json=RESET)).status_code for _ in range(times)]


async def test_two_applications_count_together(make_app: MakeApp) -> None:
    limits = {"RATE_LIMIT_PASSWORD_RESET": "4/minute", "RATE_LIMIT_GENERAL": "6/minute"}
    async with ApiClient(make_app(**limits)) as one, ApiClient(make_app(**limits)) as two:
        guesses = [*await codes_tried(one, 2), *await codes_tried(two, 3), *await codes_tried(one, 1)]
        others = [*await statuses(two, 4), *await statuses(one, 3), *await statuses(two, 1)]

    assert guesses == [403, 403, 403, 403, 429, 429]
    assert others == [404] * 6 + [429] * 2


async def test_no_address_can_be_read_in_it_and_nothing_stays(make_app: MakeApp, redis_client: Redis) -> None:
    app = make_app(RATE_LIMIT_GENERAL="5/minute")
    for network in ("192.0.2.77", "2001:db8:7:7::1"):
        async with ApiClient(app, network=network) as client:
            await statuses(client, 2)

    keys = [str(key) for key in redis_client.keys("*")]
    held = " ".join(keys) + str([redis_client.lrange(key, 0, -1) for key in keys])

    assert len(keys) == 2
    assert all(
        re.fullmatch(rf"{app.state.kernel.name}:rate-limit:LIMITER/[0-9a-f]{{32}}/5/1/minute", key) for key in keys
    )
    assert not re.search(r"192\.0\.2|2001:db8|general", held)
    assert all(0 < redis_client.ttl(key) <= 60 for key in keys)


async def test_another_secret_gives_another_key(
    make_app: MakeApp, redis_client: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever reads Redis and not the secret cannot try all addresses until one fits."""
    for secret in (FIT["SECRET_KEY"], FIT["SECRET_KEY"][::-1]):
        monkeypatch.setenv("SECRET_KEY", secret)
        async with ApiClient(make_app()) as client:
            await statuses(client, 1)

    assert len(redis_client.keys("*")) == 2


async def test_an_update_goes_on_counting_where_the_former_release_did(make_app: MakeApp, redis_client: Redis) -> None:
    """Under other keys a fleet that is being updated would let twice as many through."""
    app = make_app(SECRET_KEY="0123456789abcdef0123456789abcdef", RATE_LIMIT_GENERAL="5/minute")
    async with ApiClient(app, network="192.0.2.77") as client:
        await statuses(client, 1)

    (key,) = map(str, redis_client.keys("*"))

    assert key.split("/")[1] == "f987a05129000a47ab7539f250a6d82e"


async def test_a_network_over_its_limit_costs_no_further_question(make_app: MakeApp) -> None:
    with running_redis() as (_, url), Redis.from_url(url) as own:
        async with ApiClient(make_app(REDIS_URL=url, RATE_LIMIT_GENERAL="2/minute")) as client:
            assert await statuses(client, 3) == [404, 404, 429]
            asked = own.info("commandstats")["cmdstat_evalsha"]["calls"]

            assert await statuses(client, 50) == [429] * 50
            assert own.info("commandstats")["cmdstat_evalsha"]["calls"] == asked > 0


READABLE = (
    "redis://127.0.0.1",
    "redis://127.0.0.1:6379/0",
    "redis://[::1]:6379/15",
    "redis://:password@redis:6379/",
    "rediss://app:p%40ss@redis.example.com:6380/1",
    "rediss://redis.example.com?ssl_ca_certs=/etc/ssl/own.pem",
    "unix:///run/redis.sock",
    "unix:///run/redis.sock?db=3",
)
UNREADABLE = (
    "127.0.0.1:6379",
    "http://app:kanary7@redis:6379",
    "redis:",
    "redis://",
    "redis://:6379/0",
    "redis://app:kanary7@redis:port/0",
    "redis://redis:70000/0",
    "redis://redis:0/0",
    "redis://redis/one",
    "redis://redis/0/1",
    "redis://redis/-1",
    "redis://redis/0#x",
    "redis://[::1/0",
    "redis://redis/0?socket_timeout=60",
    "rediss://redis/0?ssl_cert_reqs=none",
    "rediss://redis/0?ssl_check_hostname=false",
    "redis://redis/0?db=1&",
    "unix://run/redis.sock",
    "unix://",
    "unix:///run/redis.sock?db=x",
)


@pytest.mark.parametrize("url", READABLE)
def test_an_address_that_can_be_used(url: str) -> None:
    assert readable(url) is not None


@pytest.mark.parametrize("url", UNREADABLE)
@pytest.mark.parametrize("environment", ["local", "production"])
def test_a_wrong_address_is_one_line_at_start_that_does_not_repeat_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, url: str, environment: str
) -> None:
    machine = Machine(monkeypatch, tmp_path).set(**FIT).set(APP_ENV=environment, REDIS_URL=url)

    with pytest.raises(SettingsError) as caught:
        machine.load()

    _, line = str(caught.value).splitlines()
    assert line.strip().startswith("REDIS_URL: cannot be read; write redis://user:password@host:6379/0")
    assert "kanary7" not in line


def test_during_an_outage_one_request_a_second_asks(clock: FakeClock) -> None:
    outage = Outage(clock)
    assert not outage.is_to_be_awaited()
    outage.failed(TimeoutError())
    assert outage.is_to_be_awaited()
    clock.advance(seconds=1)

    assert [outage.is_to_be_awaited() for _ in range(5)] == [False, True, True, True, True]
    outage.failed(TimeoutError())
    clock.advance(seconds=0.5)
    assert outage.is_to_be_awaited()
    clock.advance(hours=-1)
    assert not outage.is_to_be_awaited()
    outage.answered()
    assert not any(outage.is_to_be_awaited() for _ in range(5))
