"""Hands a session to the client as an access token and a refresh token."""

from fastapi import Response
from fastapi.responses import JSONResponse

from app.bearer.foreign_pages import refuse_foreign_page
from app.bearer.oauth import OAuthError
from app.bearer.tokens import AccessTokens
from app.core.context import current_request
from app.core.kernel import Kernel
from app.core.login import Challenge, Proven
from app.core.sessions import IssuedSession, Lifetimes
from app.core.types import Answer


class Tokens(Answer):
    """A token response (RFC 6749 section 5.1). `expires_in` is in seconds.

    `scope` is there if one was asked for: what of it the account holds, which may be less.
    """

    access_token: str
    refresh_token: str
    token_type: str = "Bearer"  # noqa: S105 - the name of a scheme
    expires_in: int
    scope: str | None = None


class BearerCarrier:
    """The carrier `bearer`."""

    name = "bearer"

    def __init__(self, kernel: Kernel, tokens: AccessTokens, lifetimes: Lifetimes) -> None:
        self.lifetimes = lifetimes
        self._kernel = kernel
        self._tokens = tokens

    def refuse_forged(self) -> None:
        """Refuse what a foreign page sends. Outside of a request no browser was made to send anything."""
        request = current_request()
        if request is not None:
            refuse_foreign_page(request.scope, self._kernel)

    async def deliver(self, issued: IssuedSession, scope: str | None) -> Response:
        """Return the token response. Nothing on the way may keep it (RFC 6749 section 5.1).

        It names no scope that the account does not hold: who verifies the token elsewhere sees nothing but the token,
        and would take a scope for a right.
        """
        answer = Tokens(
            access_token=self._tokens.issue(issued.session, scope),
            refresh_token=issued.secret,
            expires_in=int(self._tokens.lifetime.total_seconds()),
            scope=scope,
        )
        body = answer.model_dump(exclude_none=True)
        return JSONResponse(body, headers={"Cache-Control": "no-store", "Pragma": "no-cache"})

    async def deliver_challenge(self, challenge: Challenge, proven: Proven) -> Response:
        """Refuse until something more is proven."""
        del proven
        raise OAuthError("interaction_required", f"Also needed: {challenge.method}", status=403)

    def parting_headers(self) -> dict[str, str]:
        """Return nothing: a client forgets its tokens by itself."""
        return {}
