"""Logins that last: opened, looked up and ended here, whatever carries them to the client."""

import base64
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, and_, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import Entropy
from app.core.context import current_network, current_request
from app.core.models import AuthSession, User

SECRET_BYTES = 32
MOST_SESSIONS = 20
"""Logins an account can have at a time; one more ends the one unused for longest (ASVS V7.1.2)."""


@dataclass(frozen=True, kw_only=True)
class Lifetimes:
    """How long a login lasts: `idle` since its last use, `absolute` since it was opened."""

    idle: timedelta
    absolute: timedelta


@dataclass(frozen=True, kw_only=True)
class IssuedSession:
    """A session just opened, with the one copy of its secret. Only the hash of the secret is stored."""

    session: AuthSession
    secret: str


def new_secret(entropy: Entropy) -> str:
    """Return a session secret: 256 bits, URL-safe, without padding (ASVS V7.2.3)."""
    return base64.urlsafe_b64encode(entropy(SECRET_BYTES)).rstrip(b"=").decode()


def secret_hash(carrier: str, secret: str) -> bytes:
    """Return what is stored for `secret`. The carrier is hashed with it, so no other carrier can present it.

    A fast hash is right here: the secret has 256 random bits, so there is nothing to guess.
    """
    return hashlib.sha256(f"{carrier}\0{secret}".encode()).digest()


async def lock_account(db: AsyncSession, user_id: UUID) -> User | None:
    """Make others who are about to change this account, its rights or its sessions wait for this transaction.

    Return the account as it is then, or None when it has gone. A login takes this lock before it opens a session, so
    whoever ends all sessions under it ends those of logins that were under way, too. Before somebody who is
    logged in changes an account, its rights or its sessions, `Principals.lock_account_of` takes it.
    """
    mine = select(User).where(User.id == user_id).with_for_update(key_share=True)
    user: User | None = await db.scalar(mine.execution_options(populate_existing=True))
    return user


async def open_session(
    db: AsyncSession,
    user_id: UUID,
    *,
    carrier: str,
    methods: Sequence[str],
    scopes: Iterable[str] | None = None,
    lifetimes: Lifetimes,
    now: datetime,
    entropy: Entropy,
) -> IssuedSession:
    """Store a new session of `user_id` and return it with its secret. Older ones over the limit end.

    `scopes` narrow what it may do; None leaves everything that the account may do.
    """
    request = current_request()
    secret = new_secret(entropy)
    session = AuthSession(
        id=uuid4(),
        user_id=user_id,
        carrier=carrier,
        secret_hash=secret_hash(carrier, secret),
        methods=" ".join(methods),
        scopes=None if scopes is None else " ".join(sorted(scopes)),
        network=current_network(),
        user_agent=request.user_agent if request else "",
        created_at=now,
        authenticated_at=now,
        used_at=now,
        idle_expires_at=min(now + lifetimes.idle, now + lifetimes.absolute),
        expires_at=now + lifetimes.absolute,
    )
    db.add(session)
    await db.flush()
    await _end_those_over_the_limit(db, user_id, now)
    return IssuedSession(session=session, secret=secret)


async def _end_those_over_the_limit(db: AsyncSession, user_id: UUID, now: datetime) -> None:
    newest_first = (AuthSession.used_at.desc(), AuthSession.created_at.desc(), AuthSession.id)
    surplus = (
        select(AuthSession.id).where(_open(user_id, now)).order_by(*newest_first).offset(MOST_SESSIONS).limit(1000)
    )
    ids = (await db.scalars(surplus)).all()
    if ids:
        await db.execute(update(AuthSession).where(AuthSession.id.in_(ids)).values(revoked_at=now))


def live(now: datetime | None = None) -> ColumnElement[bool]:
    """Return the condition under which a session counts: at `now`, or at the bind parameter `now`."""
    moment = bindparam("now") if now is None else now
    return and_(AuthSession.revoked_at.is_(None), AuthSession.idle_expires_at > moment, AuthSession.expires_at > moment)


def _open(user_id: UUID, now: datetime) -> ColumnElement[bool]:
    return and_(AuthSession.user_id == user_id, live(now))


async def list_sessions(db: AsyncSession, user_id: UUID, *, now: datetime) -> Sequence[AuthSession]:
    """Return the live sessions of `user_id`, the one used last first."""
    statement = select(AuthSession).where(_open(user_id, now)).order_by(AuthSession.used_at.desc(), AuthSession.id)
    return (await db.scalars(statement)).all()


async def end_session(db: AsyncSession, user_id: UUID, session_id: UUID, *, now: datetime) -> bool:
    """End one session of `user_id`; return whether it was one and live."""
    return await _end(db, and_(_open(user_id, now), AuthSession.id == session_id), now) > 0


async def end_session_of(db: AsyncSession, carrier: str, secret: str, *, now: datetime) -> bool:
    """End the session with this secret, whoever's it is; return whether it was one and live."""
    return await _end(db, and_(AuthSession.secret_hash == secret_hash(carrier, secret), live(now)), now) > 0


async def end_all_sessions(db: AsyncSession, user_id: UUID, *, now: datetime, spare: UUID | None = None) -> int:
    """End every session of `user_id` but `spare`; return how many."""
    which = _open(user_id, now)
    return await _end(db, which if spare is None else and_(which, AuthSession.id != spare), now)


async def _end(db: AsyncSession, which: ColumnElement[bool], now: datetime) -> int:
    ended = await db.scalars(update(AuthSession).where(which).values(revoked_at=now).returning(AuthSession.id))
    return len(ended.all())
