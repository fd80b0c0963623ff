"""EdDSA: Ed25519. Others can verify our tokens with the public keys at `/.well-known/jwks.json`.

RFC 9864 renames this algorithm in JOSE headers to `Ed25519`; PyJWT still writes `EdDSA`, as most verifiers expect.
"""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.bearer import jwks
from app.bearer.algorithm import Algorithm, SigningKey
from app.bearer.asymmetric import base64url, thumbprint
from app.core.keys import RootSecret


def derive(root: RootSecret) -> SigningKey:
    """Return the key pair that follows from `root`: any 32 bytes are a private key (RFC 8032 section 5.1.5)."""
    private = Ed25519PrivateKey.from_private_bytes(root.derive("access-token/EdDSA/1"))
    jwk = {"crv": "Ed25519", "kty": "OKP", "x": base64url(private.public_key().public_bytes_raw())}
    kid = thumbprint(jwk)
    return SigningKey(kid, private, private.public_key(), {**jwk, "kid": kid, "alg": "EdDSA", "use": "sig"})


ALGORITHM = Algorithm(name="EdDSA", derive=derive, routers=(jwks.router,))
