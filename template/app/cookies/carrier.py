"""Hands a session to the browser as a cookie."""

from fastapi import Response
from fastapi.responses import JSONResponse

from app.cookies.authenticator import NAME
from app.cookies.csrf import CsrfCheck, CsrfTokens
from app.cookies.jar import Jar
from app.core.context import current_request
from app.core.errors import Problem
from app.core.kernel import Kernel
from app.core.login import Challenge, Proven
from app.core.sessions import IssuedSession, Lifetimes, end_session_of
from app.core.types import Answer


class CsrfToken(Answer):
    """What the header `X-CSRF-Token` has to hold while this session, or its absence, lasts."""

    csrf_token: str


class CookieCarrier:
    """The carrier `cookie`."""

    name = NAME

    def __init__(self, kernel: Kernel, jar: Jar, tokens: CsrfTokens, check: CsrfCheck, lifetimes: Lifetimes) -> None:
        self.lifetimes = lifetimes
        self._kernel = kernel
        self._jar = jar
        self._tokens = tokens
        self._check = check

    def refuse_forged(self) -> None:
        """Refuse what does not come from our pages. Outside of a request no browser was made to send anything."""
        request = current_request()
        problem = None if request is None else self._check.refusal(request.scope)
        if problem is not None:
            raise problem

    async def deliver(self, issued: IssuedSession, scope: str | None) -> Response:
        """Return the answer that sets the session cookie, with the CSRF token that goes with it."""
        del scope
        await self._end_what_is_replaced()
        answer = CsrfToken(csrf_token=self._tokens.issue(self._jar.session, issued.secret))
        response = JSONResponse(answer.model_dump())
        response.headers.append("Set-Cookie", self._jar.set(self._jar.session, issued.secret))
        response.headers.append("Set-Cookie", self._jar.expire(self._jar.pre_session))
        return response

    async def _end_what_is_replaced(self) -> None:
        """End the session whose cookie the new one takes the place of: nobody could log out of it any more."""
        request = current_request()
        replaced = None if request is None else self._jar.session_of(request.scope)
        if replaced is not None:
            async with self._kernel.store.transaction() as db:
                await end_session_of(db, NAME, replaced, now=self._kernel.now())

    async def deliver_challenge(self, challenge: Challenge, proven: Proven) -> Response:
        """Refuse until something more is proven."""
        del proven
        raise Problem(403, "interaction_required", f"Also needed: {challenge.method}.")

    def parting_headers(self) -> dict[str, str]:
        """Take the session cookie back."""
        return {"Set-Cookie": self._jar.expire(self._jar.session)}
