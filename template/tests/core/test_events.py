"""Security events: each flow tells exactly its own, at the right level, and nothing that goes wrong silences them."""

import asyncio
import json
import logging
from io import StringIO
from urllib.parse import quote
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select, update
from starlette.types import Message, Receive, Scope, Send

from app.core.application import Application
from app.core.context import RequestContext, answering
from app.core.database import Database
from app.core.errors import Problem
from app.core.events import SecurityEvent, about
from app.core.models import User
from app.core.principals import CurrentUser
from app.core.routing import Router
from tests.conftest import MakeApp
from tests.support.carrying import Way, each_way
from tests.support.client import ApiClient
from tests.support.clock import FakeClock
from tests.support.passwords import change, id_of, kernel_of, reset, reset_code
from tests.support.people import PASSWORD, Person, SignUp, grow_old, log_in
from tests.support.planting import plant

EMAIL = "alice@example.com"
WRONG = "not the password of anyone"
LOGGED_IN = ["authn_login_success INFO", "session_created INFO"]
FORGED = '{"event": "authn_login_success:root"}'


def taken(events: list[SecurityEvent]) -> list[str]:
    """Return what was told since the last look, as name and level."""
    told = [f"{event.name} {event.level}" for event in events]
    events.clear()
    return told


@each_way
@pytest.mark.asvs("V16.3.1", "V16.3.3")
@pytest.mark.parametrize(
    ("method", "path", "event"),
    [("POST", "/auth/logout", "session_logout INFO"), ("DELETE", "/users/me", "user_deleted WARN")],
)
async def test_what_happens_once_is_told_once_however_often_it_is_asked_for_at_a_time(
    as_user: SignUp, events: list[SecurityEvent], method: str, path: str, event: str
) -> None:
    alice = await as_user(EMAIL)
    events.clear()

    answers = await asyncio.gather(*(alice.request(method, path) for _ in range(5)))

    assert {answer.status_code for answer in answers} <= {204, 401}
    assert taken(events).count(event) == 1


@each_way
@pytest.mark.asvs("V16.3.1", "V16.3.3")
async def test_each_flow_tells_its_event_once(
    as_user: SignUp, app: Application, events: list[SecurityEvent], clock: FakeClock
) -> None:
    alice = await as_user(EMAIL)
    assert taken(events) == ["user_created INFO", *LOGGED_IN]

    await log_in(alice, EMAIL, WRONG)
    assert taken(events) == ["authn_login_fail WARN"]
    await log_in(alice, "nobody@example.com", WRONG)
    assert taken(events) == ["authn_login_fail WARN"]
    await change(alice, current=WRONG)
    assert taken(events) == ["authn_password_change_fail CRITICAL"]
    await alice.post("/auth/reauthenticate", json={"password": WRONG})
    assert taken(events) == ["authn_login_fail WARN"]
    alice.take(await alice.post("/auth/reauthenticate", json={"password": PASSWORD}))
    assert taken(events) == LOGGED_IN
    await alice.patch("/users/me", json={"email": "alice@example.org"})
    assert taken(events) == ["user_updated INFO"]
    await change(alice)
    assert taken(events) == ["authn_password_change INFO"]
    await reset(alice, "A" * 43)
    assert taken(events) == ["authn_password_change_fail WARN"]
    code = await reset_code(app, "alice@example.org")
    await kernel_of(app).flush()
    assert taken(events) == ["authz_admin WARN"]
    await reset(alice, code, PASSWORD)
    assert taken(events) == ["authn_password_change INFO"]
    alice.take(await log_in(alice, "alice@example.org", PASSWORD))
    events.clear()
    (session,) = (await alice.get("/auth/sessions")).json()
    await alice.delete("/auth/sessions")
    assert taken(events) == ["session_ended INFO"]
    await alice.delete(f"/auth/sessions/{session['id']}")
    assert taken(events) == ["session_ended INFO"]
    alice.take(await log_in(alice, "alice@example.org", PASSWORD))
    await alice.post("/auth/logout")
    assert taken(events) == [*LOGGED_IN, "session_logout INFO"]
    alice.take(await log_in(alice, "alice@example.org", PASSWORD))
    await grow_old(alice, clock, minutes=10, seconds=1)
    events.clear()
    await alice.delete("/users/me")
    assert taken(events) == ["authz_fail WARN"]
    alice.take(await log_in(alice, "alice@example.org", PASSWORD))
    events.clear()
    await alice.delete("/users/me")
    assert taken(events) == ["user_deleted WARN"]


@each_way
@pytest.mark.asvs("V16.3.1")
async def test_a_session_is_told_with_what_carries_it_and_how_somebody_got_in(
    as_user: SignUp, app: Application, events: list[SecurityEvent]
) -> None:
    alice = await as_user(EMAIL)

    (session,) = (await alice.get("/auth/sessions")).json()
    created = f"session_created:{await id_of(app, EMAIL)},{session['id']},{alice.way.name},pwd"
    assert [event.written() for event in events if event.name == "session_created"] == [created]


