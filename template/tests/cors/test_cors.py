"""Pages that `BROWSER_ORIGINS` names: what they may send and read, errors included, and what comes before anything."""

from dataclasses import dataclass
from typing import Any

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from app.core.application import Application
from app.core.events import Level, SecurityEvent
from app.core.kernel import Kernel
from app.core.routing import Router
from app.main import SLICES
from tests.conftest import MakeApp
from tests.cors.conftest import made
from tests.cors.pages import ALLOW_ORIGIN, PAGE, PAGE_WITH_PORT, cors_headers, listed, preflight, varies_by_origin
from tests.support.carrying import WAYS, each_way
from tests.support.client import ApiClient
from tests.support.people import SignUp
from tests.support.planting import RawRequest, plant

CREDENTIALS = "Access-Control-Allow-Credentials"
PRIVATE_NETWORK = "Access-Control-Allow-Private-Network"


def kernel_of(app: Application) -> Kernel:
    kernel: Kernel = app.state.kernel
    return kernel


async def test_a_preflight_names_methods_and_headers_and_may_be_kept(client: ApiClient) -> None:
    kernel = kernel_of(client.app)

    answer = await preflight(client, "/planted", method="POST", headers=",".join(sorted(kernel.request_headers)))

    served = {method for route in kernel.routes for method in route.methods or ()}
    simple = {"Accept", "Accept-Language", "Content-Language", "Content-Type"}
    assert answer.status_code == 200
    assert cors_headers(answer.headers).keys() - {CREDENTIALS.lower()} == {
        "access-control-allow-origin",
        "access-control-allow-methods",
        "access-control-allow-headers",
        "access-control-max-age",
    }
    assert listed(answer.headers["Access-Control-Allow-Methods"]) == served
    assert listed(answer.headers["Access-Control-Allow-Headers"]) == kernel.request_headers | simple
    assert answer.headers["Access-Control-Max-Age"] == "600"
    assert not any("*" in value for value in cors_headers(answer.headers).values())


async def test_headers_are_known_in_any_case(client: ApiClient) -> None:
    for headers in ("content-type", "Content-Type", "CONTENT-TYPE,accept"):
        assert (await preflight(client, "/planted", headers=headers)).status_code == 200


async def test_a_header_that_a_slice_adds_later_is_allowed(app: Application, client: ApiClient) -> None:
    kernel_of(app).request_headers.add("X-Planted")
    kernel_of(app).exposed_headers.add("X-Shown")

    assert (await preflight(client, "/planted", headers="x-planted")).status_code == 200
    answer = await client.get("/nowhere", headers={"Origin": PAGE})
    assert "X-Shown" in listed(answer.headers["Access-Control-Expose-Headers"])


@pytest.mark.parametrize(
    "asked",
    [
        {"method": "TRACE"},
        {"method": "get"},
        {"method": ""},
        {"method": "GET, POST"},
        {"headers": "X-Evil"},
        {"headers": "content-type, x-evil"},
        {"headers": "*"},
        {"Access-Control-Request-Private-Network": "true"},
    ],
    ids=str,
)
async def test_a_named_page_that_asks_for_more_is_refused(
    client: ApiClient, events: list[SecurityEvent], asked: dict[str, Any]
) -> None:
    answer = await preflight(client, "/planted", **asked)

    assert answer.status_code == 403
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "preflight_refused"
    assert answer.headers[ALLOW_ORIGIN] == PAGE
    assert PRIVATE_NETWORK not in answer.headers
    assert int(answer.headers["Content-Length"]) == len(answer.content)
    assert [(event.written(), event.level) for event in events] == [("malicious_cors:127.0.0.1", Level.WARN)]


async def test_a_page_reads_the_headers_that_it_needs(client: ApiClient) -> None:
    answer = await client.get("/planted", headers={"Origin": PAGE})

    exposed = listed(answer.headers["Access-Control-Expose-Headers"])
    assert exposed == kernel_of(client.app).exposed_headers
    assert {"Retry-After", "WWW-Authenticate", "X-Request-ID"} <= exposed


