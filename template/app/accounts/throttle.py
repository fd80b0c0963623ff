"""Guessing is slowed down per account and network, and stopped per account (SP 800-63B-4 section 3.2.2).

A delay per account alone would let anyone lock the owner out; one per network alone is walked around with many of
them. So both count: from one network the delay grows after the fifth failure; over all networks together the account
closes after 100 to networks without a login of the last 30 days, while the owner's own stay open. Everything stands
in the database, so a restart or a second process forgets nothing. Of an account no more than 1,000 networks are kept
for each action.

Every attempt that names an account is counted, each action by itself: who knows the password does not thereby guess a
second factor without end, nor the other way round.

A failure is counted before the password is looked at and taken back when the login is complete: a hundred guesses
sent at once count as a hundred.
"""

import hmac
import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import ColumnElement, LargeBinary, Select, and_, case, delete, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import LoginThrottle
from app.core.clock import Clock
from app.core.database import Store
from app.core.errors import Problem
from app.core.events import Level, SecurityEvent
from app.core.login import Attempt, Outcome, owner_of

FREE_FAILURES = 5
FIRST_DELAY = timedelta(seconds=30)
LONGEST_DELAY = timedelta(hours=1)
_LONGEST_BELIEVED = 2 * LONGEST_DELAY
"""What ends later was written by a clock that was ahead, and would last for as long. Another machine's clock, or one
that was read before a lock was waited for, differs by much less: it ends no wait."""
MOST_FAILURES = 100
MOST_NETWORKS = 1_000
ALL_NETWORKS = "*"
KEPT_FOR = timedelta(days=30)

_KNOWN = (
    LoginThrottle.action,
    LoginThrottle.network,
    LoginThrottle.failures,
    LoginThrottle.blocked_until,
    LoginThrottle.succeeded_at,
    LoginThrottle.changed_at,
)
_IN_TURN = (LoginThrottle.action, LoginThrottle.network != ALL_NETWORKS)
"""The order in which rows of an account are locked: its own before a network's. Else two would wait for each other."""


@dataclass(frozen=True)
class Blocked:
    """Why an attempt is not looked at, and for how long."""

    event: SecurityEvent
    until: datetime


def delay_after(failures: int) -> timedelta:
    """Return the wait after that many consecutive failures from one network: none, then 30 s, doubling, to an hour."""
    if failures < FREE_FAILURES:
        return timedelta(0)
    doublings = min(failures - FREE_FAILURES, 16)
    return min(FIRST_DELAY * (1 << doublings), LONGEST_DELAY)


