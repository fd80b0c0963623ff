"""A real server on a real socket: what it writes down, what it lets through, how it frames its answers."""

import re
import socket
from contextlib import closing
from datetime import datetime
from itertools import product
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import make_url

from app.accounts.service import Accounts
from app.core.application import Application
from app.core.database import Base
from tests.support.carrying import Carried, Way, each_way
from tests.support.server import Server, running_server

EMAIL = "alice@example.com"
PASSWORD = "canary harbour of quiet boats 7f3a"
NEW_PASSWORD = "canary lantern over dark water 91bc"
SENT = "canary-5d1e"

MOST_HEAD_BYTES = 64 * 1024

AFTER = b"GET /nowhere HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
"""A second request on the same connection, and the last."""

BEFORE_TRAILERS = b"POST /auth/register HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"
"""A request without a body, up to where its trailers begin."""


class Flow:
    """Someone who does everything once, with canaries in every place that takes a secret."""

    def __init__(self, client: httpx.AsyncClient, way: Way) -> None:
        self.client = client
        self.client.headers["X-Canary"] = SENT
        self.client.event_hooks["response"].append(self._note)
        self.way = way
        self.secrets = {PASSWORD, NEW_PASSWORD, SENT}
        self.answers: list[httpx.Response] = []

    async def _note(self, answer: httpx.Response) -> None:
        await answer.aread()
        self.answers.append(answer)

    async def send(self, method: str, path: str, **options: Any) -> int:
        return (await self.client.request(method, path, **options)).status_code

    async def log_in(self, password: str) -> Carried | None:
        answer = await self.way.log_in(self.client, EMAIL, password)
        return self.take(answer) if answer.status_code == 200 else None

    def take(self, answer: httpx.Response) -> Carried:
        """Present the session of an answer that may hand one out, and hold each of its secrets against the others."""
        carried = self.way.carried(answer)
        self.secrets |= set(carried.secrets.values())
        self.client.headers.update(carried.headers)
        self.answers.remove(answer)
        return carried


async def everything(flow: Flow) -> set[str]:
    send = flow.send
    assert await send("POST", "/auth/register", json={"email": EMAIL, "password": PASSWORD}) == 201
    await send("POST", "/auth/register", json={"email": EMAIL, "password": PASSWORD})
    await send("POST", "/auth/register", json={"email": SENT, "password": [SENT]})
    broken = f'{{"password": "{SENT}"'.encode()
    await send("POST", "/auth/register", content=broken, headers={"Content-Type": "application/json"})
    assert await flow.log_in(SENT) is None
    assert await flow.log_in(PASSWORD) is not None
    assert await send("GET", f"/users/me?token={SENT}") == 422
    assert await send("GET", "/users/me") == 200
    carried = flow.take(await flow.client.post("/auth/reauthenticate", json={"password": PASSWORD}))
    change = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}
    assert await send("POST", "/users/me/password", json=change) == 204
    assert await send("GET", "/auth/sessions") == 200
    assert await send("GET", "/users/me", headers=flow.way.presenting(SENT)) == 401
    await send("GET", "/users/me", headers={"Host": f"{SENT}.example"})
    await send("POST", "/auth/reset-password", json={"code": SENT, "new_password": NEW_PASSWORD})
    return await flow.way.use_own_routes(flow.client, carried, flow.take, SENT)


async def dump_of(app: Application, url: str) -> bytes:
    """Return all that the database holds: every column of every row, and the bytes of its file if it is one."""
    parts = []
    async with app.state.kernel.store.reading() as db:
        for table in Base.metadata.sorted_tables:
            rows = (await db.execute(table.select())).all()
            values = [value for row in rows for value in row]
            parts += [value if isinstance(value, bytes) else str(value).encode() for value in values]
    file = Path(make_url(url).database or "")
    parts += [each.read_bytes() for each in file.parent.glob(f"{file.name}*") if each.is_file()]
    return b"\n".join(parts)


