"""The login pipeline: one way in, whoever proves what.

Slices add to it and never replace it: a throttle before the password is looked at, a second factor after it, a carrier
at the end. So no path around one of them can appear by accident (ASVS V6.3.4).
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from http import HTTPStatus
from typing import Protocol
from uuid import UUID

from fastapi import Response
from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import Clock, Entropy
from app.core.context import current_network
from app.core.database import Store, writing
from app.core.errors import Problem
from app.core.events import Level, SecurityEvent, about
from app.core.models import User
from app.core.principals import NothingGrantedError, Principals
from app.core.sessions import IssuedSession, Lifetimes, end_session, lock_account, open_session
from app.core.types import canonical_email

LOGIN = "login"
"""The action of trying a password, wherever it is asked for."""


class Outcome(Enum):
    """How an attempt ended.

    Not judged are a right guess that more is asked for before a session is issued, or that asks for scopes of which the
    account holds none, and one that an overload or a defect broke off: none of them says that somebody guesses.
    """

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    NOT_JUDGED = "not judged"


class InvalidCredentials(Problem):
    """The one answer to a login that failed, for whatever reason (ASVS V6.3.8).

    A route that answers with it adds the `challenge` of its carrier, which a 401 must have (RFC 9110 section 15.5.2).
    """

    def __init__(self, challenge: str = "") -> None:
        headers = {"WWW-Authenticate": challenge} if challenge else None
        super().__init__(401, "invalid_credentials", "The address or the password is wrong.", headers=headers)


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """Something that can be guessed is being tried: what, against which account, from where.

    Tries at one secret have the same action, and no others: their failures count together, and a success forgives them.
    `owner` is whose address `account` was when the attempt began, or who was let in: by its end it may be another's.
    """

    action: str
    network: str
    account: str | None = None
    owner: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class Proof:
    """The account that a password opens, and since when it has been that password."""

    user_id: UUID
    since: datetime


@dataclass(frozen=True, kw_only=True)
class Proven:
    """Who has proven to be who, by which methods (RFC 8176), and the session this login takes the place of.

    `scopes` narrow what the session may do. `since` is that of the first proof: a step sees by it whether the proof was
    replaced while the login went on. `account` is the canonical address that was guessed at, if one was.
    """

    user_id: UUID
    methods: tuple[str, ...]
    since: datetime | None = None
    account: str | None = None
    replaces: UUID | None = None
    scopes: frozenset[str] | None = None


@dataclass(frozen=True, kw_only=True)
class Challenge:
    """Something more that must be proven before a session is issued."""

    method: str


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A session just opened, and what of its scopes the account holds: None where it is not narrowed."""

    issued: IssuedSession
    scope: str | None


class Carrier(Protocol):
    """Hands a session, or a challenge with the ticket to answer it, to the client."""

    name: str
    lifetimes: Lifetimes

    def refuse_forged(self) -> None:
        """Look at the request being answered before a login begins, whatever route it is for.

        Raises:
            Problem: 403, another site may have made the client send it, to log in as somebody else or to guess.
        """

    async def deliver(self, issued: IssuedSession, scope: str | None) -> Response:
        """Return the answer that carries a session just issued.

        `scope` is what of the session's scopes its account holds, None where the session is not narrowed.
        """

    async def deliver_challenge(self, challenge: Challenge, proven: Proven) -> Response:
        """Return the answer that asks for more, with a ticket for it and no session.

        Raises:
            Problem: 403, where this carrier cannot ask. Asking or not, it is no failed guess.
        """

    def parting_headers(self) -> Mapping[str, str]:
        """Return what an answer says to a client whose session it has ended."""


Before = Callable[[Attempt], Awaitable[None]]
"""Runs before a guess is looked at; raises a `Problem` to refuse it."""

After = Callable[[Attempt, Outcome], Awaitable[None]]
"""Runs when an attempt is over. A login has succeeded when a session was issued."""

CheckPassword = Callable[[str, str], Awaitable[Proof | None]]
"""Takes an address and a password; returns the account with this address if they open it.

Does the same work whether or not it exists.
"""

MakeAccount = Callable[[str, str], Awaitable[User]]
"""Makes an account of an address and a password; raises a `Problem` where either will not do."""

