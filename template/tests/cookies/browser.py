"""A browser as far as cookies go: it keeps what it is told to keep and sends it along, whoever asks."""

from http.cookies import SimpleCookie
from typing import Any

import httpx

from app.core.application import Application
from tests.support.client import ApiClient
from tests.support.people import PASSWORD

SESSION, PRE_SESSION = "__Host-session", "__Host-csrf"
OWN_ORIGIN = "https://localhost"
ALICE = "alice@example.com"


class Browser(ApiClient):
    """A client with a cookie jar of its own: httpx would send no `Secure` cookie to http://localhost."""

    def __init__(self, app: Application, **options: Any) -> None:
        super().__init__(app, **options)
        self.kept: dict[str, str] = {}

    async def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        """Send the cookies that are kept, unless the request brings its own, and keep what the answer sets."""
        if self.kept and "cookie" not in request.headers:
            request.headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.kept.items())
        response = await super().send(request, **options)
        self.cookies.clear()
        for header in response.headers.get_list("set-cookie"):
            for name, morsel in SimpleCookie(header).items():
                self._keep(name, morsel.value, morsel["max-age"])
        return response

    def _keep(self, name: str, value: str, max_age: str) -> None:
        if max_age == "0":
            self.kept.pop(name, None)
        else:
            self.kept[name] = value

    async def csrf_token(self) -> str:
        """Return the token for what this browser is now."""
        token: str = (await self.get("/auth/csrf")).json()["csrf_token"]
        return token

    async def change(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Send what changes something as a page of ours does."""
        headers = {"X-CSRF-Token": await self.csrf_token(), **options.pop("headers", {})}
        return await self.request(method, path, headers=headers, **options)

    async def log_in(self, email: str = ALICE, password: str = PASSWORD, **headers: str) -> httpx.Response:
        """Log in as a page of ours does, with what `headers` add."""
        return await self.change("POST", "/auth/login", json={"email": email, "password": password}, headers=headers)

    @property
    def session(self) -> str:
        """The session cookie's value."""
        return self.kept[SESSION]


async def registered(app: Application, email: str = ALICE, **options: Any) -> Browser:
    """Return a browser of somebody who has an account and is not logged in."""
    browser = Browser(app, **options)
    made = await browser.post("/auth/register", json={"email": email, "password": PASSWORD})
    assert made.status_code == 201, made.text
    return browser


async def logged_in(app: Application, email: str = ALICE, **options: Any) -> Browser:
    """Return a browser of somebody who is logged in."""
    browser = await registered(app, email, **options)
    answer = await browser.log_in(email)
    assert answer.status_code == 200, answer.text
    return browser
