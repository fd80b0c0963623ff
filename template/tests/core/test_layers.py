"""The order in which a request is judged. A layer that stands elsewhere judges what it should never have seen."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import pytest
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from app.core.application import Application
from app.core.principals import CurrentUser
from app.core.routing import Router
from app.core.types import Body
from tests.conftest import MakeApp
from tests.support.carrying import Way, each_way
from tests.support.layers import Layer, Shot, full_name, layers, own_layers_of_fastapi, stack_of
from tests.support.people import Person
from tests.support.planting import RawRequest, plant

PLANTED = "/planted-behind-all-layers"
LAYERS = layers()
REFUSING = [layer for layer in LAYERS if layer.spoil]


class Amount(Body):
    amount: int


def planted() -> Router:
    router = Router(prefix=PLANTED)

    @router.post("")
    async def change(user: CurrentUser, body: Amount) -> str:
        return f"{user.email} {body.amount}"

    return router


@pytest.fixture
def app(make_app: MakeApp) -> Application:
    """The application, with a route behind all its layers."""
    made = make_app(**{name: value for layer in LAYERS for name, value in layer.settings.items()})
    plant(made, planted())
    return made


def order_of(app: Application) -> Iterator[str]:
    """Yield what a request meets: of guards of this project the part of `app/`, of all else module and class."""
    for layer in stack_of(app):
        name = full_name(layer)
        yield name.split(".")[1] if name.startswith("app.") else name


DECLARED = ["core", *(layer.name for layer in LAYERS if layer.is_guard)]


async def test_the_application_has_its_guards_in_this_order(app: Application) -> None:
    """The outermost one is the core's own: errors, the request's id, the log and the headers."""
    assert list(order_of(app)) == [*DECLARED, *own_layers_of_fastapi()]


class Dump:
    """Serves strangers, in front of all that would ask who they are."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answering = PlainTextResponse("all of it") if scope.get("path") == "/internal/dump" else self.app
        await answering(scope, receive, send)


@pytest.mark.parametrize("library", [GZipMiddleware, ServerErrorMiddleware])
async def test_a_guard_behind_one_of_a_library_would_be_found(
    app: Application, library: Callable[[ASGIApp], ASGIApp]
) -> None:
    app.state.kernel.guard(library)
    app.state.kernel.guard(Dump)

    assert (await RawRequest("GET", "/internal/dump").send_to(app)).status == 200
    behind = [f"{library.__module__}.{library.__name__}", f"{__name__}.Dump"]
    assert list(order_of(app)) == [*DECLARED, *behind, *own_layers_of_fastapi()]


async def test_a_guard_that_lets_nobody_see_behind_it_would_be_found(app: Application) -> None:
    def hiding(inner: ASGIApp) -> ASGIApp:
        async def guard(scope: Scope, receive: Receive, send: Send) -> None:
            await inner(scope, receive, send)

        return guard

    app.state.kernel.guard(hiding)

    with pytest.raises(AssertionError, match=r"builtins\.function hides"):
        list(order_of(app))


def test_no_two_layers_share_a_place() -> None:
    assert len({layer.place for layer in LAYERS}) == len(LAYERS)


async def good_request(app: Application, way: Way) -> Shot:
    async with Person(app, "alice@example.com", way=way) as alice:
        await alice.register()
        await alice.log_in()
        headers = {"Host": "localhost", "Content-Type": "application/json", **alice.carried.headers}
        return Shot(app, PLANTED, headers, b'{"amount": 1}', credential=tuple(alice.carried.headers))


async def spoil(shot: Shot, reasons: Sequence[Layer]) -> None:
    """Give each of `reasons` something to refuse, the innermost first: what is further out has the last word."""
    for layer in reversed(reasons):
        if layer.spoil:
            await layer.spoil(shot)


@each_way
async def test_a_request_that_fails_everywhere_is_refused_by_the_outermost_layer(app: Application, way: Way) -> None:
    good = await good_request(app, way)
    answers = {}

    for number, layer in enumerate(REFUSING):
        shot = replace(good, headers=dict(good.headers))
        await spoil(shot, REFUSING[number:])
        answers[layer.name] = await shot.answer()

    assert answers == {layer.name: layer.refusal for layer in REFUSING}
    assert await good.answer() == (200, "")


async def test_a_probe_is_answered_whatever_else_is_wrong(app: Application, way: Way) -> None:
    shot = await good_request(app, way)
    await spoil(shot, REFUSING)
    shot.method, shot.path = "GET", "/health/live"

    status, _ = await shot.answer()

    assert status == 200
