"""What a client of the token routes does."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from app.core.application import Application
from tests.support.bearer import BEARER
from tests.support.client import ApiClient
from tests.support.people import Person, SignUps


class Holder(Person):
    """Someone who holds tokens."""

    def __init__(self, app: Application, email: str, *, network: str = "127.0.0.1") -> None:
        super().__init__(app, email, network=network, way=BEARER)

    @property
    def access_token(self) -> str:
        """The access token that is sent."""
        return self.carried.secrets["access_token"]

    @property
    def refresh_token(self) -> str:
        """The refresh token that came with it."""
        return self.carried.secrets["refresh_token"]


SignUp = SignUps[Holder]
"""The fixture `as_user` of these tests."""


@asynccontextmanager
async def logged_in(app: Application, *, register: bool = True) -> AsyncGenerator[Holder]:
    """Log Alice in at an application that was made with settings of its own; `register` makes her account first."""
    async with Holder(app, "alice@example.com") as person:
        if register:
            await person.register()
        await person.log_in()
        yield person


async def request_tokens(client: httpx.AsyncClient, email: str, password: str) -> httpx.Response:
    """Log in by the password form and return the answer, whatever it is."""
    return await BEARER.log_in(client, email, password)


async def refresh(client: ApiClient, token: Any) -> httpx.Response:
    """Exchange a refresh token."""
    return await client.post("/auth/refresh", json={"refresh_token": token})


async def revoke(client: ApiClient, token: str, **more: str) -> httpx.Response:
    """Revoke a token of either kind."""
    return await client.post("/auth/revoke", data={"token": token, **more})


def refusal(response: httpx.Response) -> tuple[int, str]:
    """Return the status and the error code of RFC 6749 section 5.2, and nothing but it."""
    body = response.json()
    assert set(body) == {"error", "error_description"}, body
    assert response.headers["Content-Type"] == "application/json"
    assert response.headers["Cache-Control"] == "no-store"
    return response.status_code, body["error"]


INVALID_GRANT = (400, "invalid_grant")
INVALID_REQUEST = (400, "invalid_request")
