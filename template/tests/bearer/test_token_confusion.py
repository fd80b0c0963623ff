"""Every kind of secret in the place of every other: each is good for one thing (RFC 8725 section 3.12, ASVS V9.2.2)."""

import json
from uuid import UUID

import pytest

from app.accounts.service import Accounts
from app.bearer.tokens import AccessTokens
from app.core.application import Application
from app.core.sessions import Lifetimes, open_session, secret_hash
from tests.support.client import ApiClient
from tests.support.forge import INVALID, Forge, claims_of, encoded, not_refused, present
from tests.support.tokens import INVALID_GRANT, SignUp, refresh, refusal, request_tokens, revoke


@pytest.fixture
async def kinds(app: Application, as_user: SignUp) -> dict[str, str]:
    """One secret of each kind, all of the same account and all good in their own place."""
    alice = await as_user("alice@example.com")
    code = await app.state.kernel.provided(Accounts).make_reset_code(alice.email)
    return {
        "access": alice.access_token,
        "refresh": alice.refresh_token,
        "reset code": code or "",
        "password": alice.password,
        "session id": claims_of(alice.access_token)["sid"],
        "jti": claims_of(alice.access_token)["jti"],
    }


@pytest.mark.asvs("V9.2.2")
async def test_nothing_else_is_an_access_token(kinds: dict[str, str], client: ApiClient) -> None:
    wrong = await not_refused(client, {kind: secret for kind, secret in kinds.items() if kind != "access"})

    assert wrong == {}
    assert (await present(client, kinds["access"])).status_code == 200


@pytest.mark.asvs("V9.2.2")
async def test_nothing_else_is_a_refresh_token(kinds: dict[str, str], client: ApiClient) -> None:
    refused = {kind: refusal(await refresh(client, secret)) for kind, secret in kinds.items() if kind != "refresh"}

    assert set(refused.values()) == {INVALID_GRANT}, refused
    assert (await refresh(client, kinds["refresh"])).status_code == 200


@pytest.mark.asvs("V9.2.2")
async def test_nothing_else_is_a_reset_code(kinds: dict[str, str], client: ApiClient) -> None:
    new = "an orchard of patient lanterns"
    statuses = {
        kind: (await client.post("/auth/reset-password", json={"code": secret, "new_password": new})).status_code
        for kind, secret in kinds.items()
        if kind != "reset code"
    }

    assert set(statuses.values()) <= {403, 422}, statuses
    assert (await request_tokens(client, "alice@example.com", new)).status_code == 400


@pytest.mark.asvs("V9.2.2")
async def test_nothing_else_is_a_password(kinds: dict[str, str], client: ApiClient) -> None:
    for kind in ("refresh", "reset code", "session id", "jti"):
        answer = await request_tokens(client, "alice@example.com", kinds[kind])

        assert refusal(answer) == INVALID_GRANT, kind


@pytest.mark.asvs("V9.2.2")
async def test_the_refresh_token_of_another_token_type_or_purpose_is_no_access_token(
    app: Application, kinds: dict[str, str], client: ApiClient
) -> None:
    forge = Forge(app, kinds["access"])
    unsigned = encoded(json.dumps(forge.header).encode()) + "." + encoded(json.dumps(forge.claims).encode())

    wrong = await not_refused(
        client,
        {
            "a refresh token as the signature": f"{unsigned}.{kinds['refresh']}",
            "an MFA ticket": forge.token(header={"typ": "mfa+jwt"}),
            "a refresh JWT": forge.token(header={"typ": "rt+jwt"}),
            "a key purpose as the kid": forge.token(header={"kid": "access-token/HS256/1"}),
        },
    )

    assert wrong == {}


async def open_session_of_another_carrier(app: Application, user_id: UUID) -> tuple[str, str]:
    """Return the secret of a session that is carried otherwise, and an access token that names it."""
    kernel = app.state.kernel
    lifetimes: Lifetimes = kernel.login.carriers["bearer"].lifetimes
    async with kernel.store.transaction() as db:
        issued = await open_session(
            db,
            user_id,
            carrier="another",
            methods=("pwd",),
            lifetimes=lifetimes,
            now=kernel.now(),
            entropy=kernel.entropy,
        )
    return issued.secret, kernel.provided(AccessTokens).issue(issued.session, None)


async def test_the_session_of_another_carrier_yields_no_bearer_tokens(
    app: Application, as_user: SignUp, client: ApiClient
) -> None:
    alice = await as_user("alice@example.com")
    user_id = UUID(claims_of(alice.access_token)["sub"])
    secret, access_token = await open_session_of_another_carrier(app, user_id)

    exchanged = await refresh(client, secret)
    presented = await present(client, access_token)
    await revoke(client, secret)
    sessions = (await alice.get("/auth/sessions")).json()

    assert refusal(exchanged) == INVALID_GRANT
    assert (presented.status_code, presented.headers["WWW-Authenticate"]) == (401, INVALID)
    assert [session["carrier"] for session in sessions].count("another") == 1


def test_the_stored_hash_depends_on_the_carrier() -> None:
    hashes = {
        secret_hash(carrier, secret) for carrier, secret in [("bearer", "x"), ("another", "x"), ("", "bearer\0x")]
    }

    assert len(hashes) == 3
