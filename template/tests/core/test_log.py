"""The log: one JSON object a line, whatever is written into it, and no message that could hold a secret."""

import asyncio
import gc
import json
import logging
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from inspect import signature
from pathlib import Path
from typing import Any, TextIO
from unittest.mock import Mock

import pytest
import structlog
from fastapi import Request
from starlette.types import Message

from app.core import log as log_module
from app.core.application import Application
from app.core.events import SecurityEvent
from app.core.log import log
from app.core.routing import Router
from tests.conftest import MakeApp
from tests.support.carrying import WAYS
from tests.support.client import ApiClient
from tests.support.planting import RawRequest, plant

CANARY = "c4n4ry"


def lines_of(written: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in written.splitlines()]


def secret_headers() -> dict[str, str]:
    """Return every header in which a credential may stand."""
    presented = {name: value for way in WAYS for name, value in way.presenting(CANARY).items()}
    return {"Authorization": CANARY, "X-Api-Key": CANARY, **presented}


def failing(app: Application) -> Application:
    router = Router()

    @router.get("/raises")
    async def raises() -> None:
        try:
            int(CANARY)
        except ValueError as error:
            raise RuntimeError(CANARY) from error

    plant(app, router, public=True)
    return app


@pytest.mark.asvs("V16.2.5", "V16.3.4", "V16.5.4")
async def test_an_unexpected_error_is_logged_by_its_place_and_without_its_message(
    make_app: MakeApp, capsys: pytest.CaptureFixture[str]
) -> None:
    async with ApiClient(failing(make_app())) as client:
        answer = await client.get(f"/raises?secret={CANARY}", headers=secret_headers())

    assert answer.status_code == 422
    async with ApiClient(failing(make_app())) as client:
        answer = await client.get("/raises", headers=secret_headers())
    written = capsys.readouterr().out
    told = next(line for line in lines_of(written) if line["event"] == "unhandled_error")

    assert CANARY not in written
    assert told["exception"] == "RuntimeError"
    assert "test_log.py" in told["frames"]
    assert "caused by ValueError" in told["frames"]
    assert told["request_id"] == answer.headers["X-Request-ID"]


@pytest.fixture
async def unwatched() -> AsyncIterator[None]:
    """Let the loop report what goes wrong as a server's does, and not to the runner of the tests."""
    loop = asyncio.get_running_loop()
    runners = loop.get_exception_handler()
    loop.set_exception_handler(None)
    yield
    loop.set_exception_handler(runners)


@pytest.mark.usefixtures("unwatched")
@pytest.mark.asvs("V16.2.5", "V16.3.4")
@pytest.mark.parametrize("called_back", [False, True])
@pytest.mark.parametrize(("with_messages", "is_told"), [("false", False), ("true", True)])
async def test_nor_is_the_message_of_a_task_that_nobody_awaits(
    make_app: MakeApp, capsys: pytest.CaptureFixture[str], called_back: bool, with_messages: str, is_told: bool
) -> None:
    router = Router()

    async def fail() -> None:
        raise ValueError(CANARY)

    @router.get("/starts")
    async def starts() -> None:
        task = asyncio.create_task(fail())
        if called_back:
            task.add_done_callback(asyncio.Task.result)
        await asyncio.wait([task])

    app = make_app(LOG_EXCEPTION_MESSAGES=with_messages)
    plant(app, router, public=True)
    async with ApiClient(app) as client:
        await client.get("/starts")
    gc.collect()
    written = capsys.readouterr().out
    told = next(line for line in lines_of(written) if line.get("logger") == "asyncio")

    assert told["event"].startswith("Exception in callback" if called_back else "Task exception was never retrieved")
    assert told["exception"] == "ValueError"
    assert "test_log.py" in told["frames"]
    assert (CANARY in written) is is_told


async def test_messages_are_logged_when_an_operator_says_so(
    make_app: MakeApp, capsys: pytest.CaptureFixture[str]
) -> None:
    async with ApiClient(failing(make_app(LOG_EXCEPTION_MESSAGES="true"))) as client:
        await client.get("/raises")

    assert any(line.get("exception_message") == CANARY for line in lines_of(capsys.readouterr().out))


class Collector:
    """Takes records as a logger of OpenTelemetry does, and keeps the messages of their exceptions."""

    def __init__(self) -> None:
        self.kept: list[str] = []

    def logger(self, *_name: Any, **_more: Any) -> "Collector":
        """Return what takes records."""
        return self

    def emit(self, *, exception: Exception, **_record: Any) -> None:
        """Take a record."""
        self.kept.append(str(exception))


