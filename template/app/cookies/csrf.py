"""CSRF: a browser sends its cookies whoever made it send the request, so the request must show where it comes from.

Three looks, each enough against most attacks: what the browser says of the request's origin in `Sec-Fetch-Site`, then
`Origin`, then a token that only a page of ours can have read (OWASP CSRF Prevention cheat sheet; ASVS V3.5.1). The
token is an HMAC over the cookie it belongs to, so one of another session, or of before the login, proves nothing, and
nothing need be stored.

Two kinds of requests are looked at: by the guard those whose cookie would authenticate them, by the carrier those that
are about to get one, whatever their route. An attacker who logs a visitor in as somebody else reads later what that
visitor wrote. A credential that no browser adds by itself needs none of this.
"""

import hmac
from collections.abc import Sequence
from hashlib import sha256

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from app.cookies.authenticator import two_sessions
from app.cookies.jar import Jar
from app.core.clock import Entropy
from app.core.context import current_network
from app.core.database import READS_ONLY
from app.core.errors import Problem
from app.core.events import attempt_from
from app.core.kernel import Kernel
from app.core.own_origin import is_own_origin

HEADER = "X-CSRF-Token"

_NONCE_BYTES = 16


class CsrfTokens:
    """Issues and checks tokens. The first key signs, all of them are accepted."""

    def __init__(self, keys: Sequence[bytes], entropy: Entropy) -> None:
        self._keys = keys
        self._entropy = entropy

    def issue(self, name: str, cookie: str) -> str:
        """Return a new token for the cookie `name` with the value `cookie`."""
        nonce = self._entropy(_NONCE_BYTES).hex()
        return f"{nonce}.{_mac(self._keys[0], name, cookie, nonce)}"

    def accepts(self, token: str, name: str, cookie: str) -> bool:
        """Return whether `token` was issued for this cookie."""
        nonce, _, mac = token.partition(".")
        given = mac.encode("latin-1", "replace")
        return any(hmac.compare_digest(_mac(key, name, cookie, nonce).encode(), given) for key in self._keys)


def _mac(key: bytes, *parts: str) -> str:
    # With its length before each part, no two lists of parts read alike.
    message = "!".join(f"{len(part)}!{part}" for part in parts)
    return hmac.new(key, message.encode(), sha256).hexdigest()


class CsrfCheck:
    """Tells a request that a page of ours sends from one that another site made a browser send."""

    def __init__(self, kernel: Kernel, jar: Jar, tokens: CsrfTokens) -> None:
        self._kernel = kernel
        self._jar = jar
        self._tokens = tokens

    def refusal(self, scope: Scope) -> Problem | None:
        """Return the 403 for a request that nothing shows to come from our pages, and tell of it."""
        if not self._comes_from_our_pages(scope):
            return self._refused("It was sent from another site.", hint="BROWSER_ORIGINS")
        if not self._has_token(scope):
            return self._refused(f"{HEADER} is missing or wrong: GET /auth/csrf hands it out.")
        return None

    def _comes_from_our_pages(self, scope: Scope) -> bool:
        """Return what the browser says of the sender. Both headers may be absent: then the token decides alone."""
        headers = Headers(scope=scope)
        sites, origins = headers.getlist("Sec-Fetch-Site"), headers.getlist("Origin")
        if len(sites) > 1 or len(origins) > 1:
            return False
        if sites == ["same-site"]:
            return bool(origins) and origins[0] in self._kernel.named_origins
        if sites not in ([], ["same-origin"], ["none"]):
            return False
        if not origins or origins[0] in self._kernel.named_origins:
            return True
        return is_own_origin(origins[0], scope, self._kernel.core)

    def _has_token(self, scope: Scope) -> bool:
        given, session = Headers(scope=scope).getlist(HEADER), self._jar.session_of(scope)
        if session is not None:
            name, cookie = self._jar.session, session
        else:
            name, cookie = self._jar.pre_session, self._jar.pre_session_of(scope) or ""
        return len(given) == 1 and cookie != "" and self._tokens.accepts(given[0], name, cookie)

    def _refused(self, detail: str, *, hint: str = "") -> Problem:
        # Nobody has looked whether there is such a session: with a cookie of their own making anybody gets here.
        self._kernel.tell_seldom(attempt_from(current_network(), "malicious_csrf", detail))
        return Problem(403, "csrf_refused", detail, hint=hint)


class CsrfGuard:
    """Pure ASGI: refuses with 403 what changes something in the name of a cookie and does not come from our pages.

    What changes something and brings several session cookies is refused with 400: nobody knows which one was meant.
    """

    def __init__(self, app: ASGIApp, kernel: Kernel, jar: Jar, check: CsrfCheck) -> None:
        self._app = app
        self._kernel = kernel
        self._jar = jar
        self._check = check

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        problem = self._judged(scope) if scope["type"] == "http" and scope["method"] not in READS_ONLY else None
        if problem is None:
            await self._app(scope, receive, send)
        else:
            await problem.response(with_hint=self._kernel.core.is_local)(scope, receive, send)

    def _judged(self, scope: Scope) -> Problem | None:
        if len(self._jar.sessions(scope)) > 1:
            return two_sessions()
        return None if self._jar.session_of(scope) is None else self._check.refusal(scope)
