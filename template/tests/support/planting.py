"""Routes and bodies planted for one test: mounted the way a slice does it, sent the way no client would."""

from typing import Any

from starlette.types import Message, Scope

from app.core.application import Application
from app.core.routing import Router


def plant(app: Application, router: Router, *, public: bool = False) -> None:
    """Mount `router` on an application that has not started."""
    app.state.kernel.mount(router, public=public)
    app.include_router(router)


Headers = list[tuple[bytes, bytes]]


class RawRequest:
    """A request by hand: any headers, any messages; `answers` holds what came back, `received` what was read."""

    def __init__(
        self, method: str, path: str, headers: Headers | None = None, *chunks: bytes, query: bytes = b""
    ) -> None:
        self.scope: Scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "scheme": "http",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "root_path": "",
            "query_string": query,
            "headers": [(b"host", b"localhost")] if headers is None else headers,
            "client": ("127.0.0.1", 40000),
            "server": ("localhost", 80),
        }
        self.answers: list[Message] = []
        self.received = 0
        self._chunks = list(chunks)

    async def send_to(self, app: Any) -> "RawRequest":
        """Send it and return itself."""
        await app(self.scope, self._receive, self._send)
        return self

    @property
    def status(self) -> int:
        """The status of the answer, 0 without one."""
        return next((each["status"] for each in self.answers if each["type"] == "http.response.start"), 0)

    @property
    def headers(self) -> dict[str, str]:
        """The headers of the answer."""
        return {name.decode(): value.decode() for name, value in self.answers[0]["headers"]}

    async def _receive(self) -> Message:
        self.received += 1
        if not self._chunks:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": self._chunks.pop(0), "more_body": bool(self._chunks)}

    async def _send(self, message: Message) -> None:
        self.answers.append(message)
