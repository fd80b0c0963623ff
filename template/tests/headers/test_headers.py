"""Security headers: on every answer, whoever gives it and whatever went wrong."""

from pathlib import Path

import httpx
import pytest
from sqlalchemy import make_url
from starlette.types import ASGIApp, Receive, Scope, Send

from app.core.application import Application
from app.core.routing import Router
from app.headers import HEADERS, STRICT_TRANSPORT_SECURITY
from tests.conftest import MakeApp
from tests.support.carrying import Way, each_way
from tests.support.client import ApiClient
from tests.support.people import SignUp
from tests.support.planting import RawRequest, plant

ALL = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": HEADERS["Content-Security-Policy"],
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": STRICT_TRANSPORT_SECURITY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""Written out: were they the application's own list, none would be missed that is deleted there."""

REGISTRATION = {"email": "alice@example.com", "password": "a harbour full of quiet boats"}


class FailingGuard:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == "/guarded":
            message = "a guard fails"
            raise RuntimeError(message)
        await self._app(scope, receive, send)


@pytest.fixture
def broken_app(make_app: MakeApp) -> Application:
    app = make_app()
    app.state.kernel.guard(FailingGuard)
    router = Router()

    @router.get("/broken")
    async def fail() -> None:
        message = "a route fails"
        raise RuntimeError(message)

    plant(app, router, public=True)
    return app


def missing(headers: httpx.Headers) -> dict[str, str]:
    return {name: value for name, value in ALL.items() if headers.get_list(name) != [value]}


@each_way
@pytest.mark.asvs(
    "V3.2.1", "V3.4.1", "V3.4.3", "V3.4.4", "V3.4.5", "V3.4.6", "V3.4.8", "V3.5.8", "V13.4.6", "V14.2.2", "V14.3.2"
)
async def test_every_answer_carries_every_header_once(broken_app: Application, way: Way) -> None:
    async with ApiClient(broken_app) as client:
        register = await client.post("/auth/register", json=REGISTRATION)
        login = await way.log_in(client, REGISTRATION["email"], REGISTRATION["password"])
        mine = way.carried(login).headers
        answers = {
            200: login,
            201: register,
            204: await client.post("/auth/logout", headers=mine),
            400: await client.get("/users/me", headers={"Host": "evil.example"}),
            401: await client.get("/users/me"),
            404: await client.get("/nowhere"),
            405: await client.put("/users/me"),
            409: await client.post("/auth/register", json=REGISTRATION),
            413: await client.post("/auth/register", content=b" " * 100_000),
            422: await client.post("/auth/register", json={}),
            429: [await way.log_in(client, "bob@example.com", "wrong") for _ in range(6)][-1],
            500: await client.get("/broken"),
        }
        others = [
            await client.get("/guarded"),
            await client.get("/health/live"),
            await client.head("/health/ready"),
            await client.post("/health/live"),
            await client.post("/auth/register", content=b"a=1", headers={"Content-Type": "text/plain"}),
            await client.post(way.login_path, content=b"{"),
        ]

    assert {wanted: answer.status_code for wanted, answer in answers.items()} == {wanted: wanted for wanted in answers}
    assert others[0].status_code == 500
    for answer in [*answers.values(), *others]:
        assert missing(answer.headers) == {}, answer
        assert len(answer.headers["X-Request-ID"]) == 32
        assert not {"server", "x-powered-by"} & set(answer.headers)


@pytest.mark.asvs("V3.4.2")
async def test_a_page_on_another_origin_that_is_not_named_may_read_no_answer(broken_app: Application) -> None:
    async with ApiClient(broken_app, headers={"Origin": "https://evil.example"}) as client:
        answers = [
            await client.get("/health/live"),
            await client.get("/users/me"),
            await client.get("/nowhere"),
            await client.get("/broken"),
            await client.get("/guarded"),
            await client.options("/users/me"),
            await client.post("/auth/register", json=REGISTRATION),
        ]

    for answer in answers:
        assert [name for name in answer.headers if name.startswith("access-")] == [], answer


async def test_a_503_carries_them_too(make_app: MakeApp, database_url: str) -> None:
    gone = make_url(database_url).set(database="/nowhere/gone_test").render_as_string(hide_password=False)
    async with ApiClient(make_app(DATABASE_URL=gone)) as client:
        answer = await client.get("/health/ready")

    assert answer.status_code == 503
    assert missing(answer.headers) == {}


async def test_the_connection_does_not_break_before_the_headers_when_no_answer_had_begun(
    broken_app: Application,
) -> None:
    answer = await RawRequest("GET", "/guarded").send_to(broken_app)

    assert answer.status == 500
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.asvs("V3.4.1")
async def test_a_developers_machine_is_not_pinned_to_https(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    async with ApiClient(make_app(APP_ENV="local")) as client:
        answer = await client.get("/health/live", headers={"X-Forwarded-Proto": "https"})

    assert "Strict-Transport-Security" not in answer.headers
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.asvs("V14.2.5")
async def test_a_path_dressed_as_a_file_is_no_page_to_cache(as_user: SignUp) -> None:
    alice = await as_user()

    answer = await alice.get("/users/me/nonexistent.css")

    assert answer.status_code == 404
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.asvs("V3.4.1", "V3.4.3")
def test_the_policies_are_as_strict_as_an_api_can_have_them() -> None:
    policy = HEADERS["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert "object-src 'none'" in policy
    assert "base-uri 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert STRICT_TRANSPORT_SECURITY == "max-age=63072000; includeSubDomains"
