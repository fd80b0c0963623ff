"""Tokens as the application makes them, and as it never would: for tests that attack its checks.

A `Forge` signs with the application's own keys, so what a test changes is the only thing wrong with the token.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from typing import Any

import httpx
import jwt

from app.bearer.algorithm import SigningKey
from app.bearer.tokens import AccessTokens
from app.core.application import Application
from tests.support.client import ApiClient

INVALID = 'Bearer error="invalid_token", error_description="The access token is invalid"'
EXPIRED = 'Bearer error="invalid_token", error_description="The access token expired"'


def encoded(octets: bytes) -> str:
    """Return `octets` in base64url without padding."""
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def decoded(segment: str) -> bytes:
    """Return what `encoded` was given."""
    return base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))


def claims_of(token: str) -> dict[str, Any]:
    """Return the claims of a token, unchecked."""
    claims: dict[str, Any] = json.loads(decoded(token.split(".")[1]))
    return claims


class Forge:
    """Makes variations of a genuine access token."""

    def __init__(self, app: Application, genuine: str) -> None:
        self.tokens: AccessTokens = app.state.kernel.provided(AccessTokens)
        self.genuine = genuine
        self.header: dict[str, Any] = json.loads(decoded(genuine.partition(".")[0]))
        self.claims = claims_of(genuine)

    def token(
        self, claims: Mapping[str, Any] | None = None, *, header: Mapping[str, Any] | None = None, without: str = ""
    ) -> str:
        """Return a well-signed token with these claims and header parameters changed, and one of either left out."""
        changed_header = {k: v for k, v in {**self.header, **(header or {})}.items() if k != without}
        changed_claims = {k: v for k, v in {**self.claims, **(claims or {})}.items() if k != without}
        return self.signed(json.dumps(changed_header).encode(), json.dumps(changed_claims).encode())

    def signed(self, header: bytes, payload: bytes, key: SigningKey | None = None) -> str:
        """Return a token of any bytes, signed with the real algorithm and by default the real key."""
        algorithm = jwt.get_algorithm_by_name(self.tokens.keys.algorithm)
        text = f"{encoded(header)}.{encoded(payload)}"
        return f"{text}.{encoded(algorithm.sign(text.encode(), (key or self.tokens.keys.signing).private))}"

    def with_hmac(self, secret: bytes, algorithm: str = "HS256") -> str:
        """Return the genuine token with another `alg`, signed by an HMAC keyed with `secret`."""
        header = encoded(json.dumps({**self.header, "alg": algorithm}).encode())
        text = f"{header}.{self.genuine.split('.')[1]}"
        digest = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}[algorithm]
        return f"{text}.{encoded(hmac.new(secret, text.encode(), digest).digest())}"


async def present(client: ApiClient, token: str) -> httpx.Response:
    """Ask for something closed with `token` as the bearer token."""
    return await client.get("/users/me", headers=[(b"Authorization", f"Bearer {token}".encode())])


async def not_refused(client: ApiClient, tokens: Mapping[str, str] | Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return what became of those tokens that were answered with anything but the 401 for an invalid token."""
    wrong = {}
    for name, token in dict(tokens).items():
        answer = await present(client, token)
        if answer.status_code != 401 or answer.headers.get("WWW-Authenticate") != INVALID:
            wrong[name] = f"{answer.status_code} {answer.headers.get('WWW-Authenticate')}"
    return wrong
