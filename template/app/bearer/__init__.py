"""Bearer tokens: short-lived JWT access tokens (RFC 9068) and refresh tokens that rotate (RFC 9700).

Threats: forged, foreign, confused and replayed tokens (RFC 8725), a stolen refresh token that lives for ever, and pages
elsewhere that guess at a password with their visitors' addresses. An access token is checked against its session at
each request, so ending a session acts at once.

Remove it: only together with another carrier; without one nobody can log in.
"""

from functools import partial

from app.bearer import rotation_command, router
from app.bearer.algorithm import Algorithm
from app.bearer.authenticator import BearerAuthenticator
from app.bearer.carrier import BearerCarrier
from app.bearer.settings import BearerSettings
from app.bearer.tokens import AccessTokens
from app.core.kernel import Kernel
from app.core.slices import Slice


def install(kernel: Kernel, settings: BearerSettings, *, algorithm: Algorithm) -> None:
    """Accept access tokens, hand them out at login, and serve the token routes."""
    tokens = AccessTokens(
        keys=algorithm.key_ring(kernel.core.roots),
        issuer=settings.issuer,
        audience=settings.audience or kernel.name,
        lifetime=settings.access_lifetime,
        now=kernel.now,
        entropy=kernel.entropy,
    )
    kernel.principals.authenticators.append(BearerAuthenticator(tokens, kernel.permissions))
    kernel.login.carriers[BearerCarrier.name] = BearerCarrier(kernel, tokens, settings.refresh_lifetimes)
    kernel.request_headers.add("Authorization")
    kernel.provide(AccessTokens, tokens)
    kernel.provide(BearerSettings, settings)
    kernel.mount(router.router, public=True)
    for each in algorithm.routers:
        kernel.mount(each, public=True)


def signed_with(algorithm: Algorithm) -> Slice:
    """Return the slice that signs access tokens with `algorithm`."""
    return Slice(
        name="bearer",
        install=partial(install, algorithm=algorithm),
        settings=BearerSettings,
        commands=(rotation_command.COMMAND,),
    )