@each_way
@pytest.mark.asvs("V16.2.5", "V14.2.1", "V16.5.1", "V14.2.3", "V16.2.2", "V16.2.4", "V11.4.2")
async def test_no_secret_is_written_down_anywhere(
    app: Application, database_url: str, tmp_path: Path, way: Way
) -> None:
    with running_server(tmp_path, DATABASE_URL=database_url, LOG_EXCEPTION_MESSAGES="true") as server:
        async with httpx.AsyncClient(base_url=server.url) as client:
            flow = Flow(client, way)
            told_by_its_own_routes = await everything(flow)
            code = await app.state.kernel.provided(Accounts).make_reset_code(EMAIL)
            assert code is not None
            flow.secrets.add(code)
            kept = await dump_of(app, database_url)
            reset = await flow.send("POST", "/auth/reset-password", json={"code": code, "new_password": PASSWORD})
            assert await flow.log_in(PASSWORD) is not None
            assert await flow.send("POST", "/auth/logout") == 204
    kept += await dump_of(app, database_url)
    written = server.written()
    answered = "".join(answer.text + str(answer.headers) for answer in flow.answers)

    assert reset == 204
    assert len(flow.secrets) > 8
    for secret in flow.secrets:
        assert secret not in written
        assert secret not in answered
        assert secret.encode() not in kept
    assert EMAIL.encode() in kept
    assert EMAIL not in written
    assert "Traceback" not in written
    look_at_the_log(server, told_by_its_own_routes)
    assert not any({"server", "x-powered-by"} & set(answer.headers) for answer in flow.answers)


def look_at_the_log(server: Server, expected: set[str]) -> None:
    """Check that each line is one JSON object that says when, and that each request and event has its own."""
    lines = server.lines()
    for line in lines:
        assert datetime.fromisoformat(line["datetime"]).tzinfo is not None
        assert line["level"]
        assert line["appid"]
        assert line["hostname"]
    requests = [line for line in lines if line["event"] == "request"]
    assert len(requests) > 15
    assert not any("?" in line["request_uri"] for line in requests)
    assert not any(line["request_uri"].startswith("/health") for line in requests)
    told = {line["event"].partition(":")[0] for line in lines if line.get("security")}
    assert {"sys_startup", "user_created", "authn_login_success", "authn_login_fail", *expected} <= told


def answer_to(server: Server, *lines: str, body: bytes = b"") -> bytes:
    last = ["Connection: close"] if AFTER not in body else []
    head = "\r\n".join([*lines, "Host: localhost", *last, "", ""]).encode()
    return server.talk(head + body)


def statuses(raw: bytes) -> list[int]:
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3})", raw)]


