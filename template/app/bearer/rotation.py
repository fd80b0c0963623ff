"""Refresh token rotation (RFC 9700 section 4.14.2).

Each refresh token is spent once. One statement finds and replaces it, so of twenty racing requests exactly one wins;
read-then-write would let several win, or fail as locked. A spent token that comes back means that two parties hold
the family: it ends, and that is committed before the refusal is raised, which would otherwise roll it back.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Row, and_, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.bearer.models import SpentRefreshToken
from app.core.clock import Entropy
from app.core.database import Store
from app.core.models import AuthSession, User
from app.core.sessions import IssuedSession, Lifetimes, end_session, live, new_secret, secret_hash

CARRIER = "bearer"
MOST_REFRESHES = 10_000
"""Refreshes of a login; one more ends it. Each leaves a row, and all of them go in the one statement that deletes it.

It is more than twice what a client needs that refreshes at each end of its access token: 10 minutes, in 30 days.
"""


@dataclass(frozen=True)
class Replayed:
    """A spent token came back. `family_ended` says whether that ended its family.

    It did not within the race window, where nothing is revoked, nor where the family had ended before.
    """

    user_id: UUID
    session_id: UUID
    family_ended: bool


async def rotate(
    store: Store, token: str, *, lifetimes: Lifetimes, race_window: timedelta, now: datetime, entropy: Entropy
) -> IssuedSession | Replayed | None:
    """Spend `token` and return its session with the next one.

    Returns `Replayed` when it was spent before, None when it is unknown, expired, or its account or session is gone.
    None as well for a session that has been refreshed `MOST_REFRESHES` times: it ends.
    """
    spent = secret_hash(CARRIER, token)
    following = new_secret(entropy)
    async with store.transaction() as db:
        session = await _exchange(db, spent, secret_hash(CARRIER, following), lifetimes.idle, now)
        if session is None:
            return await _replay(db, spent, race_window, now)
        if await _has_spent_too_many(db, session.id):
            await end_session(db, session.user_id, session.id, now=now)
            return None
        return IssuedSession(session=session, secret=following)


async def login_of(store: Store, token: str, *, now: datetime) -> Row[tuple[UUID, str | None]] | None:
    """Return `user_id` and `scopes` of the live login whose current token this is. A login's scopes never change.

    Of a spent token nothing is said: `rotate` has to see that it came back.
    """
    mine = (AuthSession.secret_hash == secret_hash(CARRIER, token), AuthSession.carrier == CARRIER, live(now))
    return await store.first(select(AuthSession.user_id, AuthSession.scopes).where(*mine), {})


async def _exchange(
    db: AsyncSession, spent: bytes, following: bytes, idle: timedelta, now: datetime
) -> AuthSession | None:
    active = select(User.id).where(User.id == AuthSession.user_id, User.disabled_at.is_(None)).exists()
    statement = (
        update(AuthSession)
        .where(AuthSession.secret_hash == spent, AuthSession.carrier == CARRIER, live(now), active)
        .values(secret_hash=following, used_at=now, idle_expires_at=now + idle)
        .returning(AuthSession)
        .execution_options(synchronize_session=False)
    )
    session = (await db.scalars(statement)).one_or_none()
    if session is not None:
        await db.execute(insert(SpentRefreshToken).values(token_hash=spent, session_id=session.id, spent_at=now))
    return session


async def _has_spent_too_many(db: AsyncSession, session_id: UUID) -> bool:
    # An index alone can answer, as nothing but its own column is asked for.
    one_too_many = select(SpentRefreshToken.session_id).where(SpentRefreshToken.session_id == session_id)
    return await db.scalar(one_too_many.offset(MOST_REFRESHES).limit(1)) is not None


async def _replay(db: AsyncSession, spent: bytes, race_window: timedelta, now: datetime) -> Replayed | None:
    statement = (
        select(AuthSession, SpentRefreshToken.spent_at)
        .join(SpentRefreshToken, SpentRefreshToken.session_id == AuthSession.id)
        .where(SpentRefreshToken.token_hash == spent)
    )
    found = (await db.execute(statement)).one_or_none()
    if found is None:
        return None
    session, spent_at = found
    # Another process's clock may be ahead of ours: what was spent "later" than now is as near as what was just before.
    is_race = spent_at == session.used_at and abs(now - spent_at) < race_window
    ended = not is_race and await end_session(db, session.user_id, session.id, now=now)
    return Replayed(session.user_id, session.id, family_ended=ended)


async def revoke(store: Store, token: str, *, now: datetime) -> AuthSession | None:
    """End the family of a refresh token, current or spent; return it if it was live (RFC 7009 section 2.1)."""
    hashed = secret_hash(CARRIER, token)
    by_spent = select(SpentRefreshToken.session_id).where(SpentRefreshToken.token_hash == hashed)
    mine = and_(AuthSession.carrier == CARRIER, (AuthSession.secret_hash == hashed) | AuthSession.id.in_(by_spent))
    async with store.transaction() as db:
        session = (await db.scalars(select(AuthSession).where(mine))).one_or_none()
        if session is None or not await end_session(db, session.user_id, session.id, now=now):
            return None
        return session
