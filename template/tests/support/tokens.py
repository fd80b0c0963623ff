"""What a client of the token routes does."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from app.core.application import Application
from tests.support.client import ApiClient
from tests.support.people import Person


@asynccontextmanager
async def logged_in(app: Application, *, register: bool = True) -> AsyncIterator[Person]:
    """Log Alice in at an application that was made with settings of its own; `register` makes her account first."""
    async with Person(app, "alice@example.com") as person:
        if register:
            await person.register()
        await person.log_in()
        yield person


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
