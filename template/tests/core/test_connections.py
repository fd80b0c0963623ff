"""Connections: how long they wait for a head, behind an answer, and for a reader; and those that break off."""

import asyncio
import json
import re
import socket
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from functools import partial

import pytest
from fastapi import Request
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.config import Config
from uvicorn.server import ServerState

from app.core.application import Application
from app.core.routing import Router
from app.core.server import MOST_WAITING_REQUESTS, BoundedHttpProtocol
from tests.conftest import MakeApp
from tests.support.planting import plant

HEAD_WITHIN_SECONDS = 0.6

SMALL_BUFFER_BYTES = 4096
"""So little that an answer soon lies in the server."""

PIECE = b"." * 1024
FEW, MANY = 40, 400
"""Pieces of an answer of which, behind the sockets, less and more lies in the server than makes an application wait."""

UVLOOP = ("asyncio", {"use_uvloop": sys.platform != "win32"})

LAST = 32
"""Pieces at the end of an answer that fit into the sockets and what uvicorn takes for little."""

LAST_CHUNK = b"\r\n0\r\n\r\n"

ALIVE = "GET /health/live HTTP/1.1"
STRANGER = "POST /users/me/password HTTP/1.1"
REGISTER = "POST /auth/register HTTP/1.1"


@asynccontextmanager
async def connected(
    app: ASGIApp,
    monkeypatch: pytest.MonkeyPatch,
    *,
    taken_within_seconds: float = 60,
    buffer_bytes: int | None = None,
) -> AsyncGenerator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """Connect to a server in this process that waits a moment for a head, and long for whoever says nothing.

    For an answer to be taken it waits as long as told; each socket on the way holds `buffer_bytes` of it.
    """
    monkeypatch.setattr("app.core.server.HEAD_WITHIN_SECONDS", HEAD_WITHIN_SECONDS)
    monkeypatch.setattr("app.core.server.ANSWER_TAKEN_WITHIN_SECONDS", taken_within_seconds)
    config, state = Config(app, log_config=None, timeout_keep_alive=60), ServerState()
    loop = asyncio.get_running_loop()
    listening, calling = socket.create_server(("127.0.0.1", 0)), socket.socket()
    if buffer_bytes is not None:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, buffer_bytes)
        calling.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer_bytes)
    server = await loop.create_server(lambda: BoundedHttpProtocol(config, state, {}), sock=listening)
    calling.setblocking(False)
    await loop.sock_connect(calling, listening.getsockname())
    reader, writer = await asyncio.open_connection(sock=calling, limit=buffer_bytes or 2**16)
    try:
        yield reader, writer
    finally:
        writer.close()
        server.close()
        await server.wait_closed()


barely_connected = partial(connected, buffer_bytes=SMALL_BUFFER_BYTES)


def head(first: str, *fields: str) -> bytes:
    return "\r\n".join([first, "Host: localhost", *fields, "", ""]).encode()


async def next_status(reader: asyncio.StreamReader) -> int:
    """Read one answer to its end and return its status."""
    answer = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
    length = re.search(rb"content-length: (\d+)", answer)
    assert length is not None
    await reader.readexactly(int(length[1]))
    return int(answer[9:12])


async def closes_though_bytes_come(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, piece: bytes, pieces: int = 100
) -> bool:
    """Send a piece ten times a second, as often as told, and return whether the server closes within five seconds."""

    async def drip() -> None:
        for _ in range(pieces):
            writer.write(piece)
            await asyncio.sleep(0.1)

    dripping = asyncio.create_task(drip())
    try:
        return await asyncio.wait_for(reader.read(), 5) == b""
    except ConnectionResetError:
        return True
    except TimeoutError:
        return False
    finally:
        dripping.cancel()


@pytest.mark.parametrize("pieces", [1, 100])
@pytest.mark.parametrize(
    ("request_head", "piece"),
    [
        (head(STRANGER, "Content-Length: 60000"), b"x"),
        (head(REGISTER, "Content-Length: 500000"), b"x"),
        (head(ALIVE, "Content-Length: 100000"), b"x"),
        (head(ALIVE, "Transfer-Encoding: chunked"), b"1\r\nx\r\n"),
        (head(ALIVE), b"\r\n"),
    ],
    ids=["refused", "too large", "unread", "chunked", "blank lines"],
)
@pytest.mark.asvs("V15.2.2")
async def test_what_comes_behind_an_answer_keeps_no_connection(
    app: Application, monkeypatch: pytest.MonkeyPatch, request_head: bytes, piece: bytes, pieces: int
) -> None:
    async with connected(app, monkeypatch) as (reader, writer):
        writer.write(request_head)
        assert await next_status(reader) in {200, 401, 413}

        assert await closes_though_bytes_come(reader, writer, piece, pieces)


@pytest.mark.parametrize("before", [b"", head(ALIVE)], ids=["first", "second"])
@pytest.mark.asvs("V15.2.2")
async def test_a_head_that_does_not_end_keeps_no_connection(
    app: Application, monkeypatch: pytest.MonkeyPatch, before: bytes
) -> None:
    async with connected(app, monkeypatch) as (reader, writer):
        writer.write(before)
        if before:
            assert await next_status(reader) == 200
        writer.write(b"GET / HTTP/1.1\r\nX-A: ")

        assert await closes_though_bytes_come(reader, writer, b"a")


