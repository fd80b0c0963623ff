"""The public keys: all that a verifier needs, nothing that signs, and no use to someone who signs with them."""

import json
import secrets
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from app.bearer.asymmetric import thumbprint
from app.bearer.settings import BearerSettings
from app.core.application import Application
from tests.conftest import MakeApp
from tests.support.client import ApiClient
from tests.support.forge import Forge, decoded, encoded, not_refused, present
from tests.support.tokens import SignUp, logged_in

PATH = "/.well-known/jwks.json"
PUBLIC = {"ES256": {"kty", "crv", "x", "y"}, "EdDSA": {"kty", "crv", "x"}}


@pytest.fixture
async def forge(app: Application, as_user: SignUp) -> Forge:
    return Forge(app, (await as_user()).access_token)


async def test_only_public_parts_are_served(forge: Forge, client: ApiClient) -> None:
    keys = (await client.get(PATH)).json()["keys"]

    name = forge.tokens.keys.algorithm
    assert [set(key) for key in keys] == [PUBLIC[name] | {"kid", "alg", "use"}]
    assert (keys[0]["alg"], keys[0]["use"], keys[0]["kid"]) == (name, "sig", forge.header["kid"])
    private = forge.tokens.keys.signing.private
    if name == "EdDSA":
        secret = private.private_bytes_raw()
    else:
        secret = private.private_numbers().private_value.to_bytes(32, "big")
    assert encoded(secret) not in json.dumps(keys)


async def test_a_verifier_that_knows_nothing_else_verifies_our_tokens(forge: Forge, client: ApiClient) -> None:
    served = jwt.PyJWKSet.from_dict((await client.get(PATH)).json())

    claims = jwt.decode(
        forge.genuine,
        served[forge.header["kid"]],
        algorithms=[forge.tokens.keys.algorithm],
        audience=forge.claims["aud"],
        issuer=forge.claims["iss"],
        options={"verify_iat": False, "verify_exp": False},
    )

    assert claims == forge.claims


async def test_verifiers_may_keep_the_keys_for_five_minutes(client: ApiClient) -> None:
    got, head = await client.get(PATH), await client.head(PATH)

    for answer in (got, head):
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "public, max-age=300"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert answer.headers["Content-Type"] == "application/json"
        assert [name for name in answer.headers if name.startswith("set-")] == []
    assert head.headers["Content-Length"] == got.headers["Content-Length"]


async def test_the_keys_are_public_and_nothing_changes_them(client: ApiClient) -> None:
    with_nonsense = await client.get(PATH, headers={"Authorization": "Bearer nonsense"})
    others = [(await client.request(method, PATH)).status_code for method in ("POST", "PUT", "PATCH", "DELETE")]
    refused = await client.get(PATH, params={"kid": "x"})

    assert with_nonsense.status_code == 200
    assert others == [405] * 4
    assert (refused.status_code, refused.headers["Cache-Control"]) == (422, "no-store")


@pytest.mark.asvs("V9.1.2")
async def test_the_public_key_is_no_hmac_secret(forge: Forge, client: ApiClient) -> None:
    public = forge.tokens.keys.signing.public
    jwk = (await client.get(PATH)).json()["keys"][0]
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    spellings = {
        "PEM": pem,
        "PEM without its last line feed": pem.rstrip(b"\n"),
        "PEM with CRLF": pem.replace(b"\n", b"\r\n"),
        "DER": public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        "the JWK": json.dumps(jwk, separators=(",", ":")).encode(),
        "x": decoded(jwk["x"]),
        "x as text": jwk["x"].encode(),
        "x and y": decoded(jwk["x"]) + decoded(jwk.get("y", "")),
        "the kid": jwk["kid"].encode(),
        "nothing": b"",
    }

    tokens = {
        f"{name} with {algorithm}": forge.with_hmac(secret, algorithm)
        for name, secret in spellings.items()
        for algorithm in ("HS256", "HS384", "HS512")
    }

    assert await not_refused(client, tokens) == {}


@pytest.mark.asvs("V9.1.3")
async def test_a_key_that_the_token_brings_along_is_not_used(forge: Forge, client: ApiClient) -> None:
    name = forge.tokens.keys.algorithm
    own = ed25519.Ed25519PrivateKey.generate() if name == "EdDSA" else ec.generate_private_key(ec.SECP256R1())
    algorithm = jwt.get_algorithm_by_name(name)
    jwk = json.loads(algorithm.to_jwk(own.public_key()))
    kid = thumbprint({part: jwk[part] for part in PUBLIC[name]})
    headers = {
        "as jwk": {"jwk": jwk},
        "by its thumbprint": {"kid": kid},
        "as the kid": {"kid": json.dumps(jwk)},
        "under our kid": {},
        "at a URL": {"jku": "https://evil.example/jwks.json", "kid": kid},
    }
    tokens = {}
    for title, more in headers.items():
        text = f"{encoded(json.dumps({**forge.header, **more}).encode())}.{forge.genuine.split('.')[1]}"
        tokens[title] = f"{text}.{encoded(algorithm.sign(text.encode(), own))}"

    assert await not_refused(client, tokens) == {}


async def test_the_next_key_and_the_old_ones_are_published_and_do_not_sign(make_app: MakeApp) -> None:
    old, new, following = (secrets.token_hex(32) for _ in range(3))
    app = make_app(SECRET_KEY=new, SECRET_KEY_FALLBACKS=old, SECRET_KEY_NEXT=following)
    later = make_app(SECRET_KEY=following, SECRET_KEY_FALLBACKS=new, SECRET_KEY_NEXT="")

    async with logged_in(app) as alice, ApiClient(later) as client:
        signed_by = Forge(app, alice.access_token).header["kid"]
        published = [key["kid"] for key in (await alice.get(PATH)).json()["keys"]]
        afterwards = [key["kid"] for key in (await client.get(PATH)).json()["keys"]]
        still_taken = await present(client, alice.access_token)

    assert signed_by == published[0]
    assert len(set(published)) == 3
    assert afterwards == [published[1], signed_by]
    assert still_taken.status_code == 200


def test_thumbprints_are_those_of_the_standards() -> None:
    okp = {"crv": "Ed25519", "kty": "OKP", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}

    assert thumbprint(okp) == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k", "RFC 8037 appendix A.3"


def test_the_security_document_says_how_long_others_believe_a_token_after_its_session() -> None:
    minutes = BearerSettings().access_seconds // 60
    told = f"so tokens live {minutes} minutes, unless you set `BEARER_ACCESS_SECONDS` to more"

    assert told in Path("SECURITY.md").read_text(encoding="utf-8")
