"""Who is what, and what that may do."""

from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Base


class Role(StrEnum):
    """What an account can be. One without a row in `user_roles` is a `user`."""

    ADMIN = "admin"
    USER = "user"
    GUEST = "guest"


class UserRole(Base):
    """A role of an account. It goes when its account goes."""

    __tablename__ = "user_roles"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    role: Mapped[str] = mapped_column(String(20), primary_key=True)


class RolePermission(Base):
    """A permission of a role. That `admin` holds one is also the mark that the permission was granted once."""

    __tablename__ = "role_permissions"

    role: Mapped[str] = mapped_column(String(20), primary_key=True)
    permission: Mapped[str] = mapped_column(String(100), primary_key=True)