@pytest.mark.asvs("V16.3.1")
async def test_a_wait_is_told_and_names_no_address(as_user: SignUp, events: list[SecurityEvent]) -> None:
    alice = await as_user(EMAIL)
    for _ in range(5):
        await log_in(alice, EMAIL, WRONG)
    events.clear()

    await log_in(alice, EMAIL, WRONG)

    (event,) = events
    assert event.written().startswith("authn_login_fail_max:")
    assert event.arguments[-1] == "5"
    assert event.level == "WARN"
    assert "alice" not in event.written()


async def test_what_only_reads_or_is_refused_as_malformed_tells_nothing(
    as_user: SignUp, events: list[SecurityEvent]
) -> None:
    alice = await as_user(EMAIL)
    events.clear()

    await alice.get("/users/me")
    await alice.get("/auth/sessions")
    await alice.post("/users/me/password", json={})

    assert events == []


@pytest.fixture
def refusing(app: Application) -> Application:
    """An application with a route that writes, tells, and then refuses."""
    kernel = kernel_of(app)
    router = Router(prefix="/refused")

    @router.post("")
    async def refuse(user: CurrentUser, db: Database, unexpectedly: bool = False) -> None:
        await db.execute(update(User).where(User.id == user.user_id).values(email="changed@example.com"))
        kernel.tell(about(user.user_id, "authz_fail", "refused"))
        if unexpectedly:
            message = "nobody thought of this"
            raise RuntimeError(message)
        raise Problem(403, "refused")

    kernel.mount(router)
    app.include_router(router)
    return app


@pytest.mark.asvs("V16.3.3", "V16.5.3")
@pytest.mark.parametrize(("query", "status"), [("", 403), ("?unexpectedly=true", 500)])
async def test_an_event_survives_the_rollback_of_what_was_refused(
    as_user: SignUp, refusing: Application, events: list[SecurityEvent], query: str, status: int
) -> None:
    alice = await as_user(EMAIL)
    events.clear()

    request = alice.build_request("POST", f"/refused{query}")
    answer = await super(ApiClient, alice).send(request)

    assert answer.status_code == status
    assert taken(events) == ["authz_fail INFO"]
    assert isinstance(await id_of(refusing, EMAIL), UUID)


async def test_a_listener_may_write_because_the_request_holds_no_lock_any_more(
    as_user: SignUp, app: Application
) -> None:
    alice = await as_user(EMAIL)
    kernel = kernel_of(app)
    seen: list[str] = []

    async def write(event: SecurityEvent) -> None:
        async with kernel.store.transaction() as db:
            await db.execute(update(User).where(User.id == event.user).values(disabled_at=kernel.now()))
            seen.append(await db.scalar(select(User.email).where(User.id == event.user)) or "")

    kernel.listeners.append(write)

    answer = await alice.patch("/users/me", json={"email": "alice@example.org"})

    assert answer.status_code == 200
    assert seen == ["alice@example.org"]
    assert (await alice.get("/users/me")).status_code == 401


@pytest.mark.asvs("V16.5.2")
async def test_a_listener_that_fails_stops_neither_the_request_nor_the_next_listener(
    make_app: MakeApp, capsys: pytest.CaptureFixture[str]
) -> None:
    heard: list[SecurityEvent] = []

    async def fail(event: SecurityEvent) -> None:
        message = f"cannot write {event.name}"
        raise OSError(message)

    async def listen(event: SecurityEvent) -> None:
        heard.append(event)

    app = make_app()
    kernel_of(app).listeners[:0] = [fail, listen]
    async with Person(app, EMAIL) as alice:
        await alice.register()
        await alice.log_in()

        assert (await alice.get("/users/me")).status_code == 200

    printed = capsys.readouterr().out
    assert taken(heard) == ["user_created INFO", *LOGGED_IN]
    assert printed.count("listener_failed") == 3
    assert "cannot write" not in printed


class FullDisk(StringIO):
    """Takes nothing."""

    def write(self, text: str) -> int:
        """Refuse `text`, as a device without space does."""
        raise OSError(28, "No space left on device", text[:0])


@pytest.mark.asvs("V16.5.2")
async def test_a_log_that_cannot_be_written_stops_no_login(make_app: MakeApp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout", FullDisk())
    app = make_app()
    async with Person(app, EMAIL) as alice:
        await alice.register()
        await alice.log_in()

        assert (await alice.get("/users/me")).status_code == 200


@pytest.mark.asvs("V16.2.5", "V16.5.2")
@pytest.mark.parametrize("message", ["%s", "%d"], ids=["on a full disk", "that fits no format"])
async def test_nor_is_a_line_of_a_library_that_is_lost_written_elsewhere(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], message: str
) -> None:
    """What the log would have left out of it, a standard handler shows on the error output."""
    monkeypatch.setattr(logging, "raiseExceptions", True)
    monkeypatch.setattr("sys.stdout", FullDisk())
    make_app()
    try:
        raise ValueError(WRONG)
    except ValueError:
        logging.getLogger("some.library").exception(message, WRONG)

    assert capsys.readouterr().err == ""


