"""The layers that a request meets, outermost first: what each of them refuses, and with which answer.

A slice that stands in front of the routes says so in a `layer.py` beside its tests: `LAYERS`, a tuple of `Layer`. The
tests of the order find it by itself. `place` is a number, so that none has to know its neighbours: 10 health, 20 hosts,
30 what a browser asks of another origin, 40 size, 50 how often, 60 who made the browser send it, 70 who asks, 80 what.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

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
