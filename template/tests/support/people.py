"""Someone who has an account and is logged in."""

from typing import Any, Protocol

import httpx

from app.core.application import Application
from tests.support.client import ApiClient

PASSWORD = "a harbour full of quiet boats"


class Person(ApiClient):
    """A client that sends the access token of one account."""

    def __init__(self, app: Application, email: str, *, network: str = "127.0.0.1") -> None:
        super().__init__(app, network=network)
        self.email = email
        self.password = PASSWORD
        self.refresh_token = ""

    async def register(self) -> None:
        """Make the account."""
        made = await self.post("/auth/register", json={"email": self.email, "password": self.password})
        assert made.status_code == 201, made.text

    async def log_in(self) -> None:
        """Log in and send the access token from now on."""
        self.take(await request_tokens(self, self.email, self.password))

    def take(self, response: httpx.Response) -> None:
        """Use the tokens of a token response."""
        assert response.status_code == 200, response.text
        tokens: dict[str, Any] = response.json()
        self.refresh_token = tokens["refresh_token"]
        self.headers["Authorization"] = f"Bearer {tokens['access_token']}"

    @property
    def access_token(self) -> str:
        """The access token that is sent."""
        return self.headers["Authorization"].removeprefix("Bearer ")


class SignUp(Protocol):
    """The fixture `as_user`."""

    async def __call__(self, email: str | None = None, *, network: str = "127.0.0.1") -> Person:
        """Make an account, log in, and return its client."""


async def request_tokens(client: httpx.AsyncClient, email: str, password: str) -> httpx.Response:
    """Log in by the password form and return the answer, whatever it is. No credential is sent along."""
    form = {"grant_type": "password", "username": email, "password": password}
    request = client.build_request("POST", "/auth/token", data=form)
    request.headers.pop("Authorization", None)
    return await client.send(request)
