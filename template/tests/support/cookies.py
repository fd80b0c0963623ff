"""A pytest plugin: people carry their sessions as cookies, set and sent by hand.

httpx keeps `Secure` cookies and sends them to no http:// address, so the headers here are written as a browser does.
"""

from collections.abc import Mapping

import httpx

from tests.support import production
from tests.support.carrying import WAYS, Carried, Take
from tests.support.routes import PUBLIC

SESSION, PRE_SESSION = "__Host-session", "__Host-csrf"

PUBLIC |= {"/auth/login", "/auth/csrf"}

production.NOT_FIT |= {
    "cookies in the clear": ("COOKIES_OVER_HTTP", "true", "COOKIES_OVER_HTTP: "),
    "endless session": ("SESSION_ABSOLUTE_SECONDS", "31536000", "SESSION_ABSOLUTE_SECONDS: Input should be less"),
    "page on http": ("BROWSER_ORIGINS", "http://app.example.com", "BROWSER_ORIGINS: "),
}


class Cookie:
    """The session in a cookie, and beside it the CSRF token that belongs to it."""

    name = "cookie"
    slice = "cookies"
    login_path = "/auth/login"
    challenge = f'Cookie cookie-name="{SESSION}"'
    ended = f'{challenge}, error="invalid_session"'

    async def log_in(self, client: httpx.AsyncClient, email: str, password: str) -> httpx.Response:
        """Log in as a page does and return the answer, whatever it is. No credential is sent along."""
        before = await _first_visit(client)
        if before.status_code != 200:
            return before
        body = {"email": email, "password": password}
        answer = await client.post(self.login_path, json=body, headers=_of_visitor(before))
        client.cookies.clear()
        return answer

    def refuses(self, answer: httpx.Response) -> bool:
        """Return whether this is the one answer to a wrong address or password."""
        return answer.status_code == 401 and answer.json()["code"] == "invalid_credentials"

    def carried(self, answer: httpx.Response) -> Carried:
        """Return the session that an answer sets as a cookie."""
        assert answer.status_code == 200, answer.text
        session, token = _set_by(answer, SESSION), _token_of(answer)
        return Carried(
            headers={"Cookie": f"{SESSION}={session}", "X-CSRF-Token": token},
            secret=session,
            secrets={"session": session, "csrf_token": token},
        )

    async def passing(self, client: httpx.AsyncClient) -> Mapping[str, str]:
        """Return what the login asks of a visitor: the pre-session cookie and its CSRF token."""
        return _of_visitor(await _first_visit(client))

    def presenting(self, text: str) -> Mapping[str, str]:
        """Return the header that presents `text` as the session cookie."""
        return {"Cookie": f"{SESSION}={text}"}

    async def renew(self, client: httpx.AsyncClient, carried: Carried) -> Carried | None:
        """Read something; a session that is used stays as it is."""
        answer = await client.get("/users/me", headers=carried.headers)
        assert answer.status_code in {200, 401}, answer.text
        return carried if answer.status_code == 200 else None

    async def use_own_routes(self, client: httpx.AsyncClient, carried: Carried, take: Take, canary: str) -> set[str]:
        """Fetch a token, and send what another site would, with `canary` in each place for a token or a cookie."""
        del take  # none of them hands out a session
        fresh = await client.get("/auth/csrf")
        foreign, wrong = {"Origin": "https://evil.example"}, {"X-CSRF-Token": canary}
        both = {"Cookie": f"{SESSION}={canary}; {SESSION}={carried.secret}"}
        body = {"email": "somebody@example.com", "password": canary}
        answers = [
            await client.post("/auth/logout", headers=wrong),
            await client.post("/auth/logout", headers=foreign),
            await client.post("/auth/logout", headers=both),
            await client.post("/auth/login", json=body, headers=wrong),
        ]
        assert fresh.status_code == 200
        assert [answer.status_code for answer in answers] == [403, 403, 400, 403]
        return {"malicious_csrf"}


async def _first_visit(client: httpx.AsyncClient) -> httpx.Response:
    request = client.build_request("GET", "/auth/csrf")
    request.headers.pop("Cookie", None)
    return await client.send(request)


def _of_visitor(answer: httpx.Response) -> dict[str, str]:
    return {"Cookie": f"{PRE_SESSION}={_set_by(answer, PRE_SESSION)}", "X-CSRF-Token": _token_of(answer)}


def _set_by(answer: httpx.Response, name: str) -> str:
    """Return the value to which an answer sets a cookie."""
    (value,) = [
        set_to.partition(";")[0].partition("=")[2]
        for set_to in answer.headers.get_list("Set-Cookie")
        if set_to.startswith(f"{name}=")
    ]
    return value


def _token_of(answer: httpx.Response) -> str:
    token: str = answer.json()["csrf_token"]
    return token


WAYS.append(Cookie())