@pytest.mark.asvs("V16.2.5")
@pytest.mark.parametrize(("with_messages", "sent"), [("false", []), ("true", [CANARY])])
async def test_nor_is_it_sent_to_who_collects_logs_by_another_way(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch, with_messages: str, sent: list[str]
) -> None:
    collector = Collector()
    monkeypatch.setattr("opentelemetry._logs.get_logger_provider", collector.logger)
    monkeypatch.setattr("opentelemetry._logs.get_logger", collector.logger)

    async with ApiClient(failing(make_app(LOG_EXCEPTION_MESSAGES=with_messages))) as client:
        answer = await client.get("/raises")

    assert answer.status_code == 500
    assert collector.kept == sent


@pytest.mark.asvs("V16.2.5", "V16.3.4")
@pytest.mark.parametrize("begins", [False, True], ids=["at the start", "at the end"])
async def test_nor_is_the_message_of_what_fails_before_or_after_all_requests(
    make_app: MakeApp, capsys: pytest.CaptureFixture[str], begins: bool
) -> None:
    @asynccontextmanager
    async def failing_resource() -> AsyncGenerator[None]:
        if begins:
            yield
        raise ValueError(CANARY)

    app = make_app()
    app.state.kernel.lifespan(failing_resource)
    sent: list[Message] = []
    received: list[Message] = [{"type": "lifespan.shutdown"}, {"type": "lifespan.startup"}]

    async def receive() -> Message:
        return received.pop()

    async def send(message: Message) -> None:
        sent.append(message)

    with pytest.raises(ValueError, match=CANARY):
        await app({"type": "lifespan", "state": {}}, receive, send)
    written = capsys.readouterr().out
    told = next(line for line in lines_of(written) if line["event"] == "lifespan_failed")

    assert sent[-1] == {"type": f"lifespan.{'shutdown' if begins else 'startup'}.failed"}
    assert told["exception"] == "ValueError"
    assert CANARY not in written


async def test_who_breaks_off_raises_no_alarm(make_app: MakeApp, capsys: pytest.CaptureFixture[str]) -> None:
    router = Router()

    @router.get("/reads")
    async def reads(request: Request) -> None:
        await request.body()

    app = make_app()
    plant(app, router, public=True)

    await RawRequest("GET", "/reads").send_to(app)

    told, line = lines_of(capsys.readouterr().out)[-2:]
    assert (told["event"], line["event"], line["status"]) == ("client_disconnected", "request", 0)


@pytest.mark.asvs("V16.4.1", "V16.2.1", "V16.2.2")
@pytest.mark.parametrize(
    "path",
    ["/a\r\nforged: line", "/a\u2028b", "/\x1b[31mred", '/"},{"event":"sys_shutdown"', "/\u202egnp.exe", "/%0a\0"],
)
async def test_a_path_cannot_start_a_line_of_its_own(
    make_app: MakeApp, capsys: pytest.CaptureFixture[str], path: str
) -> None:
    headers = [(b"host", b"localhost"), (b"user-agent", b"x\r\nforged\x1b")]
    await RawRequest("GET", path, headers).send_to(make_app())
    written = capsys.readouterr().out

    assert len(lines_of(written)) == 1
    assert not any(ord(character) < 0x20 for character in written.removesuffix("\n"))
    assert not {"\u2028", "\u202e"} & set(written)


