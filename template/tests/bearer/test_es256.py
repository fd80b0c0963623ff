"""ES256: a key on P-256 without bias, and signatures in the one form that JOSE has."""

import json

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.utils import der_to_raw_signature

from app.bearer import es256
from app.core.application import Application
from app.core.keys import RootSecret
from tests.support.client import ApiClient
from tests.support.forge import Forge, decoded, encoded, not_refused
from tests.support.tokens import SignUp

ORDER = 115792089210356248762697446949407573529996955224135760342422259061068512044369
"""Of P-256, in decimal, as FIPS 186-4 D.1.2.3 writes it."""


class Scripted(RootSecret):
    """A root whose derivations are known: `first` for the first attempt, one for the second."""

    def derive(self, purpose: str, *, length: int = 32) -> bytes:
        return self.material if purpose.endswith("/0") else (1).to_bytes(length, "big")


@pytest.fixture
async def forge(app: Application, as_user: SignUp) -> Forge:
    return Forge(app, (await as_user()).access_token)


@pytest.mark.asvs("V11.6.1")
@pytest.mark.parametrize("outside", [0, ORDER, ORDER + 1, 2**256 - 1])
def test_a_scalar_outside_the_range_is_drawn_again(outside: int) -> None:
    key = es256.derive(Scripted(outside.to_bytes(32, "big")))

    assert key.private.private_numbers().private_value == 1


@pytest.mark.parametrize("inside", [1, 2, ORDER - 1])
def test_a_scalar_inside_the_range_is_taken_as_it_is(inside: int) -> None:
    key = es256.derive(Scripted(inside.to_bytes(32, "big")))

    assert key.private.private_numbers().private_value == inside


def test_a_root_gives_the_same_key_at_every_start() -> None:
    first, again = (es256.derive(RootSecret(b"0123456789abcdef0123456789abcdef")) for _ in range(2))
    other = es256.derive(RootSecret(b"0123456789abcdef0123456789abcdeF"))

    assert first.jwk == again.jwk
    assert first.kid != other.kid
    assert isinstance(first.private.curve, ec.SECP256R1)
    assert first.jwk is not None
    assert [len(decoded(first.jwk[part])) for part in ("x", "y")] == [32, 32]


def test_an_update_does_not_change_the_key() -> None:
    """Another one would log everyone out, or split a fleet while it is updated."""
    key = es256.derive(RootSecret(b"0123456789abcdef0123456789abcdef"))

    assert key.kid == "TFb111FM5hrb-gVmh01iqYbAuOnq3MUz0T8JIWj9R80"


@pytest.mark.asvs("V9.1.1")
async def test_a_signature_has_one_form(forge: Forge, client: ApiClient) -> None:
    header, payload, signature = forge.genuine.split(".")
    text = f"{header}.{payload}"
    raw = decoded(signature)
    der = forge.tokens.keys.signing.private.sign(text.encode(), ec.ECDSA(hashes.SHA256()))
    zero, order, one = bytes(32), ORDER.to_bytes(32, "big"), (1).to_bytes(32, "big")
    forms = {
        "DER": der,
        "r = s = 0": zero + zero,
        "r = 0": zero + raw[32:],
        "s = 0": raw[:32] + zero,
        "r = s = the order": order + order,
        "r = s = 1": one + one,
        "s beyond the order": raw[:32] + bytes([255]) * 32,
        "r and s exchanged": raw[32:] + raw[:32],
        "padded": bytes(1) + raw[:32] + bytes(1) + raw[32:],
        "half": raw[:32],
    }

    wrong = await not_refused(client, {name: f"{text}.{encoded(form)}" for name, form in forms.items()})

    assert len(raw) == 64
    assert wrong == {}


@pytest.mark.asvs("V9.1.2")
async def test_the_right_key_with_another_hash_or_curve_is_refused(forge: Forge, client: ApiClient) -> None:
    private = forge.tokens.keys.signing.private
    tokens = {}
    for name, key, digest in (
        ("ES256", private, hashes.SHA384()),
        ("ES384", ec.generate_private_key(ec.SECP384R1()), hashes.SHA384()),
        ("ES256K", ec.generate_private_key(ec.SECP256K1()), hashes.SHA256()),
    ):
        text = f"{encoded(json.dumps({**forge.header, 'alg': name}).encode())}.{forge.genuine.split('.')[1]}"
        der = key.sign(text.encode(), ec.ECDSA(digest))
        tokens[name] = f"{text}.{encoded(der_to_raw_signature(der, key.curve))}"

    wrong = await not_refused(client, tokens)

    assert wrong == {}
