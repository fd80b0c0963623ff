"""A pytest plugin: people carry their sessions as bearer tokens."""

from collections.abc import Mapping

import httpx

from tests.support import production
from tests.support.carrying import WAYS, Carried, Take
from tests.support.routes import PUBLIC, READ_BODIES_BY_HAND, SPEAK_A_PROTOCOL

SPEAK_A_PROTOCOL |= {"/auth/token", "/auth/refresh", "/auth/revoke"}
READ_BODIES_BY_HAND["app/bearer/oauth.py"] = "unknown parameters are ignored, and its errors are OAuth's (RFC 6749)"
PUBLIC |= {*SPEAK_A_PROTOCOL, "/.well-known/jwks.json"}

production.FIT["BEARER_ISSUER"] = "https://api.example.com"
production.NOT_FIT |= {
    "plain-http issuer": ("BEARER_ISSUER", "http://api.example.com", "BEARER_ISSUER: "),
    "default issuer": ("BEARER_ISSUER", None, "BEARER_ISSUER: "),
    "issuer on any machine": ("BEARER_ISSUER", "https://localhost", "BEARER_ISSUER: every machine is that one"),
    "issuer with a password": ("BEARER_ISSUER", "https://user:kwq7@api.example.org", "BEARER_ISSUER: write https://"),
    "endless login": ("REFRESH_ABSOLUTE_SECONDS", "31536000", "REFRESH_ABSOLUTE_SECONDS: Input should be less"),
}
production.RISKS["plain-http-issuer"] = {"BEARER_ISSUER": "http://api.example.com"}
production.RISKS["local-issuer"] = {"BEARER_ISSUER": "https://localhost"}


class Bearer:
    """An access token in the header `Authorization`, and a refresh token for the next one."""

    name = "bearer"
    slice = "bearer"
    login_path = "/auth/token"
    challenge = "Bearer"
    ended = 'Bearer error="invalid_token", error_description="The access token is invalid"'

    async def log_in(self, client: httpx.AsyncClient, email: str, password: str) -> httpx.Response:
        """Log in by the password form and return the answer, whatever it is. No credential is sent along."""
        form = {"grant_type": "password", "username": email, "password": password}
        request = client.build_request("POST", self.login_path, data=form)
        request.headers.pop("Authorization", None)
        return await client.send(request)

    def refuses(self, answer: httpx.Response) -> bool:
        """Return whether this is the one answer to a wrong address or password (RFC 6749 section 5.2)."""
        return answer.status_code == 400 and answer.json().get("error") == "invalid_grant"

    def carried(self, answer: httpx.Response) -> Carried:
        """Return the session of a token response."""
        assert answer.status_code == 200, answer.text
        tokens: dict[str, str] = answer.json()
        return Carried(
            headers={"Authorization": f"Bearer {tokens['access_token']}"},
            secret=tokens["refresh_token"],
            secrets={name: tokens[name] for name in ("access_token", "refresh_token")},
        )

    async def passing(self, client: httpx.AsyncClient) -> Mapping[str, str]:
        """Return nothing: a token route asks for no more than its body."""
        del client
        return {}

    def presenting(self, text: str) -> Mapping[str, str]:
        """Return the header that presents `text` as an access token."""
        return {"Authorization": f"Bearer {text}"}

    async def renew(self, client: httpx.AsyncClient, carried: Carried) -> Carried | None:
        """Exchange the refresh token for the next pair of tokens; None when it is not taken any more."""
        answer = await client.post("/auth/refresh", json={"refresh_token": carried.secret})
        return None if self.refuses(answer) else self.carried(answer)

    async def use_own_routes(self, client: httpx.AsyncClient, carried: Carried, take: Take, canary: str) -> set[str]:
        """Refresh, replay the spent token, and revoke; `canary` stands in each place for a token."""
        spent = {"refresh_token": carried.secret}
        take(await client.post("/auth/refresh", json=spent))
        answers = [
            await client.post("/auth/refresh", json=spent),
            await client.post("/auth/refresh", json={"refresh_token": canary}),
            await client.post("/auth/revoke", data={"token": canary}),
            await client.get("/users/me", params={"access_token": canary}),
            await client.get("/users/me", headers={"Authorization": f"Basic {canary}"}),
        ]
        assert [answer.status_code for answer in answers] == [400, 400, 200, 401, 401]
        return {"session_renewed", "authn_token_reuse"}


BEARER = Bearer()
WAYS.append(BEARER)
