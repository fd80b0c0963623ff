"""Who is asking: the one way from a credential to a principal, in one SQL statement."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request
from sqlalchemy import ColumnElement, Executable, null, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.authenticator import Authenticator
from app.core.clock import Clock
from app.core.database import Store, writing
from app.core.errors import Problem
from app.core.events import Level, about
from app.core.models import AuthSession, User
from app.core.sessions import live, lock_account

_OF_SESSION = ("id", "authenticated_at", "used_at", "methods", "scopes")


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Someone whose credential has just been checked against the database.

    `permissions` are what the account may do now; `scopes`, when a credential carries any, can only narrow them. Such a
    principal reaches routes that ask for a permission, and of the others those that take `AnyScope`.
    """

    user_id: UUID
    email: str
    registered_at: datetime
    carrier: str
    session_id: UUID | None = None
    authenticated_at: datetime | None = None
    last_used_at: datetime | None = None
    methods: tuple[str, ...] = ()
    permissions: frozenset[str] = frozenset()
    scopes: frozenset[str] | None = None

    def may(self, permission: str) -> bool:
        """Return whether this principal holds `permission`, within the scopes of its credential."""
        return permission in self.permissions and (self.scopes is None or permission in self.scopes)


@dataclass(frozen=True)
class Facet:
    """One more field of every principal, fetched in the same statement.

    `field` is a field of `Principal` with a harmless default, `column` a scalar subquery correlated with `User`.
    """

    field: str
    column: ColumnElement[Any]
    decode: Callable[[Any], Any]


class NothingGrantedError(Problem):
    """An account holds nothing of what was asked for, and no scope says "nothing" (RFC 6749 section 3.3).

    To leave the scope out instead would say the opposite: a token without one is good for all that the account may.
    """

    def __init__(self) -> None:
        super().__init__(400, "invalid_scope", "The account holds none of these scopes.")


Seen = Callable[[Principal], Awaitable[None]]
"""Hears of every principal, after the one statement that found it."""


