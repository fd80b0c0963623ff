"""A burst of requests waits for its turn in our own process: it is counted, and it is no outage of Redis."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest

from app.core.application import Application
from app.rate_limit.redis import MOST_CONNECTIONS
from tests.conftest import MakeApp
from tests.support.planting import RawRequest
from tests.support.redis import running_redis

SLOW_SECONDS = 0.1
"""Slow, and in time."""

TIMEOUT = str(5 * SLOW_SECONDS)


async def burst(app: Application, times: int) -> Counter[int]:
    """Ask so often at once; return how often each status was answered."""
    return Counter([each.status for each in await asyncio.gather(*(ask(app) for _ in range(times)))])


async def ask(app: Application) -> RawRequest:
    return await RawRequest("GET", "/nowhere").send_to(app)


async def answer_slowly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer each command of a client with 1, the counting ones slowly."""
    while head := await reader.readline():
        words = []
        for _ in range(int(head[1:])):
            length = int((await reader.readline())[1:])
            words.append((await reader.readexactly(length + 2))[:-2])
        if words[0] == b"EVALSHA":
            await asyncio.sleep(SLOW_SECONDS)
        writer.write(b":1\r\n")
    writer.close()


@asynccontextmanager
async def slow_redis() -> AsyncGenerator[str]:
    """Run a server that answers slowly; yield its URL."""
    server = await asyncio.start_server(answer_slowly, "127.0.0.1", 0)
    async with server:
        yield f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}/0"


async def test_a_burst_is_counted_to_the_last_request_and_nobody_is_answered_an_error(
    capsys: pytest.CaptureFixture[str], make_app: MakeApp
) -> None:
    with running_redis() as (_, url):
        # A busy machine needs more than production waits for one answer, and for all must not need the longest queue.
        app = make_app(REDIS_URL=url, REDIS_TIMEOUT_SECONDS="1", RATE_LIMIT_GENERAL="300/minute")
        answered = await burst(app, 600)

    said = capsys.readouterr().out
    assert answered == {404: 300, 429: 300}
    assert "redis_not_reached" not in said
    assert said.count("excess_rate_limit_exceeded") == 1


async def test_waiting_for_a_connection_is_no_outage(capsys: pytest.CaptureFixture[str], make_app: MakeApp) -> None:
    """The last of them wait eight times as long as an answer takes, which is longer than Redis may take for one."""
    async with slow_redis() as url:
        app = make_app(REDIS_URL=url, REDIS_TIMEOUT_SECONDS=TIMEOUT, RATE_LIMIT_WITHOUT_REDIS="refuse")
        answered = await burst(app, 8 * MOST_CONNECTIONS)
        await app.state.kernel.close()

    assert answered == {404: 8 * MOST_CONNECTIONS}
    assert "redis_not_reached" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("without_redis", "statuses"), [("refuse", {404: MOST_CONNECTIONS, 503: 8}), ("allow", {404: MOST_CONNECTIONS + 8})]
)
async def test_nobody_waits_for_a_turn_without_end(
    capsys: pytest.CaptureFixture[str],
    make_app: MakeApp,
    monkeypatch: pytest.MonkeyPatch,
    without_redis: str,
    statuses: dict[int, int],
) -> None:
    """Whose turn does not come is answered as if there were no Redis, and in time; the log says so once."""
    monkeypatch.setattr("app.rate_limit.redis.LONGEST_QUEUE_SECONDS", SLOW_SECONDS / 4)
    async with slow_redis() as url:
        app = make_app(REDIS_URL=url, RATE_LIMIT_WITHOUT_REDIS=without_redis)
        answered = await burst(app, MOST_CONNECTIONS + 8)
        await app.state.kernel.close()

    assert answered == statuses
    assert capsys.readouterr().out.count("redis_too_slow") == 1


async def test_what_holds_up_our_own_process_is_no_outage(
    capsys: pytest.CaptureFixture[str], make_app: MakeApp
) -> None:
    """Each turn of the event loop takes longer than Redis may; it has answered meanwhile."""
    with running_redis() as (_, url):
        app = make_app(REDIS_URL=url, REDIS_TIMEOUT_SECONDS="0.05")
        asked = asyncio.ensure_future(ask(app))
        while not asked.done():
            time.sleep(0.1)  # noqa: ASYNC251 - what must not happen, and does in a large burst
            await asyncio.sleep(0)

    assert asked.result().status == 404
    assert "redis_not_reached" not in capsys.readouterr().out
