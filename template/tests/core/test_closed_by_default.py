"""Closed by default: whatever is neither closed nor public stops the application, and a closed route reads nothing."""

import re
import runpy
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import pytest
from fastapi import APIRouter, Depends, FastAPI, Request, Security, WebSocket
from starlette.responses import PlainTextResponse
from starlette.routing import Host, Mount, Route, WebSocketRoute, compile_path
from starlette.staticfiles import StaticFiles
from starlette.types import Message, Receive, Scope, Send

from app.core.application import Application
from app.core.kernel import Kernel
from app.core.openapi import problems
from app.core.principals import CurrentUser, Principal, Requires, current_principal
from app.core.routing import Router, UndeclaredPermissionError, UnguardedRouteError, api_routes
from tests.support.carrying import asks_to_log_in
from tests.support.client import ApiClient
from tests.support.environment import run_python
from tests.support.people import SignUp
from tests.support.planting import RawRequest, plant

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "TRACK", "QUERY", "PROPFIND")
IN_PATH = "00000000-0000-4000-8000-000000000000"


def filled(template: str) -> str:
    """Return the path with an id in place of every parameter, whatever it is called."""
    return re.sub(r"\{[^}]*\}", IN_PATH, template)


async def hello() -> PlainTextResponse:
    return PlainTextResponse("hello")


async def hello_to(_request: Request) -> PlainTextResponse:
    return await hello()


