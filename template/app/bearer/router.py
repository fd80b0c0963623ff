"""`/auth/token`, `/auth/refresh`, `/auth/revoke`. They are public: each carries its own credential in the body."""

from datetime import datetime
from typing import Any

from fastapi import Request, Response

from app.bearer.carrier import BearerCarrier, Tokens
from app.bearer.foreign_pages import refuse_foreign_page
from app.bearer.oauth import OAuthError, read_form, read_json, required, scopes_in
from app.bearer.rotation import Replayed, login_of, revoke, rotate
from app.bearer.settings import BearerSettings
from app.bearer.tokens import LONGEST_TOKEN, AccessTokens, InvalidTokenError
from app.core.context import current_network
from app.core.errors import MEDIA_TYPE
from app.core.events import Level, SecurityEvent, about
from app.core.kernel import CurrentKernel, Kernel
from app.core.login import InvalidCredentials
from app.core.openapi import problems
from app.core.principals import NothingGrantedError
from app.core.routing import Router, guessable
from app.core.sessions import end_session

LONGEST_PASSWORD_SENT = 1024
LONGEST_ADDRESS_SENT = 320

_VISIBLE = {"type": "string", "pattern": "^[\\x20-\\x7e]*$", "maxLength": LONGEST_TOKEN}
_FIELDS: dict[str, dict[str, Any]] = {
    "grant_type": {"type": "string", "enum": ["password"]},
    "username": {"type": "string", "format": "email", "maxLength": LONGEST_ADDRESS_SENT},
    "password": {"type": "string", "format": "password", "maxLength": LONGEST_PASSWORD_SENT},
    "refresh_token": {"type": "string", "pattern": "^[A-Za-z0-9_-]+$", "maxLength": LONGEST_TOKEN},
    "token": {"type": "string", "pattern": "^[A-Za-z0-9._-]+$", "maxLength": LONGEST_TOKEN},
}
"""What the routes take, for OpenAPI; RFC 6749 appendix A allows the visible characters of ASCII in all the others."""

router = Router(prefix="/auth", tags=["tokens"])


