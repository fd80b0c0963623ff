"""Where an access token may stand, and what a refusal says (RFC 6750)."""

import pytest

from app.core.application import Application
from tests.support.carrying import asks_to_log_in
from tests.support.client import ApiClient
from tests.support.forge import INVALID, Forge
from tests.support.tokens import SignUp


@pytest.mark.asvs("V7.2.1")
async def test_without_a_credential_the_challenge_names_no_error(client: ApiClient) -> None:
    answer = await client.get("/users/me")

    assert asks_to_log_in(answer)
    assert "error" not in answer.headers["WWW-Authenticate"]
    assert answer.json()["code"] == "not_authenticated"
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Cache-Control"] == "no-store"


async def test_the_scheme_has_any_case_and_one_space(as_user: SignUp, client: ApiClient) -> None:
    token = (await as_user()).access_token
    taken = [f"Bearer {token}", f"bearer {token}", f"BEARER {token}"]
    refused = ["", " ", "Bearer", "Bearer ", token, f"Bearer{token}", f"Bearer:{token}", f"Bearer  {token}"]
    refused += [f"Bearer\t{token}", f"Bearer {token}, Bearer {token}", f"Bearer {token} x", f'Bearer "{token}"']
    refused += ["Basic YTpi", f"Basic {token}", f"Token {token}", f"JWT {token}", f"DPoP {token}", "Negotiate", "é x"]

    good = [await client.get("/users/me", headers={"Authorization": value}) for value in taken]
    bad = [await client.get("/users/me", headers=[(b"Authorization", value.encode())]) for value in refused]

    assert [answer.status_code for answer in good] == [200] * len(taken)
    seen = [(answer.status_code, answer.headers["WWW-Authenticate"]) for answer in bad]
    assert [value for value, told in zip(refused, seen, strict=True) if told != (401, INVALID)] == []


async def test_two_authorization_headers_are_refused_whatever_they_hold(as_user: SignUp, client: ApiClient) -> None:
    token = (await as_user()).access_token
    good, bad = (b"Authorization", f"Bearer {token}".encode()), (b"authorization", b"Bearer x")
    empty = (b"Authorization", b"")

    for pair in ([good, good], [good, bad], [bad, good], [good, empty], [good, (b"Authorization", b"Basic YTpi")]):
        answer = await client.get("/users/me", headers=pair)

        assert answer.status_code == 400, pair
        assert answer.json()["code"] == "two_credentials"
        assert answer.headers["WWW-Authenticate"] == 'Bearer error="invalid_request"'


@pytest.mark.asvs("V14.2.1")
async def test_a_token_outside_the_header_is_never_looked_at(as_user: SignUp, client: ApiClient) -> None:
    token = (await as_user()).access_token
    form = {"Content-Type": "application/x-www-form-urlencoded"}

    answers = {
        "query": await client.get("/users/me", params={"access_token": token}),
        "query, as Bearer": await client.get("/users/me", params={"Authorization": f"Bearer {token}"}),
        "form": await client.post("/auth/logout", content=f"access_token={token}", headers=form),
        "JSON": await client.post("/auth/logout", json={"access_token": token}),
        "X-Authorization": await client.get("/users/me", headers={"X-Authorization": f"Bearer {token}"}),
        "Proxy-Authorization": await client.get("/users/me", headers={"Proxy-Authorization": f"Bearer {token}"}),
        "protocol": await client.get("/users/me", headers={"Sec-WebSocket-Protocol": f"bearer, {token}"}),
    }

    assert [name for name, answer in answers.items() if not asks_to_log_in(answer)] == []


async def test_a_bad_token_in_the_header_is_not_saved_by_a_good_one_in_the_query(
    as_user: SignUp, client: ApiClient
) -> None:
    token = (await as_user()).access_token

    answer = await client.get("/users/me", params={"access_token": token}, headers={"Authorization": "Bearer x"})

    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, INVALID)


@pytest.mark.asvs("V7.2.1", "V9.1.1")
async def test_every_closed_route_refuses_a_forged_token(app: Application, as_user: SignUp, client: ApiClient) -> None:
    forge = Forge(app, (await as_user()).access_token)
    forged = forge.token({"iss": "https://evil.example"})
    closed = [
        (method.upper(), path)
        for path, operations in app.openapi()["paths"].items()
        for method, operation in operations.items()
        if operation.get("security")
    ]

    answers = {
        f"{method} {path}": await client.request(
            method, path.replace("{", "").replace("}", ""), headers={"Authorization": f"Bearer {forged}"}
        )
        for method, path in closed
    }

    assert len(answers) > 5
    assert {name: answer.status_code for name, answer in answers.items() if answer.status_code != 401} == {}
