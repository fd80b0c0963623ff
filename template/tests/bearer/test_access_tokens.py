"""Access tokens: what they say (RFC 9068), and that nothing but the genuine one is taken (RFC 8725).

Every attack here is signed with the real key unless it says otherwise: only the named defence stands in its way.
"""

import json

import pytest

from app.core.application import Application
from tests.conftest import MakeApp
from tests.support.client import ApiClient
from tests.support.clock import FakeClock
from tests.support.forge import Forge, claims_of, decoded, encoded, not_refused, present
from tests.support.tokens import SignUp, logged_in

LEEWAY_SECONDS = 5
REQUIRED = ("iss", "exp", "aud", "sub", "client_id", "iat", "jti")
"""RFC 9068 section 2.2."""


@pytest.fixture
async def forge(app: Application, as_user: SignUp) -> Forge:
    alice = await as_user("alice@example.com")
    return Forge(app, alice.access_token)


async def test_the_forge_makes_what_the_application_takes(forge: Forge, client: ApiClient) -> None:
    same = await present(client, forge.token())
    other_jti = await present(client, forge.token({"jti": "another"}))

    assert (same.status_code, other_jti.status_code) == (200, 200)


@pytest.mark.asvs("V9.2.4", "V10.3.3")
async def test_a_token_says_what_rfc_9068_asks_and_nothing_personal(as_user: SignUp, clock: FakeClock) -> None:
    alice = await as_user("alice@example.com")
    account = (await alice.get("/users/me")).json()
    session = (await alice.get("/auth/sessions")).json()[0]

    claims = claims_of(alice.access_token)

    now = int(clock().timestamp())
    assert claims.pop("jti")
    assert claims == {
        "iss": "http://localhost:8000",
        "aud": alice.app.state.kernel.name,
        "sub": account["id"],
        "client_id": "first-party",
        "iat": now,
        "exp": now + 600,
        "sid": session["id"],
        "auth_time": now,
        "amr": ["pwd"],
    }


async def test_a_header_says_the_type_the_algorithm_and_the_key(forge: Forge) -> None:
    signing = forge.tokens.keys.signing

    assert forge.header == {"typ": "at+jwt", "alg": forge.tokens.keys.algorithm, "kid": signing.kid}


@pytest.mark.asvs("V7.2.2", "V7.2.4", "V11.5.1")
async def test_two_tokens_of_one_second_differ(as_user: SignUp) -> None:
    alice = await as_user("alice@example.com")
    first = claims_of(alice.access_token)
    await alice.log_in()

    second = claims_of(alice.access_token)

    assert first["iat"] == second["iat"]
    assert first["jti"] != second["jti"]
    assert first["sid"] != second["sid"]
    assert len(bytes.fromhex(second["jti"])) == 16


@pytest.mark.asvs("V9.1.2")
async def test_an_unsigned_token_is_refused(forge: Forge, client: ApiClient) -> None:
    _, payload, signature = forge.genuine.split(".")
    tokens = {}
    for name in ("none", "None", "NONE", "nOnE"):
        header = encoded(json.dumps({**forge.header, "alg": name}).encode())
        tokens[f"{name}, no signature"] = f"{header}.{payload}."
        tokens[f"{name}, two segments"] = f"{header}.{payload}"
        tokens[f"{name}, a signature all the same"] = f"{header}.{payload}.{signature}"
        tokens[f"{name}, well-signed"] = forge.token(header={"alg": name})

    wrong = await not_refused(client, tokens)

    assert wrong == {}


@pytest.mark.asvs("V9.1.2")
async def test_only_the_configured_algorithm_is_taken(forge: Forge, client: ApiClient) -> None:
    others = {"HS256", "HS384", "HS512", "ES256", "ES256K", "ES512", "EdDSA", "Ed25519", "RS256", "PS256", "hs256", ""}
    others -= {forge.tokens.keys.algorithm}

    wrong = await not_refused(client, {name: forge.token(header={"alg": name}) for name in others})

    assert wrong == {}


@pytest.mark.asvs("V9.1.1", "V7.2.1")
async def test_a_changed_token_is_refused(forge: Forge, client: ApiClient) -> None:
    header, payload, signature = forge.genuine.split(".")
    somebody = encoded(json.dumps({**forge.claims, "sub": "00000000-0000-0000-0000-000000000000"}).encode())
    first, last = decoded(signature)[:-1], decoded(signature)[-1]

    wrong = await not_refused(
        client,
        {
            "another subject": f"{header}.{somebody}.{signature}",
            "a respelt header": f"{encoded(json.dumps(forge.header).encode() + b' ')}.{payload}.{signature}",
            "one bit of the signature": f"{header}.{payload}.{encoded(first + bytes([last ^ 1]))}",
            "the first byte gone": f"{header}.{payload}.{encoded(decoded(signature)[1:])}",
            "a byte more": f"{header}.{payload}.{encoded(decoded(signature) + b'x')}",
            "a signature of zeros": f"{header}.{payload}.{encoded(bytes(len(decoded(signature))))}",
            "no signature": f"{header}.{payload}.",
            "the signature of another token": f"{header}.{payload}.{forge.token({'jti': 'x'}).split('.')[2]}",
        },
    )

    assert wrong == {}