async def test_the_deadline_of_a_head_cuts_no_body_no_idle_connection_and_no_second_request(
    app: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with connected(app, monkeypatch) as (reader, writer):
        writer.write(head(STRANGER, "Content-Length: 2") + b"{")
        refused = await next_status(reader)
        writer.write(b"}")
        writer.write(head(REGISTER, "Content-Type: application/json", "Content-Length: 10"))
        for _ in range(10):
            await asyncio.sleep(HEAD_WITHIN_SECONDS / 5)
            writer.write(b" ")
        uploaded = await next_status(reader)
        await asyncio.sleep(HEAD_WITHIN_SECONDS * 2)
        writer.write(head(ALIVE) * 3)
        pipelined = [await next_status(reader) for _ in range(3)]

    assert refused == 401
    assert uploaded == 422
    assert pipelined == [200, 200, 200]


def answering(pieces: int, *, of: bytes = PIECE, ends: bool = True) -> ASGIApp:
    """Return an application that gives each request one answer in so many pieces, and perhaps never its end."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        del scope
        await send({"type": "http.response.start", "status": 200})
        for left in reversed(range(pieces)):
            await send({"type": "http.response.body", "body": of, "more_body": left > 0 or not ends})
        while not ends and (await receive())["type"] != "http.disconnect":
            pass

    return app


async def pieces_read(reader: asyncio.StreamReader, *, pause_seconds: float = 0) -> int:
    """Read to the end of an answer, or of the connection; return how many whole pieces there were."""
    taken = b""
    with suppress(ConnectionError):
        while not taken.endswith(LAST_CHUNK) and (some := await reader.read(SMALL_BUFFER_BYTES)):
            taken += some
            await asyncio.sleep(pause_seconds)
    return taken.count(PIECE)


@pytest.mark.parametrize("pieces", [FEW, MANY], ids=["few", "many"])
@pytest.mark.asvs("V15.2.2")
async def test_an_answer_that_nobody_takes_keeps_no_connection(monkeypatch: pytest.MonkeyPatch, pieces: int) -> None:
    async with barely_connected(answering(pieces), monkeypatch, taken_within_seconds=0.2) as (reader, writer):
        writer.write(head(ALIVE))
        await asyncio.sleep(1)

        assert 0 < await pieces_read(reader) < pieces


@pytest.mark.asvs("V15.2.2")
async def test_who_is_refused_amid_an_answer_and_does_not_read_keeps_no_connection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = answering(FEW, ends=False)
    async with barely_connected(app, monkeypatch, taken_within_seconds=0.2) as (reader, writer):
        writer.write(head(ALIVE))
        await asyncio.sleep(0.2)
        writer.write(b"no request\r\n\r\n")
        await asyncio.sleep(1)

        assert 0 < await pieces_read(reader) < FEW


@pytest.mark.parametrize("anyio_backend", ["asyncio", UVLOOP], ids=["asyncio", "uvloop"])
@pytest.mark.asvs("V15.2.2")
async def test_who_stops_reading_just_before_the_end_keeps_no_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    async with barely_connected(answering(1, of=PIECE * MANY), monkeypatch, taken_within_seconds=1) as (
        reader,
        writer,
    ):
        writer.write(head(ALIVE))
        await reader.readexactly(len(PIECE) * (MANY - LAST))
        await asyncio.sleep(2)

        assert await pieces_read(reader) < LAST


@pytest.mark.asvs("V15.2.2")
async def test_requests_are_not_taken_by_the_thousand(app: Application, monkeypatch: pytest.MonkeyPatch) -> None:
    async with connected(app, monkeypatch) as (reader, writer):
        writer.write(head(ALIVE) * 5000)
        answers = b""
        with suppress(ConnectionError):
            while some := await asyncio.wait_for(reader.read(2**16), 10):
                answers += some

    assert answers.count(b"HTTP/1.1 200") <= MOST_WAITING_REQUESTS


async def test_a_client_that_reads_slowly_has_the_whole_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    async with barely_connected(answering(MANY), monkeypatch, taken_within_seconds=1.6) as (reader, writer):
        writer.write(head(ALIVE))

        assert await pieces_read(reader, pause_seconds=0.02) == MANY


async def test_the_deadline_of_one_answer_does_not_count_for_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    async with barely_connected(answering(FEW), monkeypatch, taken_within_seconds=2.5) as (reader, writer):
        for _ in range(2):
            writer.write(head(ALIVE))
            await asyncio.sleep(1.5)

            assert await pieces_read(reader) == FEW


@pytest.mark.asvs("V16.4.1")
async def test_who_breaks_off_with_another_request_behind_raises_no_alarm(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked, ended = asyncio.Event(), asyncio.Event()
    router = Router()

    @router.get("/waits")
    async def waits(request: Request) -> None:
        await request.body()
        asked.set()
        try:
            await asyncio.wait_for(request.receive(), 2)
        finally:
            ended.set()

    app = make_app()
    plant(app, router, public=True)
    async with connected(app, monkeypatch) as (_, writer):
        writer.write(head("GET /waits HTTP/1.1") * 2)
        await asyncio.wait_for(asked.wait(), 5)
        writer.transport.abort()
        await asyncio.wait_for(ended.wait(), 5)
        await asyncio.sleep(0.05)

    assert [json.loads(line)["event"] for line in capsys.readouterr().out.splitlines()] == ["request"]