class Principals:
    """Asks every authenticator, and turns the one credential of a request into a principal."""

    def __init__(self, store: Store, now: Clock, prepared: Callable[[], Awaitable[None]]) -> None:
        self.authenticators: list[Authenticator] = []
        self.facets: list[Facet] = []
        self.seen: list[Seen] = []
        self.defaults: dict[str, Any] = {}
        self._store = store
        self._now = now
        self.prepared = prepared
        self._statements: dict[str, Executable] = {}

    def finish(self) -> None:
        """Build the statements, once; every slice has been installed by now."""
        self._statements = {each.name: self._statement(each) for each in self.authenticators}

    def _statement(self, authenticator: Authenticator) -> Executable:
        source: Any = authenticator.source
        columns: list[Any] = [User.id, User.email, User.created_at]
        if source is AuthSession:
            columns += [getattr(AuthSession, name) for name in _OF_SESSION]
        else:
            columns += [null() for _ in _OF_SESSION]
        columns += [facet.column.label(facet.field) for facet in self.facets]
        statement = select(*columns).join_from(source, User, source.user_id == User.id)
        return statement.where(authenticator.match, User.disabled_at.is_(None))

    async def authenticate(self, request: Request) -> Principal:
        """Return the principal of `request`.

        Raises:
            Problem: 401 without a credential or with a bad one, 400 with two (RFC 6750 section 2), 403 when its scopes
                let it nowhere near this route.
        """
        authenticator, parameters = await self._only_credential(request)
        await self.prepared()
        row = await self._store.first(self._statements[authenticator.name], {**parameters, "now": self._now()})
        if row is None:
            raise authenticator.refusal(request)
        principal = self._principal(authenticator, row)
        for hears in self.seen:
            await hears(principal)
        if principal.scopes is not None and not getattr(request.scope.get("route"), "takes_any_scope", False):
            raise beyond_scopes(request, principal)
        return principal

    async def lock_account_of(self, db: AsyncSession, principal: Principal) -> User:
        """Lock the account of `principal`, as `lock_account` does, and return it as it is then.

        A request may be authenticated and then wait for this lock, while who holds it ends the session. What it asks
        for in the name of that session must not happen any more (ASVS V7.4.1).

        Raises:
            Problem: 401, the session has ended meanwhile, or the account has gone or was disabled.
        """
        user = await lock_account(db, principal.user_id)
        if user is None or user.disabled_at is not None or not await self._is_live(db, principal.session_id):
            raise self.unauthenticated()
        return user

    async def _is_live(self, db: AsyncSession, session_id: UUID | None) -> bool:
        """Return whether a session counts, or None, which a credential has that needs no session.

        It is read after the account was locked: by the same statement it would be what it was before.
        """
        if session_id is None:
            return True
        mine = select(AuthSession.id).where(AuthSession.id == session_id, live(self._now()))
        return await db.scalar(mine) is not None

    async def permissions_of(self, db: AsyncSession, user_id: UUID) -> frozenset[str]:
        """Return what an account may, whatever its credentials narrow; nothing when it has gone or is disabled.

        `prepared` must have been awaited, and not within `db`: it opens a transaction of its own.
        """
        columns = (facet.column for facet in self.facets)
        statement = select(User.id, *columns).where(User.id == user_id, User.disabled_at.is_(None))
        row = (await db.execute(statement)).first()
        return frozenset() if row is None else self._of_slices(row[1:])["permissions"]

    async def granted(self, db: AsyncSession, user_id: UUID, scopes: Collection[str]) -> str:
        """Return those of `scopes` that an account holds, in order, with a space between two.

        Raises:
            NothingGrantedError: it holds none of them.
        """
        held = await self.permissions_of(db, user_id)
        granted = " ".join(sorted(scope for scope in scopes if scope in held))
        if not granted:
            raise NothingGrantedError
        return granted

    async def _only_credential(self, request: Request) -> tuple[Authenticator, Mapping[str, Any]]:
        presented = []
        for authenticator in self.authenticators:
            parameters = await authenticator.read(request)
            if parameters is not None:
                presented.append((authenticator, parameters))
        if not presented:
            raise self.unauthenticated()
        if len(presented) > 1:
            raise Problem(400, "two_credentials", "Send one credential, not several.")
        return presented[0]

    def unauthenticated(self) -> Problem:
        """Return the 401 for a request without a credential: it names the schemes and no error (RFC 6750 section 3)."""
        challenges = ", ".join(each.challenge() for each in self.authenticators)
        return Problem(401, "not_authenticated", "Log in first.", headers={"WWW-Authenticate": challenges})

    def challenge(self, principal: Principal, **parameters: str) -> dict[str, str]:
        """Return the header that says what the credential of `principal` lacks."""
        (authenticator,) = [each for each in self.authenticators if each.name == principal.carrier]
        return {"WWW-Authenticate": authenticator.challenge(**parameters)}

    def _principal(self, authenticator: Authenticator, row: Any) -> Principal:
        user_id, email, registered_at, session_id, authenticated_at, used_at, methods, scopes, *facets = row
        narrowed = None if scopes is None else frozenset(scopes.split())
        fields: dict[str, Any] = {"scopes": narrowed, **self._of_slices(facets)}
        return Principal(
            user_id=user_id,
            email=email,
            registered_at=registered_at,
            carrier=authenticator.name,
            session_id=session_id,
            authenticated_at=authenticated_at,
            last_used_at=used_at,
            methods=tuple((methods or "").split()),
            **fields,
        )

    def _of_slices(self, values: Sequence[Any]) -> dict[str, Any]:
        """Return the fields that slices add, from what their columns hold."""
        read = {facet.field: facet.decode(value) for facet, value in zip(self.facets, values, strict=True)}
        return {**self.defaults, **read}


async def current_principal(request: Request) -> Principal:
    """Return the principal that the route was opened for, authenticating here if the route is public."""
    principal = getattr(request.state, "principal", None)
    if isinstance(principal, Principal):
        return principal
    # Also where a route only reads: that a session is in use is noted by the way.
    with writing(allowed=True):
        authenticated: Principal = await request.app.state.kernel.principals.authenticate(request)
    return authenticated


