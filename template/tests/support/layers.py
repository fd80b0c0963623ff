"""The layers that a request meets, outermost first: what each of them refuses, and with which answer.

A slice that stands in front of the routes says so in a `layer.py` beside its tests: `LAYERS`, a tuple of `Layer`. The
tests of the order find it by itself. `place` is a number, so that none has to know its neighbours: 10 health, 20 hosts,
30 what a browser asks of another origin, 40 size, 50 how often, 60 who made the browser send it, 70 who asks, 80 what.

A guard keeps what it stands around as `_app` or `app`, so that the tests can look behind it. One that comes from a
library is declared like any other, with its module and class as its name: `starlette.middleware.gzip.GZipMiddleware`.
"""

import json
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from tests.support.planting import RawRequest

Headers = dict[str, str]


@dataclass
class Shot:
    """A request while it is made up: the good one, which the layers then spoil."""

    app: Any
    path: str
    headers: Headers
    body: bytes
    method: str = "POST"
    network: str = "127.0.0.1"
    credential: tuple[str, ...] = ()
    """The headers that present the session."""

    def without(self, *names: str) -> None:
        """Take headers away."""
        for name in names:
            self.headers.pop(name, None)

    async def answer(self) -> tuple[int, str]:
        """Send it; return the status of the answer and the code of the problem in it, or ''."""
        headers = [(name.lower().encode(), value.encode()) for name, value in self.headers.items()]
        request = RawRequest(self.method, self.path, headers, self.body)
        request.scope["client"] = (self.network, 40000)
        await request.send_to(self.app)
        body = b"".join(message.get("body", b"") for message in request.answers)
        found = json.loads(body) if body else None
        return request.status, found.get("code", "") if isinstance(found, dict) else ""


Spoil = Callable[[Shot], Awaitable[None]]


@dataclass(frozen=True, kw_only=True)
class Layer:
    """One layer."""

    name: str
    place: int
    spoil: Spoil | None = None
    """Makes the request one that this layer refuses, whatever the others say. None for a layer that refuses nothing."""

    refusal: tuple[int, str] = (0, "")
    """The status and the code of that refusal."""

    is_guard: bool = True
    """Whether it stands around the application, and not in it."""

    settings: Mapping[str, str] = field(default_factory=dict)
    """What the application must be told, so that this can be tried."""


def layers() -> list[Layer]:
    """Return the layers of this project, outermost first, each named after the folder of its tests."""
    root = Path(__file__).parent.parent
    modules = [import_module(f"tests.{path.parent.name}.layer") for path in sorted(root.glob("*/layer.py"))]
    return sorted((layer for module in modules for layer in module.LAYERS), key=lambda layer: layer.place)


def stack_of(app: FastAPI) -> Iterator[Any]:
    """Yield all that stands around the routes, in the order in which a request meets it.

    Down to the router, and never only as far as what is known: a guard behind one from a library answers too.

    Raises:
        AssertionError: something keeps what it stands around under a name of its own, so nobody sees behind it.
    """
    layer: Any = app.build_middleware_stack()
    while layer is not app.router:
        yield layer
        inner = getattr(layer, "_app", None) or getattr(layer, "app", None)
        assert inner is not None, f"{full_name(layer)} hides what it stands around: keep it as `_app`"
        layer = inner


def full_name(layer: Any) -> str:
    """Return the module and the name of a layer's class."""
    return f"{type(layer).__module__}.{type(layer).__qualname__}"


def own_layers_of_fastapi() -> list[str]:
    """Return what FastAPI puts around its router itself, which is for each of its versions to say."""
    return [full_name(layer) for layer in stack_of(FastAPI())]
