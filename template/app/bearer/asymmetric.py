"""What the asymmetric algorithms share: a public key that others may have, known by its thumbprint."""

import base64
import hashlib
import json


def base64url(octets: bytes) -> str:
    """Return `octets` in base64url without padding (RFC 7515 section 2)."""
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def thumbprint(jwk: dict[str, str]) -> str:
    """Return the SHA-256 thumbprint of a key's required members (RFC 7638)."""
    canonical = json.dumps(jwk, separators=(",", ":"), sort_keys=True)
    return base64url(hashlib.sha256(canonical.encode()).digest())
