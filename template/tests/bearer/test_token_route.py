"""`/auth/token` and `/auth/revoke` as RFC 6749 and RFC 7009 have them: forms in, `{"error": ...}` out, never stored."""

import base64

import pytest

from app.core.events import SecurityEvent
from tests.support.client import ApiClient
from tests.support.clock import FakeClock
from tests.support.forge import Forge, present
from tests.support.people import PASSWORD
from tests.support.tokens import (
    INVALID_GRANT,
    INVALID_REQUEST,
    Holder,
    SignUp,
    refresh,
    refusal,
    request_tokens,
    revoke,
)

FORM = "application/x-www-form-urlencoded"
LOGIN = {"grant_type": "password", "username": "alice@example.com", "password": PASSWORD}


@pytest.fixture
async def alice(as_user: SignUp) -> Holder:
    return await as_user(LOGIN["username"])


@pytest.mark.asvs("V7.2.3")
async def test_a_token_response_is_complete_and_never_stored(alice: Holder, client: ApiClient) -> None:
    login = await client.post("/auth/token", data=LOGIN)
    renewed = await refresh(client, alice.refresh_token)

    for answer in (login, renewed):
        assert set(answer.json()) == {"access_token", "refresh_token", "token_type", "expires_in"}
        assert answer.json()["token_type"] == "Bearer"
        assert answer.json()["expires_in"] == 600
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Pragma"] == "no-cache"
        assert answer.headers["Content-Type"] == "application/json"
        assert [name for name in answer.headers if name.startswith("set-")] == []


@pytest.mark.usefixtures("alice")
async def test_only_the_password_login_is_served(client: ApiClient) -> None:
    for grant in ("refresh_token", "client_credentials", "authorization_code", "PASSWORD", "password ", "implicit"):
        answer = await client.post("/auth/token", data={**LOGIN, "grant_type": grant})

        assert refusal(answer) == (400, "unsupported_grant_type"), grant


@pytest.mark.usefixtures("alice")
async def test_a_missing_or_empty_parameter_is_named(client: ApiClient) -> None:
    for name in LOGIN:
        missing = await client.post("/auth/token", data={k: v for k, v in LOGIN.items() if k != name})
        empty = await client.post("/auth/token", data={**LOGIN, name: ""})

        assert [refusal(missing), refusal(empty)] == [INVALID_REQUEST] * 2
        assert name in missing.json()["error_description"]


async def test_unknown_parameters_are_ignored(alice: Holder, client: ApiClient) -> None:
    more = {"client_id": "x", "client_secret": "y", "audience": "z", "role": "admin", "": ""}

    answer = await client.post("/auth/token", data={**LOGIN, **more})
    renewed = await client.post("/auth/refresh", json={"refresh_token": alice.refresh_token, "client_id": "x"})
    ended = await client.post("/auth/revoke", data={"token": "x", "token_type_hint": "saml", "more": "x"})

    assert [answer.status_code, renewed.status_code, ended.status_code] == [200, 200, 200]
    assert (await present(client, answer.json()["access_token"])).status_code == 200


async def test_repeated_parameters_are_refused(alice: Holder, client: ApiClient) -> None:
    token = alice.refresh_token
    form = "&".join(f"{name}={value}" for name, value in LOGIN.items()).replace(" ", "+")
    repeats = ("grant_type=password", "username=a", "password=b", "x=1&x=2")
    bodies = {
        ("/auth/token", FORM): [f"{form}&{repeat}" for repeat in repeats],
        ("/auth/revoke", FORM): [f"token={token}&token={token}", f"token={token}&x=1&x=1"],
        ("/auth/refresh", "application/json"): [f'{{"refresh_token": "x", "refresh_token": "{token}"}}'],
    }

    for (path, media_type), texts in bodies.items():
        for text in texts:
            answer = await client.post(path, content=text.encode(), headers={"Content-Type": media_type})

            assert refusal(answer) == INVALID_REQUEST, text
    assert (await alice.get("/users/me")).status_code == 200


async def test_another_content_type_is_refused(alice: Holder, client: ApiClient) -> None:
    wrong = {
        "/auth/token": ["application/json", "text/plain", "multipart/form-data; boundary=x", ""],
        "/auth/revoke": ["application/json", "text/plain", "multipart/form-data; boundary=x", ""],
        "/auth/refresh": [FORM, "text/plain", "application/jsonp", "text/json", ""],
    }
    body = {
        "/auth/token": "&".join(f"{name}={value}" for name, value in LOGIN.items()).replace(" ", "+"),
        "/auth/revoke": f"token={alice.refresh_token}",
        "/auth/refresh": f'{{"refresh_token": "{alice.refresh_token}"}}',
    }

    for path, media_types in wrong.items():
        for media_type in media_types:
            answer = await client.post(path, content=body[path].encode(), headers={"Content-Type": media_type})

            assert refusal(answer) == INVALID_REQUEST, (path, media_type)
    assert (await refresh(client, alice.refresh_token)).status_code == 200