@pytest.mark.asvs("V3.4.2")
async def test_errors_can_be_read_by_the_page_too(as_user: SignUp, client: ApiClient) -> None:
    alice = await as_user()
    alice.headers["Origin"] = client.headers["Origin"] = PAGE

    answers = {
        401: await client.get("/planted"),
        403: await alice.get("/planted/forbidden"),
        404: await alice.get("/nowhere"),
        405: await client.put("/users/me"),
        413: await alice.post("/planted", content=b" " * 100_000),
        422: await alice.post("/planted", json={"amount": "5"}),
        429: await alice.get("/planted/limited"),
        500: await alice.get("/planted/crash"),
        503: await alice.get("/planted/down"),
    }

    assert {status: answer.status_code for status, answer in answers.items()} == {status: status for status in answers}
    for answer in answers.values():
        assert answer.headers.get_list(ALLOW_ORIGIN) == [PAGE]
        assert varies_by_origin(answer)
        assert "X-Request-ID" in listed(answer.headers["Access-Control-Expose-Headers"])
    assert answers[429].headers["Retry-After"] == "7"


async def test_errors_tell_a_foreign_page_nothing(as_user: SignUp) -> None:
    alice = await as_user()
    alice.headers["Origin"] = "https://evil.example"

    for path in ("/planted/forbidden", "/nowhere", "/planted/limited", "/planted/crash", "/planted/down"):
        answer = await alice.get(path)
        assert answer.status_code >= 400
        assert cors_headers(answer.headers) == {}
        assert varies_by_origin(answer)


