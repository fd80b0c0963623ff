"""Access tokens: all that signs and checks them is here (RFC 9068, RFC 8725)."""

import binascii
import re
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import jwt

from app.bearer.algorithm import KeyRing
from app.core import strict_json
from app.core.clock import Clock, Entropy
from app.core.models import AuthSession

TYPE = "at+jwt"
ACCEPTED_TYPES = frozenset({TYPE, f"application/{TYPE}"})
REQUIRED = ("iss", "exp", "aud", "sub", "client_id", "iat", "jti", "sid", "auth_time")
CLIENT_ID = "first-party"
"""RFC 9068 requires a client; logins here are first-party, so there is one."""

LONGEST_TOKEN = 4096
LEEWAY_SECONDS = 5
"""How far the clock of another of our machines may be ahead. It never lengthens a token's life (RFC 7519 4.1.4)."""

_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+", re.ASCII)
_HEADER_NAMES = frozenset({"alg", "typ", "kid"})
_LATEST = 2**40

_jwt = jwt.PyJWT(options={"enforce_minimum_key_length": True})


class InvalidTokenError(Exception):
    """The token is not one of ours, or no longer. Why it is not stays in here: an attacker would learn from it."""


class ExpiredTokenError(InvalidTokenError):
    """The token was ours and its time is over. Clients are told, so that they refresh."""


@dataclass(frozen=True, slots=True)
class AccessToken:
    """What a checked token says: whose it is, and of which session."""

    user_id: UUID
    session_id: UUID


class AccessTokens:
    """Issues and checks access tokens.

    Args:
        keys: the keys; the first signs.
        issuer: the `iss` to write and to demand.
        audience: the `aud` to write and to demand.
        lifetime: from `iat` to `exp`.
        now: the clock.
        entropy: the source of `jti`.
    """

    def __init__(
        self, *, keys: KeyRing, issuer: str, audience: str, lifetime: timedelta, now: Clock, entropy: Entropy
    ) -> None:
        self.keys = keys
        self.issuer = issuer
        self.audience = audience
        self.lifetime = lifetime
        self._now = now
        self._entropy = entropy

    def issue(self, session: AuthSession, scope: str | None) -> str:
        """Return an access token for `session`. `scope` is for others who verify it; here the session is asked."""
        issued_at = _seconds(self._now())
        claims = {
            "iss": self.issuer,
            "aud": self.audience,
            "sub": str(session.user_id),
            "client_id": CLIENT_ID,
            "iat": issued_at,
            "exp": issued_at + int(self.lifetime.total_seconds()),
            "jti": self._entropy(16).hex(),
            "sid": str(session.id),
            "auth_time": _seconds(session.authenticated_at),
            "amr": session.methods.split(),
        }
        if scope is not None:
            claims["scope"] = scope  # RFC 9068 section 2.2.3
        key = self.keys.signing
        return _jwt.encode(claims, key.private, algorithm=self.keys.algorithm, headers={"typ": TYPE, "kid": key.kid})

    def check(self, token: str) -> AccessToken:
        """Return what `token` says.

        Raises:
            ExpiredTokenError: it was ours, and `exp` has passed.
            InvalidTokenError: anything else.
        """
        claims = self._verified_claims(token)
        self._check_times(claims)
        try:
            return AccessToken(user_id=_uuid(claims["sub"]), session_id=_uuid(claims["sid"]))
        except ValueError as error:
            raise InvalidTokenError from error

    def _verified_claims(self, token: str) -> Mapping[str, Any]:
        # PyJWT accepts padding at the end of a signature, so one token would have many spellings.
        if len(token) > LONGEST_TOKEN or not _COMPACT.fullmatch(token):
            raise InvalidTokenError
        key = self.keys.find(self._kid(token))
        if key is None:
            raise InvalidTokenError
        try:
            # For the signature and what else it refuses: the claims are read below, by a parser that takes one meaning.
            _jwt.decode(
                token,
                key.public,
                # Never from the token: the algorithm of the ring is the only one (RFC 8725 section 3.1).
                algorithms=[self.keys.algorithm],
                audience=self.audience,
                issuer=self.issuer,
                # The times are checked below, against this application's own clock.
                options={"require": list(REQUIRED), "verify_exp": False, "verify_nbf": False, "verify_iat": False},
            )
            return _members(token.split(".", maxsplit=2)[1])
        except (jwt.PyJWTError, ValueError, RecursionError) as error:
            raise InvalidTokenError from error

    def _kid(self, token: str) -> str:
        """Return the key id of a header that says exactly what ours say; `jku`, `x5u`, `crit`, `zip` are refused."""
        try:
            header = _members(token.partition(".")[0])
        except (ValueError, RecursionError) as error:
            raise InvalidTokenError from error
        kid, kind = header.get("kid"), header.get("typ")
        if set(header) != _HEADER_NAMES or not isinstance(kid, str) or not isinstance(kind, str):
            raise InvalidTokenError
        if kind.lower() not in ACCEPTED_TYPES or header["alg"] != self.keys.algorithm:
            raise InvalidTokenError
        return kid

    def _check_times(self, claims: Mapping[str, Any]) -> None:
        now = _seconds(self._now())
        times = [claims[name] for name in ("exp", "iat", "auth_time")] + [claims.get("nbf", 0)]
        if not all(type(time) is int and 0 <= time < _LATEST for time in times):
            raise InvalidTokenError
        if max(claims["iat"], claims["auth_time"], claims.get("nbf", 0)) > now + LEEWAY_SECONDS:
            raise InvalidTokenError
        if now >= claims["exp"]:
            raise ExpiredTokenError


def _members(segment: str) -> dict[str, Any]:
    """Return the object in one segment of a token; JSON with two readings is refused."""
    try:
        value = strict_json.loads(urlsafe_b64decode(segment + "=" * (-len(segment) % 4)))
    except binascii.Error as error:
        raise ValueError from error
    if not isinstance(value, dict):
        raise ValueError
    return value


def _uuid(text: Any) -> UUID:
    if not isinstance(text, str):
        raise ValueError
    return UUID(text)


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
