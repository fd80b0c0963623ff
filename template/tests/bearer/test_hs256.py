"""HS256: one secret, derived and long enough, and no other way to make a signature that counts."""

import json
from uuid import uuid4

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from app.bearer import hs256
from app.bearer.algorithm import KeyRing, SigningKey
from app.bearer.tokens import AccessTokens, InvalidTokenError
from app.core.application import Application
from app.core.keys import RootSecret
from app.core.models import AuthSession
from tests.support.client import ApiClient
from tests.support.forge import Forge, encoded, not_refused, present
from tests.support.tokens import SignUp


@pytest.fixture
async def forge(app: Application, as_user: SignUp) -> Forge:
    return Forge(app, (await as_user()).access_token)


async def test_the_forge_knows_how_to_sign(forge: Forge, client: ApiClient) -> None:
    answer = await present(client, forge.with_hmac(forge.tokens.keys.signing.private))

    assert answer.status_code == 200


@pytest.mark.asvs("V9.1.2", "V11.4.3")
async def test_the_right_key_with_another_hmac_is_refused(forge: Forge, client: ApiClient) -> None:
    key = forge.tokens.keys.signing.private

    wrong = await not_refused(client, {name: forge.with_hmac(key, name) for name in ("HS384", "HS512")})

    assert wrong == {}


@pytest.mark.asvs("V9.1.1", "V7.2.2")
async def test_no_secret_but_the_derived_one_signs(app: Application, forge: Forge, client: ApiClient) -> None:
    core = app.state.kernel.core
    root = core.secret_key.get_secret_value()
    guesses = {
        "the root": root.encode(),
        "the root as bytes": bytes.fromhex(root),
        "nothing": b"",
        "secret": b"secret",
        "zeros": bytes(32),
        "the kid": forge.header["kid"].encode(),
        "the kid as bytes": bytes.fromhex(forge.header["kid"]),
        "the key of another version": core.roots.current.derive("access-token/HS256/2"),
        "the key of another algorithm": core.roots.current.derive("access-token/EdDSA/1"),
        "the key of another purpose": core.roots.current.derive("login-throttle/HMAC-SHA256/1"),
    }

    wrong = await not_refused(client, {name: forge.with_hmac(guess) for name, guess in guesses.items()})

    assert wrong == {}


@pytest.mark.asvs("V9.1.2", "V9.1.3")
async def test_a_key_pair_of_the_attackers_signs_nothing(forge: Forge, client: ApiClient) -> None:
    keys = {
        "ES256": ec.generate_private_key(ec.SECP256R1()),
        "EdDSA": ed25519.Ed25519PrivateKey.generate(),
        "RS256": rsa.generate_private_key(65537, 2048),
    }
    tokens = {}
    for name, key in keys.items():
        algorithm = jwt.get_algorithm_by_name(name)
        public = json.loads(algorithm.to_jwk(key.public_key()))
        for title, more in {"its name": {}, "its name and key": {"jwk": public}}.items():
            header = encoded(json.dumps({**forge.header, "alg": name, **more}).encode())
            text = f"{header}.{forge.genuine.split('.')[1]}"
            tokens[f"{name}, {title}"] = f"{text}.{encoded(algorithm.sign(text.encode(), key))}"

    wrong = await not_refused(client, tokens)

    assert wrong == {}


@pytest.mark.asvs("V11.4.3", "V11.6.1")
def test_the_key_has_256_bits_and_its_id_gives_none_of_them_away() -> None:
    key = hs256.derive(RootSecret(b"0123456789abcdef0123456789abcdef"))

    assert len(key.private) == 32
    assert key.private == key.public
    assert key.jwk is None
    assert bytes.fromhex(key.kid) not in key.private


def test_an_update_does_not_change_the_key_or_its_id() -> None:
    """Another one would log everyone out, or split a fleet while it is updated."""
    key = hs256.derive(RootSecret(b"0123456789abcdef0123456789abcdef"))

    assert key.kid == "96d0ba8fd362da090e"
    assert key.private.hex() == "86131a824fefe4b461c19b7905b6fcf2d5c556c051dded12ec5c548903ddf212"


@pytest.mark.asvs("V11.6.1")
async def test_a_short_key_neither_signs_nor_verifies(app: Application, forge: Forge) -> None:
    kernel = app.state.kernel
    short = KeyRing("HS256", (SigningKey("short", bytes(31), bytes(31)),))
    tokens = AccessTokens(
        keys=short,
        issuer=forge.tokens.issuer,
        audience=forge.tokens.audience,
        lifetime=forge.tokens.lifetime,
        now=kernel.now,
        entropy=kernel.entropy,
    )
    session = AuthSession(id=uuid4(), user_id=uuid4(), authenticated_at=kernel.now(), methods="pwd")
    with pytest.warns(jwt.InsecureKeyLengthWarning):
        by_somebody_careless = jwt.encode(forge.claims, bytes(31), headers={**forge.header, "kid": "short"})

    with pytest.raises(jwt.InvalidKeyError):
        tokens.issue(session, None)
    with pytest.raises(InvalidTokenError):
        tokens.check(by_somebody_careless)


async def test_no_public_keys_are_served(client: ApiClient) -> None:
    answer = await client.get("/.well-known/jwks.json")

    assert answer.status_code == 404
