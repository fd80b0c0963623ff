"""Accounts, as administrators list and find them."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.errors import Problem
from app.core.models import User
from app.core.types import canonical_email
from app.rbac.models import Role, UserRole
from app.rbac.schemas import UserAnswer, UserSearch

_MINE = UserRole.user_id == User.id


async def find_users(db: AsyncSession, wanted: UserSearch) -> list[UserAnswer]:
    """Return the accounts that fit, by address."""
    statement = _accounts().order_by(User.canonical_email)
    if wanted.text is not None:
        statement = statement.where(_has_in_its_address(wanted.text))
    if wanted.role is not None:
        statement = statement.where(_is_a(wanted.role))
    if wanted.enabled is not None:
        statement = statement.where(User.disabled_at.is_(None) == wanted.enabled)
    found = await db.execute(statement.limit(wanted.limit).offset(wanted.offset))
    return [_as_answer(user, names) for user, names in found]


async def read_user(db: AsyncSession, user_id: UUID) -> UserAnswer:
    """Return one account. Raises: Problem 404."""
    found = (await db.execute(_accounts().where(User.id == user_id))).one_or_none()
    if found is None:
        raise user_not_found()
    return _as_answer(*found)


async def roles_of(db: AsyncSession, user_id: UUID) -> frozenset[Role]:
    """Return the roles of an account."""
    return frozenset((await read_user(db, user_id)).roles)


def user_not_found() -> Problem:
    """Return the 404 for an account that is not there."""
    return Problem(404, "not_found", "There is no such user.")


def _accounts() -> Select[User, str]:
    names = select(func.aggregate_strings(UserRole.role, " ")).where(_MINE).correlate(User).scalar_subquery()
    return select(User, names).execution_options(populate_existing=True)


def _has_in_its_address(text: str) -> ColumnElement[bool]:
    """Return the condition: as it was typed, or in the form in which it is unique. Databases fold ASCII at best."""
    as_typed = User.email.icontains(text, autoescape=True)
    return or_(as_typed, User.canonical_email.contains(canonical_email(text), autoescape=True))


def _is_a(role: Role) -> ColumnElement[bool]:
    assigned: Any = exists().where(_MINE, UserRole.role == role).correlate(User)
    return or_(assigned, ~exists().where(_MINE).correlate(User)) if role is Role.USER else assigned


def _as_answer(user: User, names: str | None) -> UserAnswer:
    held = {Role.USER.value} if names is None else set(names.split())
    return UserAnswer(
        id=user.id,
        email=user.email,
        roles=[role for role in Role if role.value in held],
        enabled=user.disabled_at is None,
        created_at=user.created_at,
    )