class Throttle:
    """Counts failures in `login_throttles`.

    Args:
        store: the database.
        key: hashes addresses; known to the application only.
        now: the clock.
        tell: takes the event when an attempt is not looked at, or when failures are forgotten for an operator.
    """

    def __init__(self, store: Store, key: bytes, now: Clock, tell: Callable[[SecurityEvent], None]) -> None:
        self._store = store
        self._key = key
        self._now = now
        self._tell = tell

    def account_key(self, account: str) -> bytes:
        """Return what stands for an address in the table."""
        return hmac.new(self._key, account.encode(), sha256).digest()

    def _shown(self, account: str) -> str:
        """Return what stands for an address in an event."""
        return self.account_key(account).hex()[:12]

    async def before(self, attempt: Attempt) -> None:
        """Count a failure in advance.

        Raises:
            Problem: 429 with `Retry-After` in seconds, the same whether the account exists or not.
        """
        if attempt.account is None:
            return
        async with self._store.transaction() as db:
            blocked = await self._count(db, attempt.account, attempt)
        if blocked is not None:
            self._tell(blocked.event)
            raise _too_many(blocked.until, self._now())

    async def after(self, attempt: Attempt, outcome: Outcome) -> None:
        """Leave a failure counted, forget all of them after a success, take back what nobody judged.

        Other networks and other actions keep their delays, and so does another account that has the address by now.
        """
        if attempt.account is None or outcome is Outcome.FAILED:
            return
        settle = _forget if outcome is Outcome.SUCCEEDED else _take_back
        now = self._now()
        async with self._store.transaction() as db:
            rows = (await db.scalars(_counted(self.account_key(attempt.account), attempt))).all()
            # Who comes to an address brings failures along, and nobody comes while its rows are locked.
            if await db.scalar(owner_of(attempt.account)) in {None, attempt.owner}:
                for row in rows:
                    settle(row, now)

    async def move_address(self, db: AsyncSession, former: str, account: str) -> None:
        """Take along what is known of an account to its new address, in the transaction that changes it.

        What strangers have counted there in advance goes; what they are counting at this moment adds up with it. Were
        the rest forgotten, a session in the wrong hands could guess the password for ever, with a change of the address
        now and then.
        """
        if former == account:
            return
        await self._lock(db, former, account)
        left, come = (LoginThrottle.account == self.account_key(each) for each in (former, account))
        known = select(literal(self.account_key(account), LargeBinary), *_KNOWN).where(left).order_by(*_IN_TURN)
        names = ["account", *(column.key for column in _KNOWN)]
        await db.execute(delete(LoginThrottle).where(come))
        await db.execute(self._store.kind.insert_or_change(LoginThrottle, _added_up).from_select(names, known))
        await db.execute(delete(LoginThrottle).where(left))

    async def _lock(self, db: AsyncSession, *accounts: str) -> None:
        """Lock all that is known of accounts in the order in which a login does: a statement takes rows as they lie."""
        known = LoginThrottle.account.in_([self.account_key(each) for each in accounts])
        await db.execute(select(LoginThrottle.account).where(known).order_by(*_IN_TURN).with_for_update())

    async def forget_address(self, db: AsyncSession, account: str) -> None:
        """Drop all that is known of an address, in the transaction that gives it into new hands."""
        await self._lock(db, account)
        await db.execute(delete(LoginThrottle).where(LoginThrottle.account == self.account_key(account)))

    async def forget_action(self, db: AsyncSession, account: str, action: str, *, spare: str | None = None) -> None:
        """Drop what is known of tries at one secret of an account, in the transaction that makes a new one.

        Its guessers may be others. What is known of the network `spare` stays.
        """
        rows = [LoginThrottle.account == self.account_key(account), LoginThrottle.action == action]
        if spare is not None:
            rows.append(LoginThrottle.network != spare)
        await self._lock(db, account)
        await db.execute(delete(LoginThrottle).where(*rows))

    async def unlock(self, account: str) -> bool:
        """Forget for an operator every failure against `account`, from anywhere; return whether there was any."""
        counted = (LoginThrottle.account == self.account_key(account), LoginThrottle.failures > 0)
        async with self._store.transaction() as db:
            await self._lock(db, account)
            forgotten = await db.scalars(
                update(LoginThrottle)
                .where(*counted)
                .values(failures=0, blocked_until=None)
                .returning(LoginThrottle.network)
            )
            was_any = bool(forgotten.all())
        if was_any:
            what = ("operator", "unlock", self._shown(account))
            self._tell(SecurityEvent(name="authz_admin", arguments=what, level=Level.WARN))
        return was_any

    async def purge(self) -> int:
        """Delete the rows that no longer count; return how many. An account that closed does not open by waiting."""
        old = LoginThrottle.changed_at < self._now() - KEPT_FOR
        closed = and_(LoginThrottle.network == ALL_NETWORKS, LoginThrottle.failures >= MOST_FAILURES)
        return await self._store.delete_in_batches(LoginThrottle, and_(old, ~closed))

    async def _count(self, db: AsyncSession, address: str, attempt: Attempt) -> Blocked | None:
        now, account = self._now(), self.account_key(address)
        whole, here = await self._rows(db, account, attempt, now)
        if await db.scalar(owner_of(address)) != attempt.owner:
            # Who has left took along what is counted, and could come back to a guess that nothing counts.
            raise _too_many(now, now)
        shown = self._shown(address)
        if here and here.blocked_until is not None and now < here.blocked_until <= now + _LONGEST_BELIEVED:
            why = (shown, str(FREE_FAILURES))
            event = SecurityEvent(name="authn_login_fail_max", arguments=why, level=Level.WARN)
            return Blocked(event, here.blocked_until)
        if here is None or (whole.failures >= MOST_FAILURES and not _is_owners(here, now)):
            why = (shown, f"{MOST_FAILURES}-failures")
            event = SecurityEvent(name="authn_login_lock", arguments=why, level=Level.WARN)
            return Blocked(event, now + LONGEST_DELAY)
        for row in (whole, here):
            row.failures += 1
            row.changed_at = now
        here.blocked_until = now + delay_after(here.failures)
        return None

    async def _rows(
        self, db: AsyncSession, account: bytes, attempt: Attempt, now: datetime
    ) -> tuple[LoginThrottle, LoginThrottle | None]:
        """Return the row of the account and its row for this network, locked until the transaction ends.

        A closed account gets none for a network that nothing is known of: it costs a stranger no hash to be refused.
        """
        wanted = _counted(account, attempt)
        made = {"account": account, "action": attempt.action, "failures": 0, "changed_at": now}
        rows = [{**made, "network": each} for each in (ALL_NETWORKS, attempt.network)]
        # Another process may make them at the same time, or take them along to another address before they are locked.
        while len(found := (await db.scalars(wanted)).all()) < len(rows):
            if found and found[0].network == ALL_NETWORKS:
                if found[0].failures >= MOST_FAILURES:
                    return found[0], None
                await _make_room(db, account, attempt.action)
            await db.execute(self._store.kind.insert_missing(LoginThrottle), rows)
        whole, here = found
        return whole, here


