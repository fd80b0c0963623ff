"""EdDSA: Ed25519 under the one name that we write."""

import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ed448, ed25519

from app.bearer import eddsa
from app.core.application import Application
from app.core.keys import RootSecret
from tests.support.client import ApiClient
from tests.support.forge import Forge, decoded, encoded, not_refused
from tests.support.tokens import SignUp

ORDER = 2**252 + 27742317777372353535851937790883648493
"""Of the base point of Ed25519 (RFC 8032 section 5.1)."""


@pytest.fixture
async def forge(app: Application, as_user: SignUp) -> Forge:
    return Forge(app, (await as_user()).access_token)


@pytest.mark.asvs("V11.6.1")
def test_a_root_gives_the_same_key_at_every_start() -> None:
    first, again = (eddsa.derive(RootSecret(b"0123456789abcdef0123456789abcdef")) for _ in range(2))
    other = eddsa.derive(RootSecret(b"0123456789abcdef0123456789abcdeF"))

    assert first.jwk == again.jwk
    assert first.kid != other.kid
    assert isinstance(first.private, ed25519.Ed25519PrivateKey)
    assert first.jwk is not None
    assert len(decoded(first.jwk["x"])) == 32


def test_an_update_does_not_change_the_key() -> None:
    """Another one would log everyone out, or split a fleet while it is updated."""
    key = eddsa.derive(RootSecret(b"0123456789abcdef0123456789abcdef"))

    assert key.kid == "LeZrQakBB_CcYf538qC6UEF3kIyv-zT0UnFNEydAufk"


@pytest.mark.asvs("V9.1.1")
async def test_a_signature_has_one_form(forge: Forge, client: ApiClient) -> None:
    header, payload, signature = forge.genuine.split(".")
    raw = decoded(signature)
    scalar = int.from_bytes(raw[32:], "little")
    identity = b"\x01" + bytes(31)
    forms = {
        "s beyond the order": raw[:32] + (scalar + ORDER).to_bytes(32, "little"),
        "zeros": bytes(64),
        "the identity and zero": identity + bytes(32),
        "R and s exchanged": raw[32:] + raw[:32],
        "half": raw[:32],
        "a byte more": raw + b"\0",
    }

    wrong = await not_refused(client, {name: f"{header}.{payload}.{encoded(form)}" for name, form in forms.items()})

    assert len(raw) == 64
    assert wrong == {}


@pytest.mark.asvs("V9.1.2")
async def test_another_name_or_curve_is_refused(forge: Forge, client: ApiClient) -> None:
    private = forge.tokens.keys.signing.private
    tokens = {}
    for title, name, key in (
        ("the name of RFC 9864", "Ed25519", private),
        ("the name of the curve", "Ed448", private),
        ("a key on Ed448", "EdDSA", ed448.Ed448PrivateKey.generate()),
    ):
        text = f"{encoded(json.dumps({**forge.header, 'alg': name}).encode())}.{forge.genuine.split('.')[1]}"
        tokens[title] = f"{text}.{encoded(key.sign(text.encode()))}"

    wrong = await not_refused(client, tokens)

    assert wrong == {}