async def raw_app(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse("hello")(scope, receive, send)


async def socket(websocket: WebSocket) -> None:
    await websocket.accept()


def plain_router() -> APIRouter:
    router = APIRouter(prefix="/plain")
    router.add_api_route("/route", hello)
    return router


def closed_router() -> Router:
    router = Router()
    router.get("/closed")(hello)
    return router


def with_socket(router: APIRouter) -> APIRouter:
    router.add_api_websocket_route("/socket", socket)
    return router


def with_frontend(router: APIRouter, folder: Path) -> APIRouter:
    router.frontend("/site", directory=folder)
    return router


def nested(inner: APIRouter) -> APIRouter:
    outer = Router(prefix="/outer")
    outer.include_router(inner)
    return outer


STRANGERS: dict[str, Callable[[Path], APIRouter]] = {
    "APIRoute '/plain/route'": lambda _: plain_router(),
    "APIRoute '/outer/plain/route'": lambda _: nested(plain_router()),
    "Route '/outer/closed'": lambda _: nested(closed_router()),
    "APIWebSocketRoute '/socket'": lambda _: with_socket(Router()),
    "_FrontendRouteGroup ": lambda folder: with_frontend(Router(), folder),
}

PLANTS: dict[str, Callable[[Application, Path], object]] = {
    "Mount '/files'": lambda app, folder: app.mount("/files", StaticFiles(directory=folder)),
    "Mount '/sub'": lambda app, _: app.mount("/sub", FastAPI()),
    "Mount '/raw'": lambda app, _: app.mount("/raw", raw_app),
    "APIRoute '/hidden'": lambda app, _: app.get("/hidden", include_in_schema=False)(hello),
    "APIRoute '/shown'": lambda app, _: app.get("/shown")(hello),
    "Route '/starlette'": lambda app, _: app.router.routes.append(Route("/starlette", hello)),
    "Route '/added'": lambda app, _: app.router.add_route("/added", hello_to),
    "APIWebSocketRoute '/socket'": lambda app, _: app.websocket("/socket")(socket),
    "WebSocketRoute '/bare'": lambda app, _: app.router.routes.append(WebSocketRoute("/bare", socket)),
    "APIRoute '/plain/route'": lambda app, _: app.include_router(plain_router()),
    "APIRoute '/outer/plain/route'": lambda app, _: app.include_router(nested(plain_router())),
    "APIWebSocketRoute '/deep/socket'": lambda app, _: app.include_router(with_socket(Router(prefix="/deep"))),
    "Mount '/mounted'": lambda app, _: app.router.routes.append(Mount("/mounted", routes=[Route("/in", hello)])),
    "Host": lambda app, _: app.router.routes.append(Host("api.example.com", app=raw_app)),
    "FrontendRouteGroup": lambda app, folder: app.frontend("/", directory=folder),
    "FrontendRouteGroup ": lambda app, folder: app.include_router(with_frontend(APIRouter(), folder)),
    "FrontendRouteGroup  ": lambda app, folder: app.include_router(nested(with_frontend(Router(), folder))),
}


@pytest.mark.asvs("V13.4.3", "V8.2.1")
@pytest.mark.parametrize("name", PLANTS)
async def test_the_application_refuses_to_start_with_an_open_route_and_names_it(
    app: Application, tmp_path: Path, name: str
) -> None:
    (tmp_path / "index.html").write_text("hello")
    PLANTS[name](app, tmp_path)

    with pytest.raises(UnguardedRouteError, match=name.strip()):
        app.build_middleware_stack()


async def test_all_of_them_are_named_at_once(app: Application) -> None:
    app.get("/one")(hello)
    app.mount("/two", raw_app)

    with pytest.raises(UnguardedRouteError, match=r"APIRoute '/one', Mount '/two'"):
        app.build_middleware_stack()


async def test_it_serves_nobody_until_they_are_gone(app: Application) -> None:
    app.get("/open")(hello)

    with pytest.raises(UnguardedRouteError):
        await RawRequest("GET", "/open").send_to(app)


async def test_a_router_that_nobody_mounted_stops_the_start(app: Application) -> None:
    router = Router()
    router.get("/forgotten")(hello)
    app.include_router(router)

    with pytest.raises(UnguardedRouteError, match="Route '/forgotten'"):
        app.build_middleware_stack()


async def test_a_permission_that_nobody_declared_stops_the_start(app: Application) -> None:
    """Misspelt, it would be a 403 for everybody, seen by the first who should have been let in."""
    router = Router(prefix="/planted")

    async def load(reader: Annotated[Principal, Requires("planted:raed")]) -> str:
        return reader.email

    @router.get("")
    async def read(thing: Annotated[str, Depends(load)], both: Annotated[Principal, Requires("planted:read")]) -> str:
        return f"{thing} {both.email}"

    app.state.kernel.permission("planted:read")
    plant(app, router)

    with pytest.raises(UndeclaredPermissionError, match=r": planted:raed \(/planted\)$"):
        app.build_middleware_stack()


async def test_scopes_in_the_way_of_fastapi_stop_the_start(app: Application) -> None:
    """Its tutorial asks for them so; nobody here would look at them, and everybody logged in would be let in."""
    router = Router(prefix="/planted")

    @router.delete("", dependencies=[Security(current_principal, scopes=["planted:clear"])])
    async def clear(user: Annotated[Principal, Security(current_principal, scopes=["planted:delete"])]) -> str:
        return user.email

    app.state.kernel.permission("planted:delete")
    plant(app, router)

    with pytest.raises(UndeclaredPermissionError, match=r": planted:clear \(/planted\), planted:delete \(/planted\)$"):
        app.build_middleware_stack()


@pytest.mark.parametrize("name", ["planted: read", "planted\nread", "gelöscht:read", 'planted:"read"', "", "p" * 101])
async def test_a_permission_that_could_be_no_scope_is_not_declared(app: Application, name: str) -> None:
    """What holds permissions holds them with spaces between: one with a space in it would be nobody's."""
    with pytest.raises(ValueError, match="names no permission"):
        app.state.kernel.permission(name)


def declare_nothing(*_named: object, **_as: object) -> None:
    return


def test_with_a_permission_that_nobody_declared_there_is_nothing_to_import_for_a_server(
    monkeypatch: pytest.MonkeyPatch, database_url: str
) -> None:
    monkeypatch.setattr(Kernel, "permission", declare_nothing)
    monkeypatch.setenv("DATABASE_URL", database_url)

    with pytest.raises(SystemExit, match="nobody could hold: "):
        runpy.run_module("app.asgi")


ADDED_AFTER_THE_IMPORT = """
import sys
from app.core.application import Application
from app.manage import main

def add_and_build(self):
    self.add_route("/forgotten", lambda request: None, methods=["GET"])
    return build(self)

build = Application.build_middleware_stack
Application.build_middleware_stack = add_and_build
sys.exit(main(["serve", "--port", "0"]))
"""


def test_no_server_starts_with_what_was_added_after_the_import(tmp_path: Path, database_url: str) -> None:
    """Whatever a server makes of an error: uvicorn by itself takes one at the start for no start at all."""
    settings = {"APP_ENV": "test", "SECRET_KEY": secrets.token_hex(32), "DATABASE_URL": database_url}

    ended = run_python("-c", ADDED_AFTER_THE_IMPORT, folder=tmp_path, REGISTRATION="open", **settings)

    assert ended.returncode != 0
    assert "UnguardedRouteError" in ended.stdout + ended.stderr


async def test_a_route_added_to_a_mounted_router_behind_the_kernels_back_is_not_served(
    app: Application, client: ApiClient
) -> None:
    router = app.state.kernel.routers[0]
    router.get("/late")(hello)

    try:
        assert (await client.get(f"{router.prefix}/late")).status_code == 404
    finally:
        del router.routes[-1]


@pytest.mark.parametrize("described", STRANGERS)
async def test_the_kernel_takes_no_route_that_would_not_authenticate(
    app: Application, tmp_path: Path, described: str
) -> None:
    with pytest.raises(UnguardedRouteError) as refused:
        app.state.kernel.mount(STRANGERS[described](tmp_path))

    assert str(refused.value).startswith(described)
    assert str(refused.value).endswith(": mount each router by itself, made with app.core.routing.Router")


async def test_no_router_is_both_closed_and_public(app: Application) -> None:
    router = closed_router()
    app.state.kernel.mount(router)

    with pytest.raises(UnguardedRouteError, match=r"^/closed: mounted already$"):
        app.state.kernel.mount(router, public=True)


async def test_a_route_of_a_router_is_closed_even_when_it_comes_too_late(app: Application, client: ApiClient) -> None:
    await client.get("/users/me")
    router = Router()
    router.get("/late")(hello)
    app.include_router(router)

    assert (await client.get("/late")).status_code == 401


async def test_a_public_router_stays_public_and_knows_who_asks(app: Application) -> None:
    router = Router(prefix="/public")
    router.get("/hello")(hello)

    @router.get("/mine", responses=problems(401))
    async def mine(user: CurrentUser) -> dict[str, str]:
        return {"email": user.email}

    plant(app, router, public=True)
    async with ApiClient(app) as client:
        answers = [await client.get(f"/public/{name}") for name in ("hello", "mine")]

    assert [answer.status_code for answer in answers] == [200, 401]


async def test_the_same_handler_can_be_public_here_and_closed_there(app: Application) -> None:
    here, there = Router(prefix="/here"), Router(prefix="/there")
    for router in (here, there):
        router.get("")(hello)
    plant(app, here, public=True)
    plant(app, there)
    async with ApiClient(app) as client:
        assert [(await client.get(path)).status_code for path in ("/here", "/there")] == [200, 401]


@pytest.mark.asvs("V8.2.1", "V13.4.4")
async def test_no_method_of_a_closed_route_is_open_to_strangers(app: Application, client: ApiClient) -> None:
    closed = {path for _, path, route in api_routes(app.routes) if route.origin not in app.state.kernel.public_routes}
    assert "/users/me" in closed

    for template in closed:
        asked = filled(template)
        # Two templates can fit one path: `/users/search` and `/users/{id}`.
        served = {method for method, path, _ in api_routes(app.routes) if compile_path(path)[0].fullmatch(asked)}
        for method in METHODS:
            answer = await client.request(method, asked)

            if method in served:
                assert asks_to_log_in(answer), (method, template)
            else:
                assert answer.status_code == 405, (method, template)
                assert answer.headers["Allow"] == ", ".join(sorted(served))


@pytest.mark.asvs("V8.2.1")
@pytest.mark.parametrize(
    ("method", "path"), [("PATCH", "/users/me"), ("POST", "/users/me/password"), ("POST", "/auth/reauthenticate")]
)
@pytest.mark.parametrize("body", [b'{"a": NaN', b"", b"\xff", b"[" * 10_000, b'{"password": "x"}'])
async def test_the_body_of_a_stranger_is_never_read(app: Application, method: str, path: str, body: bytes) -> None:
    headers = [(b"host", b"localhost"), (b"content-type", b"application/json")]
    request = await RawRequest(method, path, headers, body).send_to(app)

    assert request.status == 401
    assert request.received == 0


async def test_a_stranger_learns_nothing_of_the_parameters(client: ApiClient) -> None:
    answers = [
        await client.get("/users/me?unknown=1"),
        await client.delete("/auth/sessions/not-an-id"),
        await client.get("/auth/sessions?a=1&a=2"),
    ]

    assert [answer.status_code for answer in answers] == [401] * 3


async def test_a_websocket_handshake_is_never_accepted(app: Application, client: ApiClient) -> None:
    await client.get("/users/me")
    # Too late for the walk at start.
    app.websocket("/late")(socket)
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        sent.append(message)

    for path in ("/late", "/users/me", "/nowhere", "/health/live"):
        scope = {**RawRequest("GET", path).scope, "type": "websocket", "scheme": "ws", "subprotocols": []}
        await app(scope, receive, send)

    assert [message["type"] for message in sent if message["type"] != "websocket.close"] == []


@pytest.mark.asvs("V15.3.7")
async def test_a_path_with_a_newline_behind_it_is_no_other_spelling_of_a_route(app: Application) -> None:
    """Guards that know a route by its path would not know it again."""
    for method, template, _ in api_routes(app.routes):
        asked = await RawRequest(method, f"{filled(template)}\n").send_to(app)

        assert asked.status == 404, (method, template)


async def test_who_is_logged_in_gets_through(as_user: SignUp) -> None:
    alice = await as_user()

    assert (await alice.get("/users/me")).status_code == 200
