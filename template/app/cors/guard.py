"""The guard: Starlette's middleware for the origins that are named, and nothing but `Vary` for every other.

Starlette alone would tell any page which methods and headers it allows, and would look at the first of two `Origin`s.
"""

from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.context import current_network
from app.core.errors import Problem
from app.core.events import attempt_from
from app.core.kernel import Kernel
from app.core.own_origin import LONGEST_ORIGIN_SHOWN

PREFLIGHT_SECONDS = 600
"""How long a browser goes by the answer to a preflight, and so by a page's name after it is taken off the list."""

_REQUESTED_METHOD = b"access-control-request-method"
_VARY = "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"


class CorsGuard(CORSMiddleware):
    """Pure ASGI: answers preflights before anything further in hears of them, and lets named pages read the rest."""

    def __init__(self, app: ASGIApp, kernel: Kernel, origins: frozenset[str]) -> None:
        super().__init__(
            app,
            allow_origins=origins,
            allow_methods=_methods_served(kernel),
            allow_headers=kernel.request_headers,
            allow_credentials=_takes_what_is_sent_unasked(kernel),
            expose_headers=sorted(kernel.exposed_headers),
            max_age=PREFLIGHT_SECONDS,
        )
        self._kernel = kernel
        self._named = frozenset(origin.encode() for origin in origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        origins = _values(scope, b"origin")
        if len(origins) == 1 and origins[0] in self._named:
            await super().__call__(scope, receive, send)
        elif origins and scope["method"] == "OPTIONS" and _values(scope, _REQUESTED_METHOD):
            await self._refuse_origin(origins)(scope, receive, send)
        else:
            await self.app(scope, receive, _varying(send))

    def preflight_response(self, request_headers: Headers) -> Response:
        """Return the answer to a preflight from a page that is named; a refusal says what would be allowed."""
        answer = super().preflight_response(request_headers)
        if answer.status_code == HTTPStatus.OK:
            return answer
        allowed = {name: value for name, value in answer.headers.items() if not name.startswith("content-")}
        self._tell(f"{request_headers['origin']} asked for a method or header that is not allowed")
        problem = Problem(
            403, "preflight_refused", "This method, or one of these headers, is not allowed.", headers=allowed
        )
        return problem.response(with_hint=False)

    def _refuse_origin(self, origins: list[bytes]) -> Response:
        shown = b" and ".join(origins)[:LONGEST_ORIGIN_SHOWN].decode("latin-1")
        self._tell(f"{shown} asked whether its page may call")
        detail = "Pages of this origin may not call this API."
        problem = Problem(403, "origin_not_allowed", detail, headers={"Vary": _VARY}, hint="BROWSER_ORIGINS")
        return problem.response(with_hint=self._kernel.core.is_local)

    def _tell(self, description: str) -> None:
        """Tell of a refusal, and of few: no limit stands before this guard."""
        self._kernel.tell_seldom(attempt_from(current_network(), "malicious_cors", description))


def _methods_served(kernel: Kernel) -> list[str]:
    return sorted({method for route in kernel.routes for method in route.methods or ()})


def _takes_what_is_sent_unasked(kernel: Kernel) -> bool:
    """Return whether a browser may send credentials along. A script that holds one needs no such permission."""
    return any(each.sent_unasked for each in kernel.principals.authenticators)


def _values(scope: Scope, name: bytes) -> list[bytes]:
    return [value for key, value in scope.get("headers", ()) if key == name]


def _varying(send: Send) -> Send:
    """Keep caches from giving this answer to a page that would get another one."""

    async def send_varying(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", ()), (b"vary", b"Origin")]
        await send(message)

    return send_varying