Leave = Callable[[AsyncSession, UUID], Awaitable[None]]
"""Runs in the transaction that is about to delete or disable an account; raises a `Problem` to refuse."""

Step = Callable[[AsyncSession, Proven], Awaitable[Challenge | None]]
"""Looks at what has been proven; returns what is still missing. Raises a `Problem` to refuse."""


def owner_of(account: str) -> Select[UUID]:
    """Return the statement that asks whose canonical address `account` is."""
    return select(User.id).where(User.canonical_email == account)


async def _no_account(_address: str, _password: str) -> User:
    raise Problem(403, "no_accounts", "No account can be made here.")


async def _no_password(_address: str, _password: str) -> Proof | None:
    return None


class Login:
    """The pipeline. `before` and `after` guard every guess; `steps` follow the first proof; a carrier ends it.

    `leaving` is asked before an account goes.
    """

    def __init__(
        self, store: Store, now: Clock, entropy: Entropy, principals: Principals, tell: Callable[[SecurityEvent], None]
    ) -> None:
        self.check_password: CheckPassword = _no_password
        self.make_account: MakeAccount = _no_account
        self.leaving: list[Leave] = []
        self.before: list[Before] = []
        self.after: list[After] = []
        self.steps: list[Step] = []
        self.carriers: dict[str, Carrier] = {}
        self._store = store
        self._now = now
        self._entropy = entropy
        self._principals = principals
        self._tell = tell

    @asynccontextmanager
    async def attempt(self, action: str, account: str | None = None) -> AsyncGenerator[Attempt]:
        """Guard one guess: `async with login.attempt("totp", address): ...`.

        A refusal that leaves the block is a failure, but for `NothingGrantedError`: it and any other exception mean
        that nobody judged the guess. Refuse within the block: to leave it quietly is a success, which forgives all
        failures before it.
        Judge the account `owner` of what is yielded, and no other that has the address by then: it has shed what was
        counted there, so a guess at it would be free.
        Before the block and after it attempts are counted in transactions of their own. Use a route's `db` only when it
        is over: where one writer locks the whole database they would wait for `db` until its timeout, which is a 503.
        """
        attempt = await self._begin(action, account)
        async with self._judged(attempt):
            yield attempt
        await self._over(attempt, Outcome.SUCCEEDED)

    async def with_password(
        self,
        address: str,
        password: str,
        *,
        carrier: str,
        replaces: UUID | None = None,
        scopes: frozenset[str] | None = None,
    ) -> Response:
        """Log in with a password and return the carrier's answer. `scopes` narrow what the session may do.

        Raises:
            InvalidCredentials: the same whether the account exists or not.
            NothingGrantedError: the account holds none of `scopes`.
            Problem: 403 for a request that another site may have sent, and where more is asked for than `carrier` can
                ask; 429 while a hook of `before` lets nobody try, 503 while too many passwords wait to be looked at.
        """
        self.carriers[carrier].refuse_forged()
        account = canonical_email(address)
        # Not `attempt`: a login succeeds when a session is issued, and a challenge may come first.
        attempt = await self._begin(LOGIN, account)
        async with self._judged(attempt):
            proof = await self.check_password(account, password)
            if proof is None:
                raise InvalidCredentials
            if proof.user_id != attempt.owner:
                # The account has come to the address since, and shed what was counted there: this guess would be free.
                self._tell(about(proof.user_id, "authn_login_fail", level=Level.WARN))
                raise InvalidCredentials
            proven = Proven(
                user_id=proof.user_id,
                methods=("pwd",),
                since=proof.since,
                account=account,
                replaces=replaces,
                scopes=scopes,
            )
            reached = await self._go_on(proven, carrier)
        if isinstance(reached, Challenge):
            await self._over(attempt, Outcome.NOT_JUDGED)
        return await self._deliver(reached, proven, carrier)

    async def proceed(self, proven: Proven, *, carrier: str) -> Response:
        """Go on with what is proven: ask for more, or issue the session. Any first proof enters here.

        Whose account was disabled meanwhile, or has gone, is refused like everyone else. With scopes of which the
        account holds none, no session is opened that nobody could use.

        Raises:
            Problem: 403 for a request that another site may have sent, beside what a step refuses with.
        """
        self.carriers[carrier].refuse_forged()
        return await self._deliver(await self._go_on(proven, carrier), proven, carrier)

    async def resume(self, proven: Proven, method: str, *, carrier: str) -> Response:
        """Go on after a challenge was met by `method`."""
        return await self.proceed(replace(proven, methods=(*proven.methods, method)), carrier=carrier)

    async def _go_on(self, proven: Proven, carrier: str) -> Challenge | Opened:
        """Return what is still missing, or the session that was opened. Raises: Problem, of a step or its own."""
        await self._principals.prepared()
        async with self._store.transaction() as db:
            account = await lock_account(db, proven.user_id)
            if account is None or account.disabled_at is not None:
                self._tell(about(proven.user_id, "authn_login_fail", level=Level.WARN))
                raise InvalidCredentials
            for step in self.steps:
                challenge = await step(db, proven)
                if challenge is not None:
                    return challenge
            # Only now: neither a right that has just gone nor somebody who cannot meet a challenge gets a word of it.
            scope = await self._scope_of(db, proven)
            return Opened(issued=await self._issue(db, proven, self.carriers[carrier]), scope=scope)

    async def _deliver(self, reached: Challenge | Opened, proven: Proven, carrier: str) -> Response:
        """Return the carrier's answer, with no transaction open. A login has succeeded when a session was issued."""
        chosen = self.carriers[carrier]
        if isinstance(reached, Challenge):
            return await chosen.deliver_challenge(reached, proven)
        if proven.account is not None:
            network = current_network()
            attempt = Attempt(action=LOGIN, network=network, account=proven.account, owner=proven.user_id)
            await self._over(attempt, Outcome.SUCCEEDED)
        self._tell(about(proven.user_id, "authn_login_success"))
        how = (str(reached.issued.session.id), carrier, "+".join(proven.methods))
        self._tell(about(proven.user_id, "session_created", *how))
        return await chosen.deliver(reached.issued, reached.scope)

    def parting_headers(self, carrier: str) -> Mapping[str, str]:
        """Return what an answer says to a client whose session, carried by `carrier`, it has ended."""
        known = self.carriers.get(carrier)
        return {} if known is None else known.parting_headers()

    async def _scope_of(self, db: AsyncSession, proven: Proven) -> str | None:
        if proven.scopes is None:
            return None
        try:
            return await self._principals.granted(db, proven.user_id, proven.scopes)
        except NothingGrantedError:
            asked = " ".join(sorted(proven.scopes))
            self._tell(about(proven.user_id, "authz_fail", asked, level=Level.CRITICAL))
            raise

    async def _issue(self, db: AsyncSession, proven: Proven, carrier: Carrier) -> IssuedSession:
        now = self._now()
        if proven.replaces is not None and not await end_session(db, proven.user_id, proven.replaces, now=now):
            # It ended while the password was being verified; a new one must not outlive that.
            raise InvalidCredentials
        return await open_session(
            db,
            proven.user_id,
            carrier=carrier.name,
            methods=proven.methods,
            scopes=proven.scopes,
            lifetimes=carrier.lifetimes,
            now=now,
            entropy=self._entropy,
        )

    async def _begin(self, action: str, account: str | None) -> Attempt:
        # In another spelling of its address an account would be guessed at anew.
        canonical = None if account is None else canonical_email(account)
        # Before anything is counted: who comes to the address in between is nobody to forgive.
        found = None if canonical is None else await self._store.first(owner_of(canonical), {})
        owner = None if found is None else found.id
        attempt = Attempt(action=action, network=current_network(), account=canonical, owner=owner)
        # Also where a route only reads: to leave a guess uncounted would be worse.
        with writing(allowed=True):
            for hook in self.before:
                await hook(attempt)
        return attempt

    @asynccontextmanager
    async def _judged(self, attempt: Attempt) -> AsyncGenerator[None]:
        try:
            yield
        except NothingGrantedError:
            await self._over(attempt, Outcome.NOT_JUDGED)
            raise
        except Exception as error:
            refused = isinstance(error, Problem) and error.status_code < HTTPStatus.INTERNAL_SERVER_ERROR
            await self._over(attempt, Outcome.FAILED if refused else Outcome.NOT_JUDGED)
            raise

    async def _over(self, attempt: Attempt, outcome: Outcome) -> None:
        with writing(allowed=True):
            for hook in self.after:
                await hook(attempt, outcome)
