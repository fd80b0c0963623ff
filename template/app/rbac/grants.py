"""What each role may: granted once when a slice declares a permission, and an operator's to change from then on."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from sqlalchemy import ScalarSelect, Select, and_, delete, exists, func, or_, select

from app.core.database import Store
from app.core.models import User
from app.rbac.models import Role, RolePermission, UserRole


def granted_by_default(role: Role, permission: str, *, everyone: bool) -> bool:
    """Return whether `role` holds `permission` from the start. Here you say what a new role may.

    `everyone` is what the slice said that declared it: each active account may, as long as nothing assigns roles.
    """
    if role is Role.ADMIN:
        return True
    if role is Role.GUEST:
        return everyone and permission.endswith(":read")
    return everyone


async def grant_what_is_new(store: Store, declared: Mapping[str, bool]) -> None:
    """Grant what has been declared since the last start. What an operator has taken from a role stays taken.

    Starts at the same time make the same rows, and the second of two equal rows is left out.
    """
    async with store.transaction() as db:
        granted = set(await db.scalars(select(RolePermission.permission).where(RolePermission.role == Role.ADMIN)))
        rows = [
            {"role": role.value, "permission": permission}
            for permission, everyone in sorted(declared.items())
            for role in Role
            if permission not in granted and granted_by_default(role, permission, everyone=everyone)
        ]
        if rows:
            await db.execute(store.kind.insert_missing(RolePermission), rows)


async def grant(store: Store, role: Role, permission: str) -> None:
    """Let `role` do what `permission` names."""
    async with store.transaction() as db:
        row = {"role": role.value, "permission": permission}
        await db.execute(store.kind.insert_missing(RolePermission), [row])


async def take(store: Store, role: Role, permission: str) -> None:
    """Take `permission` from `role`."""
    async with store.transaction() as db:
        await db.execute(
            delete(RolePermission).where(RolePermission.role == role, RolePermission.permission == permission)
        )


def of_account() -> ScalarSelect[Any]:
    """Return what an account may as a subquery of `User`: names, with a space between two.

    A role that the code no longer knows grants nothing, whatever the tables say.
    """
    mine = UserRole.user_id == User.id
    known = or_(*(UserRole.role == role for role in Role))
    assigned = RolePermission.role.in_(select(UserRole.role).where(mine, known).correlate(User))
    by_default = and_(RolePermission.role == Role.USER, ~exists().where(mine).correlate(User))
    names = select(func.aggregate_strings(RolePermission.permission, " "))
    return names.where(or_(assigned, by_default)).correlate(User).scalar_subquery()


def of_roles(roles: Collection[Role]) -> Select[str]:
    """Return the statement for what an account with these roles would be able to do, as the subquery has it."""
    held = RolePermission.role.in_([role.value for role in roles or (Role.USER,)])
    return select(func.aggregate_strings(RolePermission.permission, " ")).where(held)


def read_by(declared: Collection[str]) -> Callable[[str | None], frozenset[str]]:
    """Return what reads the names. One that no slice declares any more counts for nothing, and is no error."""
    return lambda names: frozenset(name for name in (names or "").split() if name in declared)
