"""HS256: one secret signs and verifies. Right when this application alone verifies its tokens."""

from app.bearer.algorithm import Algorithm, SigningKey
from app.core.keys import RootSecret


def derive(root: RootSecret) -> SigningKey:
    """Return the key of 256 bits (RFC 7518 section 3.2) that follows from `root`."""
    secret = root.derive("access-token/HS256/1")
    return SigningKey(kid=root.derive("access-token-kid/HS256/1", length=9).hex(), private=secret, public=secret)


ALGORITHM = Algorithm(name="HS256", derive=derive)
