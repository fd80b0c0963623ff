"""Reads the session cookie of a request."""

from collections.abc import Mapping
from typing import Any

from fastapi import Request
from fastapi.security import APIKeyCookie
from sqlalchemy import and_, bindparam

from app.cookies.jar import Jar, is_well_formed
from app.core.errors import Problem
from app.core.models import AuthSession
from app.core.principals import challenge_of
from app.core.routing import is_to_end_session
from app.core.sessions import live, secret_hash

NAME = "cookie"


class CookieAuthenticator:
    """The authenticator `cookie`."""

    name = NAME
    sent_unasked = True
    source = AuthSession
    match = and_(AuthSession.secret_hash == bindparam("secret_hash"), AuthSession.carrier == NAME, live())

    def __init__(self, jar: Jar) -> None:
        self._jar = jar
        self.scheme = APIKeyCookie(
            name=jar.session,
            description="Set by POST /auth/login. Methods that change something also need the header X-CSRF-Token.",
            auto_error=False,
        )

    async def read(self, request: Request) -> Mapping[str, Any] | None:
        """Return the hash of the session's secret; None without a session cookie.

        Raises:
            Problem: 400 for two, 401 for one that cannot be ours. That is taken back: no login of ours has set it.
        """
        sessions = self._jar.sessions(request.scope)
        if not sessions:
            return None
        if len(sessions) > 1:
            raise two_sessions()
        if not is_well_formed(sessions[0]):
            raise self._refused(keeps_cookie=False)
        return {"secret_hash": secret_hash(NAME, sessions[0])}

    def challenge(self, **parameters: str) -> str:
        """Return the challenge. No scheme is registered for cookies, and RFC 9110 section 11.6.1 demands one."""
        return challenge_of("Cookie", **{"cookie-name": self._jar.session}, **parameters)

    def refusal(self, request: Request) -> Problem:
        """Return the 401 for a session that has ended or never was.

        The browser keeps the cookie. When it reads this it may have a new one of that name already, from a login sent
        beside this request; to take that back would leave its session live and nobody able to end it. A logout takes
        it back: while it is sent no other credential gets in, and no script can delete it.
        """
        return self._refused(keeps_cookie=not is_to_end_session(request.scope))

    def _refused(self, *, keeps_cookie: bool) -> Problem:
        headers = {"WWW-Authenticate": self.challenge(error="invalid_session")}
        if not keeps_cookie:
            headers["Set-Cookie"] = self._jar.expire(self._jar.session)
        return Problem(401, "invalid_session", "The session has ended. Log in again.", headers=headers)


def two_sessions() -> Problem:
    """Return the 400 for several session cookies: one of them was planted, and nobody can tell which."""
    return Problem(400, "two_credentials", "Send one credential, not several.")