async def test_a_body_that_cannot_be_read_is_an_invalid_request(client: ApiClient) -> None:
    forms = [b"", b"\xff", b"username=%ff", b"username=%ED%A0%80", b"username=a%00b", b"&".join([b"a=1"] * 3)]
    forms += [b"&".join(b"p%d=1" % i for i in range(1000)), b"username=" + b"a" * 321]
    documents = [b"", b"{", b"[]", b"null", b'"x"', b"\xff", b'{"refresh_token": NaN}', b'{"refresh_token": "\\ud800"}']

    for path, media_type, bodies in (
        ("/auth/token", FORM, [b"grant_type=password&password=x&" + form for form in forms]),
        ("/auth/revoke", FORM, [form.replace(b"username", b"token") for form in forms[:-1]]),
        ("/auth/refresh", "application/json", documents),
    ):
        for body in bodies:
            answer = await client.post(path, content=body, headers={"Content-Type": media_type})

            assert refusal(answer) == INVALID_REQUEST, (path, body)


@pytest.mark.asvs("V6.3.8")
async def test_a_refused_login_does_not_tell_whether_the_account_exists(alice: Holder, client: ApiClient) -> None:
    known = await request_tokens(client, alice.email, "not the right words")
    unknown = await request_tokens(client, "nobody@example.com", "not the right words")
    no_address = await request_tokens(client, "no address at all", "not the right words")

    assert refusal(known) == refusal(unknown) == refusal(no_address) == INVALID_GRANT
    assert known.content == unknown.content == no_address.content
    assert {name for name in known.headers if name != "x-request-id"} == {
        name for name in unknown.headers if name != "x-request-id"
    }


@pytest.mark.asvs("V14.2.1")
async def test_credentials_in_the_query_or_in_a_header_are_not_looked_at(alice: Holder, client: ApiClient) -> None:
    basic = "Basic " + base64.b64encode(f"{alice.email}:{PASSWORD}".encode()).decode()
    nothing = {"Content-Type": FORM}

    in_query = await client.post("/auth/token", params=LOGIN, headers=nothing)
    in_header = await client.post("/auth/token", headers={"Authorization": basic, **nothing})
    refresh_in_query = await client.post("/auth/refresh", params={"refresh_token": alice.refresh_token}, json={})
    by_get = await client.get("/auth/token", params=LOGIN)

    assert in_header.status_code == 400
    assert [in_query.status_code, refresh_in_query.status_code] == [422, 422]
    assert by_get.status_code == 405
    assert (await refresh(client, alice.refresh_token)).status_code == 200


async def test_a_bad_access_token_beside_it_changes_nothing(alice: Holder, client: ApiClient, clock: FakeClock) -> None:
    clock.advance(minutes=11)
    for token in (alice.access_token, "nonsense"):
        headers = {"Authorization": f"Bearer {token}"}

        login = await client.post("/auth/token", data=LOGIN, headers=headers)
        ended = await client.post("/auth/revoke", data={"token": login.json()["refresh_token"]}, headers=headers)

        assert (login.status_code, ended.status_code) == (200, 200)
        assert refusal(await refresh(client, login.json()["refresh_token"])) == INVALID_GRANT


async def test_revoking_tells_nothing_of_the_token(
    alice: Holder, client: ApiClient, events: list[SecurityEvent]
) -> None:
    forge = Forge(alice.app, alice.access_token)
    foreign = forge.token({"iss": "https://evil.example"})
    answers = [await revoke(client, token) for token in ("unknown", "a.b.c", "é", foreign, alice.refresh_token)]
    answers += [await revoke(client, alice.refresh_token), await revoke(client, alice.access_token)]

    seen = {(answer.status_code, answer.content, answer.headers["Cache-Control"]) for answer in answers}

    assert seen == {(200, b"", "no-store")}
    assert [event.name for event in events].count("authn_token_revoked") == 1


async def test_a_spent_refresh_token_can_still_be_revoked(alice: Holder, client: ApiClient) -> None:
    spent = alice.refresh_token
    alice.take(await refresh(client, spent))

    answer = await revoke(client, spent)

    assert answer.status_code == 200
    assert (await alice.get("/users/me")).status_code == 401


async def test_a_wrong_hint_does_not_save_a_token(alice: Holder, as_user: SignUp, client: ApiClient) -> None:
    bob = await as_user("bob@example.com")

    await revoke(client, alice.refresh_token, token_type_hint="access_token")
    await revoke(client, bob.access_token, token_type_hint="refresh_token")

    assert (await alice.get("/users/me")).status_code == 401
    assert (await bob.get("/users/me")).status_code == 401


async def test_nobody_revokes_with_a_forged_token(alice: Holder, as_user: SignUp, client: ApiClient) -> None:
    bob = await as_user("bob@example.com")
    forge = Forge(alice.app, alice.access_token)
    genuine = alice.access_token.split(".")
    forged = [
        ".".join([*genuine[:2], bob.access_token.split(".")[2]]),
        forge.token({"sub": Forge(bob.app, bob.access_token).claims["sub"]}),
        forge.token(header={"typ": "JWT"}),
        genuine[1],
        Forge(alice.app, alice.access_token).claims["sid"],
    ]

    for token in forged:
        await revoke(client, token)

    assert (await alice.get("/users/me")).status_code == 200
    assert (await bob.get("/users/me")).status_code == 200
