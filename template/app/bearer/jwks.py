"""The public keys, for others who verify our tokens (RFC 7517 section 5)."""

from fastapi import Response

from app.bearer.tokens import AccessTokens
from app.core.kernel import CurrentKernel
from app.core.routing import Router
from app.core.types import Answer

MAX_AGE_SECONDS = 300
"""How long verifiers may keep the keys, so how long the next one has to be published before it signs.

`rotate-key` says so and does not wait: when every process has been restarted, only who restarts them knows.
"""

router = Router(tags=["tokens"])


class JwkSet(Answer):
    """A JWK Set: public parts only."""

    keys: list[dict[str, str]]


@router.get("/.well-known/jwks.json", response_model=JwkSet)
@router.head("/.well-known/jwks.json", response_model=JwkSet, operation_id="public_keys_head")
async def public_keys(response: Response, kernel: CurrentKernel) -> JwkSet:
    """Return the keys whose signatures are accepted, the upcoming one among them."""
    tokens = kernel.provided(AccessTokens)
    response.headers["Cache-Control"] = f"public, max-age={MAX_AGE_SECONDS}"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return JwkSet(keys=[key.jwk for key in tokens.keys.keys if key.jwk is not None])
