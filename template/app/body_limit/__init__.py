"""Limits on the size of a request body and on the time it may take to arrive.

Threat: one caller fills the memory, or holds connections and half-sent requests for ever (ASVS V15.2.2).
`Content-Length` is believed when it says too much, and never when it says little: a chunked body has none, so the bytes
are counted.

JSON and forms have a limit of their own. They are parsed in one go while everybody else waits, a tenth of a second for
each MiB, and strangers send them to the login as well: who permits large uploads must not permit that. Nor is it for
the sender to say that a body is an upload: most routes keep all of a body, whatever its type. The larger limit holds
where the route declares a file, or a `max_body_size` of its own.

Remove it: delete this folder and `tests/body_limit/`, both its lines in `app/main.py`, its row in README.md, its
settings in `.env.example`, its name in `tests/core/test_documents.py`, and what fails elsewhere: other tests count on
its refusals too.
"""

import asyncio

from pydantic import Field
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.errors import Problem
from app.core.kernel import Kernel
from app.core.routing import takes_uploads
from app.core.settings import SliceSettings
from app.core.slices import Slice

_MOST_DIGITS = 20
"""Of an announced length: Python refuses to read thousands of them, and twenty are too many already."""


class BodyLimitSettings(SliceSettings):
    """`MAX_BODY_BYTES`: the largest body that any route accepts. `MAX_BODY_SECONDS`: the longest it may take.

    `MAX_JSON_BYTES`: the largest of JSON and of forms without files, and of any body for a route without a file.
    """

    max_body_seconds: float = Field(default=20.0, gt=0, le=600)
    max_body_bytes: int = Field(default=64 * 1024, ge=1024, le=64 * 1024 * 1024)
    max_json_bytes: int = Field(default=64 * 1024, ge=1024, le=1024 * 1024)


def _too_large() -> Problem:
    # The connection stays open and the server drops what still comes: closing it now would reset it, and whoever is
    # still sending would never read this answer.
    hint = "MAX_BODY_BYTES; MAX_JSON_BYTES for JSON, forms, and routes without a file or a max_body_size"
    return Problem(413, "content_too_large", "The body is too large.", hint=hint)


def _too_slow() -> Problem:
    headers = {"Connection": "close"}
    return Problem(408, "request_timeout", "The body took too long.", headers=headers, hint="MAX_BODY_SECONDS")


class BodyLimit:
    """Pure ASGI: refuses with 413 what is or turns out to be too large, and with 408 what takes too long."""

    def __init__(self, app: ASGIApp, kernel: Kernel, settings: BodyLimitSettings) -> None:
        self._app = app
        self._with_hint = kernel.core.is_local
        self._most_bytes = settings.max_body_bytes
        self._most_bytes_in_one_go = min(settings.max_json_bytes, settings.max_body_bytes)
        self._most_seconds = settings.max_body_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most_bytes = self._most_bytes_in_one_go if _is_parsed_in_one_go(scope) else self._most_bytes
        if _announced(scope) > most_bytes:
            await _too_large().response(with_hint=self._with_hint)(scope, receive, send)
        else:
            await self._app(scope, self._bounded(scope, receive, most_bytes), send)

    def _bounded(self, scope: Scope, receive: Receive, most_bytes: int) -> Receive:
        announced, received, complete = _announced(scope), 0, False
        deadline = asyncio.get_running_loop().time() + self._most_seconds

        async def receive_bounded() -> Message:
            nonlocal received, complete
            if complete:
                return await receive()
            # Only now a route has been found, and with it the limit that holds.
            allowed = most_bytes if takes_uploads(scope) else self._most_bytes_in_one_go
            if announced > allowed:
                raise _too_large()
            try:
                async with asyncio.timeout_at(deadline):
                    message = await receive()
            except TimeoutError:
                raise _too_slow() from None
            received += len(message.get("body", b""))
            complete = not message.get("more_body", False)
            if received > allowed:
                raise _too_large()
            return message

        return receive_bounded


def _announced(scope: Scope) -> int:
    lengths = [value.lstrip(b"0") for name, value in scope["headers"] if name == b"content-length"]
    return max((int(length[:_MOST_DIGITS]) for length in lengths if length.isdigit()), default=0)


def _is_parsed_in_one_go(scope: Scope) -> bool:
    # Part of the media type is enough: a spelling that only the parser takes would be a way around. The parameters do
    # not count, among them the boundary of an upload, which is random and may hold any word.
    types = [value.partition(b";")[0].lower() for name, value in scope["headers"] if name == b"content-type"]
    return any(b"json" in each or b"urlencoded" in each for each in types)


def install(kernel: Kernel, settings: BodyLimitSettings) -> None:
    """Limit the body of every request."""
    kernel.guard(lambda app: BodyLimit(app, kernel, settings))


SLICE = Slice(name="body_limit", install=install, settings=BodyLimitSettings)
