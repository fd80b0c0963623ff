"""The two tables that every slice may build on: who someone is, and that they are logged in."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Base
from app.core.types import LONGEST_EMAIL

LONGEST_SCOPES = 500


class User(Base):
    """An account. How it proves itself (a password, ...) stands in tables of the slices that check it."""

    __tablename__ = "users"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    email: Mapped[str] = mapped_column(String(LONGEST_EMAIL))
    canonical_email: Mapped[str] = mapped_column(String(2 * LONGEST_EMAIL), unique=True)
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]


class AuthSession(Base):
    """A login that lasts, whatever carries it to the client.

    `secret_hash` covers the carrier's name (see `app.core.sessions.secret_hash`), so that the secret of one carrier
    means nothing to another. `scopes`, when there are any, narrow what it may do. `expires_at` is set
    once and never moves (ASVS V7.3.2); `idle_expires_at` moves with use.
    """

    __tablename__ = "auth_sessions"
    # With the second column, a login walks over no revoked session that `purge` has left.
    __table_args__ = (Index(None, "user_id", "revoked_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    carrier: Mapped[str] = mapped_column(String(20))
    secret_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    methods: Mapped[str] = mapped_column(String(100))
    scopes: Mapped[str | None] = mapped_column(String(LONGEST_SCOPES))
    network: Mapped[str] = mapped_column(String(45))
    user_agent: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]
    authenticated_at: Mapped[datetime]
    used_at: Mapped[datetime]
    idle_expires_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    revoked_at: Mapped[datetime | None]
