"""Every key is derived: `SECRET_KEY` is a root and never a key itself.

One secret used directly for signing, for tokens and for encryption lets a weakness in one of them forge the others.
HKDF-SHA256 (RFC 5869) with a purpose in `info` gives each use a key of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


@dataclass(frozen=True, repr=False)
class RootSecret:
    """One root secret. Its repr shows nothing, so that no log line or traceback can."""

    material: bytes

    def derive(self, purpose: str, *, length: int = 32) -> bytes:
        """Return the key for `purpose`, written `what/algorithm/version`: `length` bytes, 32 unless told."""
        return HKDF(algorithm=SHA256(), length=length, salt=None, info=purpose.encode()).derive(self.material)


@dataclass(frozen=True, repr=False)
class Roots:
    """The root secrets, by what each is for.

    `current` signs. `fallbacks` are older ones whose signatures are still accepted. `upcoming` is published and
    accepted before it signs, so that every process, and others who cache our public keys, know it in time.
    """

    current: RootSecret
    fallbacks: Sequence[RootSecret] = ()
    upcoming: RootSecret | None = None

    def accepted(self) -> tuple[RootSecret, ...]:
        """Return every root whose signatures are accepted, the signing one first."""
        upcoming = () if self.upcoming is None else (self.upcoming,)
        return (self.current, *upcoming, *self.fallbacks)
