"""ES256: ECDSA on P-256. Others can verify our tokens with the public keys at `/.well-known/jwks.json`."""

from itertools import count

from cryptography.hazmat.primitives.asymmetric import ec

from app.bearer import jwks
from app.bearer.algorithm import Algorithm, SigningKey
from app.bearer.asymmetric import base64url, thumbprint
from app.core.keys import RootSecret

_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""The order of P-256 (SEC 2 section 2.4.2)."""

_COORDINATE_BYTES = 32


def derive(root: RootSecret) -> SigningKey:
    """Return the key pair that follows from `root`."""
    private = ec.derive_private_key(_scalar(root), ec.SECP256R1())
    point = private.public_key().public_numbers()
    jwk = {
        "crv": "P-256",
        "kty": "EC",
        "x": base64url(point.x.to_bytes(_COORDINATE_BYTES, "big")),
        "y": base64url(point.y.to_bytes(_COORDINATE_BYTES, "big")),
    }
    kid = thumbprint(jwk)
    return SigningKey(kid, private, private.public_key(), {**jwk, "kid": kid, "alg": "ES256", "use": "sig"})


def _scalar(root: RootSecret) -> int:
    """Return a private scalar without bias: rejection as in FIPS 186-5 A.2.2, from HKDF."""
    candidates = (int.from_bytes(root.derive(f"access-token/ES256/1/{attempt}"), "big") for attempt in count())
    return next(candidate for candidate in candidates if 0 < candidate < _ORDER)


ALGORITHM = Algorithm(name="ES256", derive=derive, routers=(jwks.router,))