@pytest.mark.asvs("V9.2.3", "V10.3.1")
async def test_the_issuer_and_the_audience_must_be_ours(forge: Forge, client: ApiClient) -> None:
    ours = forge.claims["aud"]

    wrong = await not_refused(
        client,
        {
            "another issuer": forge.token({"iss": "https://evil.example"}),
            "an issuer that only begins like ours": forge.token({"iss": forge.claims["iss"] + "/"}),
            "a list of issuers": forge.token({"iss": [forge.claims["iss"]]}),
            "no issuer": forge.token(without="iss"),
            "another audience": forge.token({"aud": "billing"}),
            "an audience that holds ours": forge.token({"aud": f"{ours} {ours}"}),
            "a list without us": forge.token({"aud": ["billing", "mail"]}),
            "an empty list": forge.token({"aud": []}),
            "an object": forge.token({"aud": {ours: True}}),
            "no audience": forge.token(without="aud"),
        },
    )
    among_others = await present(client, forge.token({"aud": ["billing", ours]}))

    assert wrong == {}
    assert among_others.status_code == 200


@pytest.mark.asvs("V9.2.3")
@pytest.mark.parametrize(
    "setting", [{"BEARER_AUDIENCE": "another-service"}, {"BEARER_ISSUER": "https://staging.example"}]
)
async def test_a_neighbour_with_the_same_secret_does_not_take_our_tokens(
    make_app: MakeApp, setting: dict[str, str]
) -> None:
    ours = make_app()
    neighbour = make_app(**setting)

    async with logged_in(ours) as alice, ApiClient(neighbour) as client:
        wrong = await not_refused(client, {"ours": alice.access_token})

    assert wrong == {}


@pytest.mark.asvs("V9.2.2")
async def test_only_the_type_access_token_is_taken(forge: Forge, client: ApiClient) -> None:
    foreign = ["JWT", "refresh+jwt", "logout+jwt", "id+jwt", "reset", "at+jwt ", "application/jwt", "", None, ["JWT"]]

    wrong = await not_refused(client, {f"typ {typ!r}": forge.token(header={"typ": typ}) for typ in foreign})
    wrong |= await not_refused(client, {"no typ": forge.token(without="typ")})
    taken = [
        (await present(client, forge.token(header={"typ": typ}))).status_code
        for typ in ("at+jwt", "AT+JWT", "application/at+jwt", "Application/AT+JWT")
    ]

    assert wrong == {}
    assert taken == [200, 200, 200, 200]


@pytest.mark.asvs("V10.3.3")
async def test_a_session_counts_for_its_own_account_alone(forge: Forge, as_user: SignUp, client: ApiClient) -> None:
    bob = claims_of((await as_user("bob@example.com")).access_token)

    wrong = await not_refused(
        client,
        {
            "another subject": forge.token({"sub": bob["sub"]}),
            "another session": forge.token({"sid": bob["sid"]}),
            "subject and session exchanged": forge.token({"sub": forge.claims["sid"], "sid": forge.claims["sub"]}),
        },
    )

    assert wrong == {}


@pytest.mark.asvs("V9.2.1")
async def test_no_required_claim_can_be_missing(forge: Forge, client: ApiClient) -> None:
    required = (*REQUIRED, "sid", "auth_time")

    wrong = await not_refused(client, {f"no {claim}": forge.token(without=claim) for claim in required})
    wrong |= await not_refused(client, {f"null as {claim}": forge.token({claim: None}) for claim in required})

    assert wrong == {}


async def test_the_clock_of_another_machine_may_be_a_little_ahead(client: ApiClient, forge: Forge) -> None:
    ahead = forge.claims["iat"] + LEEWAY_SECONDS

    answer = await present(client, forge.token({"iat": ahead, "nbf": ahead, "auth_time": ahead}))

    assert answer.status_code == 200


@pytest.mark.asvs("V9.2.1")
async def test_times_must_be_plausible_whole_seconds(forge: Forge, client: ApiClient) -> None:
    now = forge.claims["iat"]
    odd = [str(now + 600), now + 600.0, [now + 600], float("nan"), float("inf"), 1e308, -1, 2**63, 10**30, True, {}]
    names = ("exp", "iat", "nbf", "auth_time")

    wrong = await not_refused(
        client, {f"{name} {value!r}": forge.token({name: value}) for name in names for value in odd}
    )
    wrong |= await not_refused(
        client,
        {
            f"{name} in the future": forge.token({name: now + LEEWAY_SECONDS + 1})
            for name in ("iat", "nbf", "auth_time")
        },
    )

    assert wrong == {}