async def _make_room(db: AsyncSession, account: bytes, action: str) -> None:
    """Leave room for one more network of an account, whose own row is locked.

    There is an end to them because a change of the address takes all of them along. Forgotten are those that were
    there longest ago, and last of all those that were logged in from. A guesser gains no guess by it: what counts for
    all networks together stays.
    """
    networks = (
        LoginThrottle.account == account,
        LoginThrottle.action == action,
        LoginThrottle.network != ALL_NETWORKS,
    )
    latest = (LoginThrottle.succeeded_at.is_(None), LoginThrottle.changed_at.desc())
    kept = select(LoginThrottle.network).where(*networks).order_by(*latest).limit(MOST_NETWORKS - 1)
    too_many = delete(LoginThrottle).where(*networks, LoginThrottle.network.not_in(kept))
    await db.execute(too_many, execution_options={"synchronize_session": False})


def _counted(account: bytes, attempt: Attempt) -> Select[LoginThrottle]:
    """Return the statement that locks the row of an account and its row for the network of an attempt."""
    return (
        select(LoginThrottle)
        .filter_by(account=account, action=attempt.action)
        .where(LoginThrottle.network.in_((ALL_NETWORKS, attempt.network)))
        # Always the account's own first: two that lock in different orders would wait for each other.
        .order_by(LoginThrottle.network != ALL_NETWORKS)
        .with_for_update()
    )


def _forget(row: LoginThrottle, now: datetime) -> None:
    """Forget the failures of a row; a network has then been logged in from."""
    row.failures = 0
    if row.network != ALL_NETWORKS:
        row.blocked_until, row.succeeded_at, row.changed_at = None, now, now


def _take_back(row: LoginThrottle, now: datetime) -> None:
    """Uncount one attempt. The wait follows from the failures that stay, so an overload opens nothing."""
    row.failures = max(0, row.failures - 1)
    if row.network != ALL_NETWORKS:
        row.blocked_until = now + delay_after(row.failures)


def _is_owners(here: LoginThrottle, now: datetime) -> bool:
    return here.succeeded_at is not None and here.succeeded_at > now - KEPT_FOR


def _added_up(moved: Any) -> dict[str, Any]:
    """Return what a row holds that was there already when `moved` came: the failures of both, and the longer wait.

    Who has logged in is known from the account that moved alone.
    """
    return {
        "failures": LoginThrottle.failures + moved.failures,
        "changed_at": _later(LoginThrottle.changed_at, moved.changed_at),
        "blocked_until": _later(LoginThrottle.blocked_until, moved.blocked_until),
        "succeeded_at": moved.succeeded_at,
    }


def _later(one: Any, other: Any) -> ColumnElement[datetime]:
    """Return the later of two moments; the one that is there, where the other is NULL."""
    return case((or_(one.is_(None), one < other), other), else_=one)


def _too_many(until: datetime, now: datetime) -> Problem:
    seconds = max(1, math.ceil((until - now).total_seconds()))
    return Problem(429, "too_many_attempts", "Too many failed attempts. Wait.", headers={"Retry-After": str(seconds)})