async def test_an_event_is_told_before_the_answer_starts(app: Application, events: list[SecurityEvent]) -> None:
    told_when: dict[str, int] = {}

    async def watched(scope: Scope, receive: Receive, send: Send) -> None:
        async def note(message: Message) -> None:
            told_when.setdefault(message["type"], len(events))
            await send(message)

        await app(scope, receive, note)

    transport = httpx.ASGITransport(app=watched)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        await client.post("/auth/register", json={"email": EMAIL, "password": PASSWORD})

    assert told_when["http.response.start"] == 1


@each_way
@pytest.mark.asvs("V16.4.1", "V16.2.1", "V16.2.2")
@pytest.mark.parametrize("separator", ["\r\n", "\n", "\x1b[2K", "\x85", "\x0b"])
async def test_a_caller_cannot_write_a_line_of_its_own(
    make_app: MakeApp, capsys: pytest.CaptureFixture[str], separator: str, way: Way
) -> None:
    agent = {b"User-Agent": f"x{separator}{FORGED}".encode("latin-1")}
    async with ApiClient(make_app(), headers=agent) as client:
        capsys.readouterr()
        await client.post(f"{way.login_path}/{quote(separator + FORGED)}")
        await way.log_in(client, f"x{separator}{FORGED}", f"y{separator}{FORGED}")

    requests, events = [], []
    for line in map(json.loads, capsys.readouterr().out.splitlines()):
        (requests if line["event"] == "request" else events).append(line)

    assert [line["request_uri"] for line in requests if line["status"] >= 400][1:] == [way.login_path]
    assert FORGED in requests[0]["request_uri"]
    (event,) = events
    assert event["event"].startswith("authn_login_fail:")
    assert FORGED in event["useragent"]
    assert separator not in event["useragent"]
    assert (event["request_uri"], event["request_method"], event["source_ip"]) == (way.login_path, "POST", "127.0.0.1")
    assert event["level"] == "warning"
    assert event["datetime"].endswith("Z")
    assert {"appid", "hostname", "protocol", "port", "request_id", "description"} <= set(event)


@pytest.mark.asvs("V16.3.3")
@pytest.mark.parametrize("where", ["task", "thread"])
async def test_what_outlives_its_request_is_heard_in_order_as_of_that_request(
    make_app: MakeApp, capsys: pytest.CaptureFixture[str], where: str
) -> None:
    app = make_app()
    kernel, answered = kernel_of(app), asyncio.Event()
    router = Router(prefix="/outlived")
    tasks: list[asyncio.Task[None]] = []

    async def be_slow_at_first(event: SecurityEvent) -> None:
        await asyncio.sleep(0.05 if event.arguments == ("1",) else 0)

    def tell_twice() -> None:
        for number in ("1", "2"):
            kernel.tell(SecurityEvent(name="authz_fail", arguments=(number,)))

    async def tell_later() -> None:
        await answered.wait()
        await asyncio.to_thread(tell_twice) if where == "thread" else tell_twice()

    @router.post("")
    async def start() -> None:
        tasks.append(asyncio.create_task(tell_later()))

    plant(app, router, public=True)
    kernel.listeners.insert(0, be_slow_at_first)
    async with ApiClient(app) as client:
        answer = await client.post("/outlived")
        answered.set()
        await asyncio.wait(tasks)
    await kernel.close()

    lines = map(json.loads, capsys.readouterr().out.splitlines())
    told = [(line["event"], line["request_id"]) for line in lines if line["event"].startswith("authz_fail")]
    assert told == [(f"authz_fail:{number}", answer.headers["X-Request-ID"]) for number in ("1", "2")]


async def test_a_listener_that_hangs_holds_up_no_other_request_and_not_the_end(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.core.kernel._LAST_EVENTS_SECONDS", 0.05)
    kernel = kernel_of(make_app())
    heard: list[str] = []

    async def hang_at_the_first(event: SecurityEvent) -> None:
        heard.append(event.name)
        if event.name == "authz_fail":
            await asyncio.Event().wait()

    kernel.listeners.insert(0, hang_at_the_first)
    for name in ("authz_fail", "authz_change"):
        with answering(RequestContext(request_id=name, ended_on=asyncio.get_running_loop())):
            kernel.tell(SecurityEvent(name=name))
    async with asyncio.timeout(5):
        await kernel.close()

    assert heard == ["authz_fail", "authz_change"]