class Inner:
    """The guard that stands next to CORS: it notes what comes through."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.met: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.met.append(scope["method"])
        await self.app(scope, receive, send)


async def test_a_preflight_is_answered_before_anything_else_hears_of_it(app: Application) -> None:
    inner: list[Inner] = []

    def wrap(further: ASGIApp) -> ASGIApp:
        inner.append(Inner(further))
        return inner[-1]

    names = [each.name for each in SLICES]
    kernel_of(app).guards.insert(names.index("cors"), wrap)
    named = [(b"host", b"localhost"), (b"origin", PAGE.encode()), (b"access-control-request-method", b"GET")]
    wrong = {name: value for way in WAYS for name, value in way.presenting("nonsense").items()}
    spoilt = [(name.lower().encode(), value.encode()) for name, value in wrong.items()]
    huge = [*named, (b"content-length", b"9" * 12), *spoilt]

    request = await RawRequest("OPTIONS", "/planted", huge, b"x").send_to(app)
    foreign = [(name, b"https://evil.example" if name == b"origin" else value) for name, value in huge]
    refused = await RawRequest("OPTIONS", "/planted", foreign, b"x").send_to(app)

    assert (request.status, refused.status) == (200, 403)
    assert request.received == refused.received == 0
    assert inner[0].met == []


def test_only_what_needs_no_page_stands_outside() -> None:
    names = [each.name for each in SLICES]

    assert names[: names.index("cors")] == ["headers", "health", "hosts"]


async def test_a_preflight_never_reaches_a_route(app: Application) -> None:
    called: list[str] = []
    router = Router(prefix="/own", include_in_schema=False)

    @router.api_route("/options", methods=["OPTIONS"])
    async def options() -> str:
        called.append("OPTIONS")
        return "reached"

    plant(app, router, public=True)
    async with ApiClient(app) as client:
        await preflight(client, "/own/options", method="OPTIONS")
        await preflight(client, "/own/options", origin="https://evil.example")
        assert called == []
        assert (await client.options("/own/options", headers={"Origin": PAGE})).status_code == 200

    assert called == ["OPTIONS"]


@pytest.mark.asvs("V4.1.4")
async def test_an_options_that_is_no_preflight_is_not_served(client: ApiClient) -> None:
    without_method = await client.options("/planted", headers={"Origin": PAGE})
    without_origin = await client.options("/planted", headers={"Access-Control-Request-Method": "GET"})

    assert (without_method.status_code, without_origin.status_code) == (405, 405)


async def test_a_preflight_for_a_host_that_is_not_ours_is_refused(client: ApiClient) -> None:
    answer = await preflight(client, "/planted", Host="evil.example")

    assert answer.status_code == 400
    assert cors_headers(answer.headers) == {}


@pytest.mark.asvs("V3.4.1", "V3.4.4")
async def test_a_preflight_carries_the_security_headers(client: ApiClient) -> None:
    for origin in (PAGE, "https://evil.example"):
        answer = await preflight(client, "/planted", origin=origin)

        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Strict-Transport-Security"].startswith("max-age=63072000")
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Request-ID"]


async def test_credentials_are_allowed_if_one_is_sent_unasked(client: ApiClient) -> None:
    unasked = any(each.sent_unasked for each in kernel_of(client.app).principals.authenticators)

    answers = [await preflight(client, "/planted"), await client.get("/planted", headers={"Origin": PAGE})]

    expected = "true" if unasked else None
    assert [answer.headers.get(CREDENTIALS) for answer in answers] == [expected, expected]


@dataclass
class Presented:
    """A credential that is only described."""

    sent_unasked: bool
    name: str = "planted"


@pytest.mark.parametrize(
    ("unasked", "expected"), [(True, "true"), (False, None)], ids=["sent unasked", "sent by a script"]
)
async def test_it_is_the_kind_of_credential_that_decides(app: Application, unasked: bool, expected: str | None) -> None:
    planted: Any = Presented(unasked)
    kernel_of(app).principals.authenticators[:] = [planted]
    request = RawRequest(
        "OPTIONS",
        "/planted",
        [(b"host", b"localhost"), (b"origin", PAGE.encode()), (b"access-control-request-method", b"GET")],
    )

    await request.send_to(app)

    assert request.status == 200
    assert request.headers.get(CREDENTIALS.lower()) == expected


@each_way
async def test_a_page_that_is_named_logs_people_in_and_no_other(app: Application, as_user: SignUp) -> None:
    alice = await as_user.register()
    answers = []

    for origin in (PAGE, "https://evil.example"):
        alice.headers.update({"Origin": origin, "Sec-Fetch-Site": "same-site"})
        answers.append(await alice.way.log_in(alice, alice.email, alice.password))

    assert [answer.status_code for answer in answers] == [200, 403]
    assert kernel_of(app).named_origins == {PAGE, PAGE_WITH_PORT}


@pytest.mark.parametrize("path", ["/planted", "/users/me", "/nowhere"])
async def test_no_answer_opens_a_private_network(client: ApiClient, path: str) -> None:
    more = {"Access-Control-Request-Private-Network": "true"}

    answers = [await preflight(client, path, origin=origin, **more) for origin in (PAGE, "https://evil.example")]

    assert not any(PRIVATE_NETWORK in answer.headers for answer in answers)


async def test_without_a_named_page_there_is_none(make_app: MakeApp) -> None:
    app = make_app()
    async with ApiClient(app) as client:
        for origin in (PAGE, "http://localhost:3000"):
            assert (await preflight(client, "/users/me", origin=origin)).status_code == 403
            assert cors_headers((await client.get("/users/me", headers={"Origin": origin})).headers) == {}


async def test_a_developers_page_may_call_and_a_refusal_names_the_setting(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("APP_ENV", "local")
    app = make_app(BROWSER_ORIGINS="")
    async with ApiClient(app) as client:
        for origin in ("http://localhost:3000", "http://127.0.0.1:5173"):
            assert (await preflight(client, "/users/me", origin=origin)).status_code == 200
        refused = await preflight(client, "/users/me", origin="http://localhost:9999")

    assert refused.json()["hint"] == "BROWSER_ORIGINS"


async def test_other_environments_give_no_hint(make_app: MakeApp) -> None:
    async with ApiClient(made(make_app)) as client:
        refused = await preflight(client, "/planted", origin="https://evil.example")

    assert "hint" not in refused.json()
