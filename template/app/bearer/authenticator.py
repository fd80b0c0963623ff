"""Reads the bearer token of a request (RFC 6750 section 2.1). The query string and the body are never looked at."""

from collections.abc import Collection, Mapping
from typing import Any

from fastapi import Request
from fastapi.security import OAuth2PasswordBearer
from sqlalchemy import and_, bindparam

from app.bearer.tokens import AccessTokens, ExpiredTokenError, InvalidTokenError
from app.core.errors import Problem
from app.core.models import AuthSession
from app.core.principals import challenge_of
from app.core.sessions import live


class BearerAuthenticator:
    """The authenticator `bearer`."""

    name = "bearer"
    sent_unasked = False
    source = AuthSession
    match = and_(
        AuthSession.id == bindparam("session_id"),
        AuthSession.user_id == bindparam("user_id"),
        AuthSession.carrier == "bearer",
        live(),
    )

    def __init__(self, tokens: AccessTokens, permissions: Collection[str]) -> None:
        self._tokens = tokens
        self._permissions = permissions

    @property
    def scheme(self) -> OAuth2PasswordBearer:
        """The login, with every permission that may be asked for as a scope."""
        return OAuth2PasswordBearer(
            tokenUrl="/auth/token",
            scopes=dict.fromkeys(self._permissions, "Only this, and what else is chosen"),
            description="First-party login: e-mail as username, password.",
            auto_error=False,
        )

    async def read(self, request: Request) -> Mapping[str, Any] | None:
        """Return the session and account that the token names; None without an `Authorization` header.

        Raises:
            Problem: 400 for two headers, 401 for one that holds no valid token.
        """
        headers = request.headers.getlist("authorization")
        if not headers:
            return None
        if len(headers) > 1:
            raise Problem(
                400,
                "two_credentials",
                "Send one credential, not several.",
                headers={"WWW-Authenticate": 'Bearer error="invalid_request"'},
            )
        scheme, _, token = headers[0].partition(" ")
        try:
            if scheme.lower() != "bearer":
                raise InvalidTokenError
            said = self._tokens.check(token)
        except ExpiredTokenError:
            raise invalid_token("The access token expired") from None
        except InvalidTokenError:
            raise self.refusal(request) from None
        return {"session_id": said.session_id, "user_id": said.user_id}

    def challenge(self, **parameters: str) -> str:
        """Return the challenge (RFC 6750 section 3)."""
        return challenge_of("Bearer", **parameters)

    def refusal(self, request: Request) -> Problem:
        """Return the 401 for a token that is bad, or whose session has ended."""
        del request
        return invalid_token("The access token is invalid")


def invalid_token(description: str) -> Problem:
    """Return the 401 `invalid_token` (RFC 6750 section 3.1)."""
    challenge = challenge_of("Bearer", error="invalid_token", error_description=description)
    return Problem(401, "invalid_token", f"{description}.", headers={"WWW-Authenticate": challenge})