@pytest.mark.asvs("V4.2.1", "V4.2.2", "V4.2.3", "V4.2.4", "V13.4.6", "V15.2.2")
async def test_one_request_has_one_end_and_one_answer(database_url: str, tmp_path: Path) -> None:
    hidden = b"0\r\n\r\nGET /users/me HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with running_server(tmp_path, DATABASE_URL=database_url) as server:
        both = answer_to(
            server, "POST /auth/register HTTP/1.1", "Content-Length: 6", "Transfer-Encoding: chunked", body=hidden
        )
        two_lengths = answer_to(
            server, "POST /auth/register HTTP/1.1", "Content-Length: 5", "Content-Length: 6", body=hidden
        )
        odd_coding = answer_to(server, "POST /auth/register HTTP/1.1", "Transfer-Encoding: xchunked", body=hidden)
        folded = answer_to(server, "GET /users/me HTTP/1.1", "X-A: b", " Transfer-Encoding: chunked")
        two_hosts = answer_to(server, "GET /users/me HTTP/1.1", "Host: evil.example")
        theirs = answer_to(server, "GET http://evil.example/users/me HTTP/1.1")
        ours = server.talk(b"GET http://localhost/x HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")
        heads = [answer_to(server, f"HEAD /health/{probe} HTTP/1.1") for probe in ("live", "ready")]
        too_large = answer_to(
            server, "POST /auth/register HTTP/1.1", "Content-Length: 500000", body=b" " * 500_000 + AFTER
        )
        chunks = (b"8000\r\n" + b" " * 0x8000 + b"\r\n") * 16 + b"0\r\n\r\n"
        without_end = answer_to(
            server,
            "POST /auth/register HTTP/1.1",
            "Content-Type: application/json",
            "Transfer-Encoding: chunked",
            body=chunks + AFTER,
        )
        pipelined = answer_to(
            server,
            "POST /auth/register HTTP/1.1",
            "Content-Type: application/json",
            "Content-Length: 2",
            body=b"{}" + AFTER,
        )
        trailers = server.talk(BEFORE_TRAILERS + b"Host: evil.example\r\n\r\n" + AFTER)
        upgrade = answer_to(
            server,
            "GET /users/me HTTP/1.1",
            "Connection: upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        )
        waiting = answer_to(
            server, "GET /users/me HTTP/1.1", "Connection: Upgrade", "Upgrade: h2c", "Content-Length: 0", body=AFTER
        )
        still_there = answer_to(server, "GET /health/live HTTP/1.1")

    assert statuses(both) == [400]
    assert statuses(two_lengths) == [400]
    assert statuses(odd_coding)[:1] == [400]
    assert 200 not in statuses(folded)
    assert statuses(two_hosts) == [400]
    assert (statuses(theirs), statuses(ours)) == ([400], [404])
    assert [statuses(head) for head in heads] == [[200], [200]]
    assert all(head.endswith(b"\r\n\r\n") and b"\r\ncontent-length: 15\r\n" in head for head in heads)
    assert statuses(too_large) == [413, 404]
    assert statuses(without_end) == [413, 404]
    assert statuses(pipelined) == [422, 404]
    assert statuses(trailers) == [422, 404]
    assert statuses(upgrade) == statuses(waiting) == [401]
    assert b"\r\nconnection: close\r\n" in waiting
    assert statuses(still_there) == [200]
    for answer in (*heads, too_large, without_end, pipelined, upgrade, waiting, still_there):
        assert not re.search(rb"\r\n(server|x-powered-by):", answer, re.IGNORECASE)
        assert answer.count(b"x-content-type-options: nosniff") == len(statuses(answer))


@pytest.mark.asvs("V4.2.1")
async def test_a_body_behind_an_upgrade_is_no_request(database_url: str, tmp_path: Path) -> None:
    """A proxy that hands the upgrade on passes this body as a body: what it says of the caller would be believed."""
    hidden = b"GET /users/me HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 203.0.113.6\r\n\r\n"
    # What a parser skips before a request, so that it begins in another piece of what the server reads at once.
    body = b"\r\n" * (MOST_HEAD_BYTES // 2) + hidden
    upgrade = "Host: localhost\r\nConnection: upgrade\r\nUpgrade: h2c\r\n"
    framings = (f"Content-Length: {len(body)}", "Transfer-Encoding: chunked")
    answered = {}
    with running_server(tmp_path, DATABASE_URL=database_url) as server:
        for framing, method in product(framings, ("POST", "GET", "CONNECT")):
            head = f"{method} /auth/register HTTP/1.1\r\n{upgrade}{framing}\r\n\r\n".encode()
            came = server.talk(head + body), server.talk(head, hidden)
            answered[framing, method] = {status for raw in came for status in statuses(raw)}

    assert {asked: seen for asked, seen in answered.items() if not seen <= {400}} == {}
    assert {line["source_ip"] for line in server.lines() if line["event"] == "request"} <= {"127.0.0.1"}


@pytest.mark.asvs("V15.2.2", "V16.5.2")
async def test_a_head_without_end_is_refused_and_the_server_ends_when_it_is_told(
    database_url: str, tmp_path: Path
) -> None:
    with running_server(tmp_path, DATABASE_URL=database_url) as server:
        long_address = beginning_of_answer(server, b"GET /" + b"a" * (MOST_HEAD_BYTES + 1))
        long_header = beginning_of_answer(server, b"GET / HTTP/1.1\r\nX-A: " + b"a" * (MOST_HEAD_BYTES + 1))
        many_headers = beginning_of_answer(server, b"GET / HTTP/1.1\r\n" + b"X-A: b\r\n" * (MOST_HEAD_BYTES // 8 + 8))
        long_trailer = beginning_of_answer(server, BEFORE_TRAILERS + b"X-A: " + b"a" * (MOST_HEAD_BYTES * 4))
        usual = answer_to(server, "GET /health/live HTTP/1.1", "X-A: " + "a" * 4000)

    for answer in (long_address, long_header, many_headers):
        assert answer in {b"HTTP/1.1 431", b""}
    assert long_trailer == b""
    assert statuses(usual) == [200]
    assert server.has_ended


def beginning_of_answer(server: Server, sent: bytes) -> bytes:
    """Return the first bytes that came back; none when the connection was reset before they could be read."""
    with closing(socket.create_connection(("127.0.0.1", server.port), timeout=10)) as connection:
        try:
            connection.sendall(sent)
            return connection.recv(12)
        except ConnectionError:
            return b""
