"""A signature algorithm for access tokens, and the ring of keys it is used with."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from app.core.keys import Roots, RootSecret
from app.core.routing import Router


@dataclass(frozen=True, repr=False)
class SigningKey:
    """One key: its id, what signs, what verifies, and its public form (RFC 7517) if it has one."""

    kid: str
    private: Any
    public: Any
    jwk: dict[str, str] | None = None


@dataclass(frozen=True, repr=False)
class KeyRing:
    """The keys of one algorithm. The first signs; all verify, each known by its `kid`."""

    algorithm: str
    keys: Sequence[SigningKey]

    @property
    def signing(self) -> SigningKey:
        """The key that signs new tokens."""
        return self.keys[0]

    def find(self, kid: str) -> SigningKey | None:
        """Return the accepted key with this id. The id is compared, and never used as a path, a URL or a query."""
        return next((key for key in self.keys if key.kid == kid), None)


@dataclass(frozen=True, kw_only=True)
class Algorithm:
    """A JWS algorithm (RFC 7518, RFC 8037): its name, how a key follows from a root, and the routes it brings."""

    name: str
    derive: Callable[[RootSecret], SigningKey]
    routers: Sequence[Router] = ()

    def key_ring(self, roots: Roots) -> KeyRing:
        """Return the keys for all accepted roots, the signing one first."""
        return KeyRing(self.name, tuple(self.derive(root) for root in roots.accepted()))