@pytest.mark.asvs("V16.4.1")
async def test_nor_can_it_on_a_developers_screen(
    make_app: MakeApp, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    app = make_app(APP_ENV="local")
    capsys.readouterr()
    await RawRequest("GET", "/a\r\nforged\x1b[31m").send_to(app)
    written = capsys.readouterr().out

    assert len(written.splitlines()) == 1
    assert "\x1b[31m" not in written


@pytest.mark.parametrize("character", ["a", "\0", "\x9b", "\u2028"])
async def test_a_caller_does_not_choose_how_long_a_line_is(
    make_app: MakeApp, capsys: pytest.CaptureFixture[str], character: str
) -> None:
    """The disk is ours, and whoever is refused pays nothing for what is written."""
    app, router, much = make_app(), Router(), character * 30_000

    @router.get("/long/{rest:path}")
    async def tells_and_fails() -> None:
        app.state.kernel.tell(SecurityEvent(name="authz_fail"))
        raise RuntimeError

    plant(app, router, public=True)
    sent = [
        RawRequest("GET", f"/long/{much}", [(b"host", b"localhost"), (b"user-agent", much.encode())]),
        RawRequest(much, "/users/me"),
        RawRequest("GET", "/users/me"),
    ]
    sent[-1].scope["client"] = (much, 40000)
    for each in sent:
        await each.send_to(app)
    lines = capsys.readouterr().out.splitlines()

    assert {"authz_fail", "unhandled_error", "request"} <= {line["event"] for line in map(json.loads, lines)}
    assert max(map(len, lines)) < 8_000
    uris = [line["request_uri"] for line in map(json.loads, lines) if "request_uri" in line]
    assert len([uri for uri in uris if uri.startswith("/long/") and uri.endswith(" (cut)")]) == 3


async def test_what_is_cut_off_is_not_escaped_before(app: Application, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each character of a path can be one that is escaped, and whoever was told to wait is written down too."""
    escaped, much = Mock(wraps=log_module._escaped), "\1" * 21_800
    monkeypatch.setattr(log_module, "_escaped", escaped)

    await RawRequest("GET", "/" + much, [(b"host", b"localhost"), (b"user-agent", much.encode())]).send_to(app)

    assert 500 <= max(len(call.args[0]) for call in escaped.call_args_list) < 600


@pytest.mark.asvs("V16.2.2", "V16.2.1")
async def test_each_line_says_when_where_and_what(make_app: MakeApp, capsys: pytest.CaptureFixture[str]) -> None:
    async with ApiClient(make_app(), network="192.0.2.7") as client:
        answer = await client.get("/users/me")
    line = lines_of(capsys.readouterr().out)[-1]

    moment = datetime.fromisoformat(line["datetime"])
    assert moment.utcoffset() is not None
    assert line["source_ip"] == "192.0.2.7"
    assert line["request_id"] == answer.headers["X-Request-ID"]
    assert (line["event"], line["request_method"], line["request_uri"], line["status"]) == (
        "request",
        "GET",
        "/users/me",
        401,
    )
    assert line["appid"]
    assert line["hostname"]


@pytest.mark.asvs("V4.1.3", "V15.3.4")
async def test_a_forwarded_address_from_anyone_is_not_believed(
    make_app: MakeApp, capsys: pytest.CaptureFixture[str]
) -> None:
    forged = {"X-Forwarded-For": "203.0.113.9", "X-Real-IP": "203.0.113.9", "Forwarded": "for=203.0.113.9"}
    async with ApiClient(make_app(), network="192.0.2.7") as client:
        await client.get("/users/me", headers={**forged, "X-Request-ID": "forged"})
    written = capsys.readouterr().out

    assert "203.0.113.9" not in written
    assert "forged" not in written


async def test_libraries_write_the_same_lines(make_app: MakeApp, capsys: pytest.CaptureFixture[str]) -> None:
    make_app()
    logging.getLogger("some.library").warning("careful %s", "\nnow")
    logging.getLogger("some.library").info("chatter")
    try:
        raise RuntimeError(CANARY)
    except RuntimeError:
        logging.getLogger("some.library").exception("failed")
    written = capsys.readouterr().out
    lines = lines_of(written)

    assert [line["event"] for line in lines] == ["careful \\nnow", "failed"]
    assert {line["logger"] for line in lines} == {"some.library"}
    assert lines[1]["exception"] == "RuntimeError"
    assert "test_log.py" in lines[1]["frames"]
    assert CANARY not in written


async def test_a_developer_reads_lines_and_not_json(
    make_app: MakeApp, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    make_app(APP_ENV="local")
    log.info("hello", who="world")

    assert "who=world" in capsys.readouterr().out


async def test_a_developer_sees_the_lines_of_an_error_and_no_local_variables(
    make_app: MakeApp, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Where `rich` is installed, by a tool of theirs, structlog shows those of each frame unless it is told not to."""

    def all_that_rich_shows(stream: TextIO, found: Any) -> None:
        stream.write(str(found[2].tb_frame.f_locals))

    parameters = signature(structlog.dev.ConsoleRenderer.__init__).parameters.values()
    defaults = tuple(
        all_that_rich_shows if each.name == "exception_formatter" else each.default
        for each in parameters
        if each.default is not each.empty
    )
    monkeypatch.setattr(structlog.dev.ConsoleRenderer.__init__, "__defaults__", defaults)
    monkeypatch.chdir(tmp_path)
    make_app(APP_ENV="local")
    password = f"{CANARY} in a variable"
    try:
        password.index("what it does not hold")
    except ValueError:
        log.exception("failed")
    printed = capsys.readouterr().out

    assert "ValueError: substring not found" in printed
    assert CANARY not in printed
