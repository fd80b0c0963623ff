"""The refresh tokens that were spent, so that a replay is known for what it is."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Base


class SpentRefreshToken(Base):
    """A refresh token that has been exchanged. Only its hash was ever stored."""

    __tablename__ = "spent_refresh_tokens"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    session_id: Mapped[UUID] = mapped_column(ForeignKey("auth_sessions.id", ondelete="CASCADE"), index=True)
    spent_at: Mapped[datetime]