def _body(media_type: str, *needed: str, optional: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return the OpenAPI description of a body that the route reads itself, as the protocol asks."""
    properties = {name: _FIELDS.get(name, _VISIBLE) for name in (*needed, *optional)}
    schema = {"type": "object", "required": list(needed), "properties": properties}
    return {"requestBody": {"required": True, "content": {media_type: {"schema": schema}}}}


_FORM = "application/x-www-form-urlencoded"
_REFUSAL: dict[int | str, dict[str, Any]] = {
    400: {"description": "An error of RFC 6749 section 5.2", "content": {"application/json": {}}}
}


_ASKS_FOR_MORE: dict[int | str, dict[str, Any]] = {
    403: {
        "description": "Something more must be proven, or a page of another origin has sent this",
        "content": {"application/json": {}, MEDIA_TYPE: {}},
    }
}


@router.post(
    "/token",
    response_model=Tokens,
    responses=_REFUSAL | _ASKS_FOR_MORE,
    openapi_extra=_body(_FORM, "grant_type", "username", "password", optional=("scope", "client_id", "client_secret")),
)
@guessable("login")
async def log_in(request: Request, kernel: CurrentKernel) -> Response:
    """Log in with e-mail and password and receive tokens.

    This is a first-party login in the shape of a token request, for this application's own clients. It is no OAuth
    grant for third parties: RFC 9700 section 2.4 rules that one out. `scope` names permissions, with a space between
    two; the tokens then may use those that the account holds, and nothing else.
    """
    form = await read_form(request)
    if required(form, "grant_type", longest=64) != "password":
        raise OAuthError("unsupported_grant_type", "Only the first-party password login is served here")
    username = required(form, "username", longest=LONGEST_ADDRESS_SENT)
    password = required(form, "password", longest=LONGEST_PASSWORD_SENT)
    scopes = scopes_in(form, kernel.permissions)
    try:
        return await kernel.login.with_password(username, password, carrier=BearerCarrier.name, scopes=scopes)
    except InvalidCredentials as refusal:
        raise OAuthError("invalid_grant", refusal.detail) from None
    except NothingGrantedError as refusal:
        raise OAuthError(refusal.code, refusal.detail) from None


@router.post(
    "/refresh",
    response_model=Tokens,
    responses=_REFUSAL,
    openapi_extra=_body("application/json", "refresh_token", optional=("scope",)),
)
@guessable("refresh")
async def refresh(request: Request, kernel: CurrentKernel) -> Response:
    """Exchange a refresh token, once, for a new access token and the next refresh token. It keeps its scopes."""
    body = await read_json(request)
    token = required(body, "refresh_token", longest=LONGEST_TOKEN)
    scopes = scopes_in(body, kernel.permissions)
    settings = kernel.provided(BearerSettings)
    now = kernel.now()
    try:
        async with kernel.login.attempt("refresh"):
            scope = await _scope_of(kernel, token, scopes, now)
            outcome = await rotate(
                kernel.store,
                token,
                lifetimes=settings.refresh_lifetimes,
                race_window=settings.race_window,
                now=now,
                entropy=kernel.entropy,
            )
            if outcome is None or isinstance(outcome, Replayed):
                _tell_of_refusal(kernel, outcome)
                raise OAuthError("invalid_grant", "The refresh token is invalid, expired or spent")
    except NothingGrantedError as refusal:
        raise OAuthError(refusal.code, refusal.detail) from None
    kernel.tell(about(outcome.session.user_id, "session_renewed", str(outcome.session.id)))
    return await kernel.login.carriers[BearerCarrier.name].deliver(outcome, scope)


async def _scope_of(kernel: Kernel, token: str, asked: frozenset[str] | None, now: datetime) -> str | None:
    """Return the scope for the next tokens; None where their login is not narrowed, or `token` buys none at `now`.

    It is asked for once, before `token` is spent: who is refused goes on with it once the account holds a scope again.

    Raises:
        OAuthError: `invalid_scope`, the login has other scopes than `asked`.
        NothingGrantedError: the account holds none of them.
    """
    login = await login_of(kernel.store, token, now=now)
    if login is None:
        return None
    if asked is not None and login.scopes != " ".join(sorted(asked)):
        # A client that asked for less and was not told would hand on more than it meant to (RFC 6749 section 6).
        raise OAuthError("invalid_scope", "A refresh keeps the scopes of its login")
    if login.scopes is None:
        return None
    await kernel.prepared()
    async with kernel.store.reading() as db:
        return await kernel.principals.granted(db, login.user_id, login.scopes.split())


def _tell_of_refusal(kernel: Kernel, outcome: Replayed | None) -> None:
    if outcome is None:
        # It may be made up, so anybody can send one.
        what = ("unknown", current_network())
        kernel.tell_seldom(SecurityEvent(name="session_use_after_expire", arguments=what, level=Level.WARN))
        return
    level = Level.CRITICAL if outcome.family_ended else Level.WARN
    kernel.tell(about(outcome.user_id, "authn_token_reuse", str(outcome.session_id), level=level))


@router.post(
    "/revoke",
    status_code=200,
    responses=_REFUSAL | problems(403),
    openapi_extra=_body(_FORM, "token", optional=("token_type_hint",)),
)
@guessable("revoke")
async def revoke_token(request: Request, kernel: CurrentKernel) -> Response:
    """End the session of an access or refresh token (RFC 7009). The answer says nothing of whether there was one."""
    refuse_foreign_page(request.scope, kernel)
    token = required(await read_form(request), "token", longest=LONGEST_TOKEN)
    session = await revoke(kernel.store, token, now=kernel.now())
    if session is not None:
        kernel.tell(about(session.user_id, "authn_token_revoked", str(session.id)))
    else:
        await _revoke_access_token(kernel, token)
    return Response(status_code=200, headers={"Cache-Control": "no-store"})


async def _revoke_access_token(kernel: Kernel, token: str) -> None:
    try:
        said = kernel.provided(AccessTokens).check(token)
    except InvalidTokenError:
        return
    async with kernel.store.transaction() as db:
        if await end_session(db, said.user_id, said.session_id, now=kernel.now()):
            kernel.tell(about(said.user_id, "authn_token_revoked", str(said.session_id)))
