"""What only this slice knows of an account: its password, and who has been guessing it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Base


class PasswordCredential(Base):
    """The password of an account. An account without a row here cannot log in with one."""

    __tablename__ = "password_credentials"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    encoded_hash: Mapped[str] = mapped_column(Text)
    changed_at: Mapped[datetime]


class LoginThrottle(Base):
    """Consecutive failures at one action against one account: a row for each network, one (`*`) for all together.

    The account is a keyed hash of its address, so that addresses nobody has are throttled alike and are not stored.
    """

    __tablename__ = "login_throttles"

    account: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    action: Mapped[str] = mapped_column(Text, primary_key=True)
    network: Mapped[str] = mapped_column(String(45), primary_key=True)
    failures: Mapped[int]
    changed_at: Mapped[datetime] = mapped_column(index=True)
    blocked_until: Mapped[datetime | None]
    succeeded_at: Mapped[datetime | None]


class PasswordResetCode(Base):
    """A code that sets a new password once. Only its hash is stored."""

    __tablename__ = "password_reset_codes"

    code_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    expires_at: Mapped[datetime]
