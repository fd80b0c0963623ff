"""Moves the idle limit of a cookie's session while it is used."""

from datetime import timedelta

from sqlalchemy import update

from app.cookies.authenticator import NAME
from app.core.clock import Clock
from app.core.database import Store
from app.core.models import AuthSession
from app.core.principals import Principal
from app.core.sessions import live

_PARTS_OF_IDLE = 30
"""A use is noted once in each such part of the limit: a write at every request would cost more than the request."""


class KeepAlive:
    """Hears of every principal, and notes at times that its session is in use."""

    def __init__(self, store: Store, idle: timedelta, now: Clock) -> None:
        self._store = store
        self._idle = idle
        self._now = now

    async def __call__(self, principal: Principal) -> None:
        now = self._now()
        if principal.carrier != NAME or principal.last_used_at is None:
            return
        if now - principal.last_used_at < self._idle / _PARTS_OF_IDLE:
            return
        mine = (AuthSession.id == principal.session_id, live(now))
        async with self._store.transaction() as db:
            await db.execute(update(AuthSession).where(*mine).values(used_at=now, idle_expires_at=now + self._idle))