CurrentUser = Annotated[Principal, Depends(current_principal)]
"""`user: CurrentUser` in a signature: someone is logged in, and this is who."""


async def any_principal(principal: CurrentUser) -> Principal:
    """Return the principal, whatever its scopes are."""
    return principal


any_principal.takes_any_scope = True  # type: ignore[attr-defined]

AnyScope = Annotated[Principal, Depends(any_principal)]
"""`user: AnyScope`: as `CurrentUser`, and a session narrowed by scopes is let in too, though they do not name this.

Closed without it, because what needs no permission is what an owner does with the account: a token made to read notes
would otherwise change the address, end other logins, or make itself a credential that is not narrowed.
"""


async def recent_principal(request: Request, principal: CurrentUser) -> Principal:
    """Return the principal if its login is recent.

    Raises:
        Problem: 401 `insufficient_user_authentication` with `max_age` in seconds (RFC 9470 section 3).
    """
    kernel = request.app.state.kernel
    within = kernel.core.reauthenticate_within_seconds
    at = principal.authenticated_at
    if at is not None and (kernel.now() - at).total_seconds() <= within:
        return principal
    kernel.tell(about(principal.user_id, "authz_fail", request.scope["route"].path, level=Level.WARN))
    raise Problem(
        401,
        "insufficient_user_authentication",
        "This needs a recent login: POST /auth/reauthenticate.",
        headers=kernel.principals.challenge(
            principal,
            error="insufficient_user_authentication",
            error_description="A more recent login is needed",
            max_age=str(within),
        ),
        hint="REAUTHENTICATE_WITHIN_SECONDS",
    )


RecentlyAuthenticated = Annotated[Principal, Depends(recent_principal)]
"""`user: RecentlyAuthenticated`: as `CurrentUser`, with a login at most `REAUTHENTICATE_WITHIN_SECONDS` old."""


def Requires(permission: str, *more: str, recent: bool = False) -> Any:  # noqa: N802 - reads as a type in a signature
    """Turn permissions, all of which are needed, into a dependency.

    `recent` asks for a login as `RecentlyAuthenticated` has it, too.
    In a signature: `reader: Annotated[Principal, Requires("notes:read")]`.
    Without one of them it answers 403 `insufficient_scope` and names it (RFC 6750 section 3.1). Who is to log in
    again is told so first: a 401 comes before a 403.
    """
    permissions = (permission, *more)

    async def holder(request: Request, principal: CurrentUser) -> Principal:
        if recent:
            await recent_principal(request, principal)
        for each in permissions:
            if not principal.may(each):
                raise _without(each, request, principal)
        return principal

    holder.permissions = permissions  # type: ignore[attr-defined]
    holder.takes_any_scope = True  # type: ignore[attr-defined]
    return Depends(holder)


def _without(permission: str, request: Request, principal: Principal) -> Problem:
    kernel = request.app.state.kernel
    kernel.tell(about(principal.user_id, "authz_fail", permission, level=Level.CRITICAL))
    headers = kernel.principals.challenge(principal, error="insufficient_scope", scope=permission)
    return Problem(403, "insufficient_scope", f"This needs the permission {permission}.", headers=headers)


def beyond_scopes(request: Request, principal: Principal) -> Problem:
    """Return the 403 for a route that asks for no permission, so that no scope could name it."""
    kernel = request.app.state.kernel
    route = request.scope.get("route")
    kernel.tell(about(principal.user_id, "authz_fail", getattr(route, "path", "unknown"), level=Level.CRITICAL))
    said = "This is not open to a session with scopes"
    headers = kernel.principals.challenge(principal, error="insufficient_scope", error_description=said)
    return Problem(403, "insufficient_scope", f"{said}.", headers=headers)


def challenge_of(scheme: str, **parameters: str) -> str:
    """Return a challenge as `WWW-Authenticate` has it: the scheme, then its parameters, quoted."""
    said = ", ".join(f'{name}="{value}"' for name, value in parameters.items())
    return f"{scheme} {said}".rstrip()
