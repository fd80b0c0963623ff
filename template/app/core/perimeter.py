"""The outermost guard: a request id, the last word on errors, headers on every answer, and one line in the log.

One guard and not five: each further frame costs every request, and only what stands outside Starlette's own error
layer also reaches the unhandled 500.
"""

from asyncio import get_running_loop
from collections.abc import Sequence
from time import perf_counter
from typing import TYPE_CHECKING
from uuid import uuid4

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.context import RequestContext, answering
from app.core.errors import internal_error
from app.core.forwarded import FORWARDED_FOR, ForwardedWarning
from app.core.log import log

if TYPE_CHECKING:
    from app.core.kernel import Kernel

RawHeaders = Sequence[tuple[bytes, bytes]]
_LONGEST_USER_AGENT = 200


class Perimeter:
    """Wraps the whole application. What it knows of the request is in `app.core.context`."""

    def __init__(self, app: ASGIApp, kernel: "Kernel") -> None:
        self._app = app
        self._kernel = kernel
        self._forwarded = ForwardedWarning()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._answer(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._live(scope, receive, send)
        # Anything else is a WebSocket, which this application does not serve: returning refuses the handshake.

    async def _live(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_without_message(message: Message) -> None:
            # Starlette's is a traceback, which a server writes down as it is; it may quote a setting.
            if message["type"].endswith(".failed"):
                log.exception("lifespan_failed")
                message = {"type": message["type"]}
            await send(message)

        await self._app(scope, receive, send_without_message)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = self._described(scope)
        started_at = perf_counter()
        status = 0

        async def send_completed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                await self._kernel.flush(request)
                message["headers"] = self._completed(message.get("headers", ()), request.request_id)
            await send(message)

        with answering(request):
            try:
                await self._app(scope, receive, send_completed)
            except ClientDisconnect:
                # Starlette answers 500 to whoever is gone; in the log anybody could raise an alarm with that.
                status = 0
                log.info("client_disconnected", request_id=request.request_id)
            except Exception:
                log.exception("unhandled_error", request_id=request.request_id, request_uri=request.path)
                if not status:
                    await internal_error().response(with_hint=False)(scope, receive, send_completed)
            finally:
                # First: what a thread tells while this flush ends is told too, for from here on the kernel sees to it.
                request.ended_on = get_running_loop()
                await self._kernel.flush(request)
                self._write_access_line(request, status, perf_counter() - started_at)

    def _completed(self, headers: RawHeaders, request_id: str) -> list[tuple[bytes, bytes]]:
        """Return `headers` with ours. A header that the route has set itself stays as it is."""
        present = {name.lower() for name, _ in headers}
        ours = [header for header in self._kernel.response_headers if header[0] not in present]
        return [*headers, *ours, (b"x-request-id", request_id.encode())]

    def _write_access_line(self, request: RequestContext, status: int, seconds: float) -> None:
        if request.path in self._kernel.unlogged_paths:
            return
        log.info(
            "request",
            request_id=request.request_id,
            request_method=request.method,
            request_uri=request.path,
            status=status,
            milliseconds=round(seconds * 1000, 1),
            source_ip=request.client,
        )

    def _described(self, scope: Scope) -> RequestContext:
        client, server = scope.get("client"), scope.get("server")
        address = client[0] if client else ""
        agent, forwarded = b"", []
        for name, value in scope["headers"]:
            if name == b"user-agent":
                agent = value
            elif name == FORWARDED_FOR:
                forwarded.append(value)
        if forwarded:
            self._forwarded.look(b", ".join(forwarded), address)
        return RequestContext(
            request_id=uuid4().hex,
            method=scope["method"],
            path=scope["path"],
            protocol=f"{scope.get('scheme', '')}/{scope.get('http_version', '')}",
            port=server[1] if server else None,
            client=address,
            user_agent=agent[:_LONGEST_USER_AGENT].decode("latin-1"),
            scope=scope,
        )
