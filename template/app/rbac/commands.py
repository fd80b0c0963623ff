"""Commands for operators: the first admin, and what the other roles may."""

from argparse import ArgumentParser, Namespace
from uuid import UUID

from sqlalchemy import select

from app.core.errors import Problem
from app.core.events import Level, SecurityEvent
from app.core.kernel import Kernel
from app.core.models import User
from app.core.slices import Command
from app.core.terminal import complain, read_password, say
from app.core.types import canonical_email
from app.rbac import grants
from app.rbac.models import Role
from app.rbac.service import Administration


async def create_admin(kernel: Kernel, arguments: Namespace) -> int:
    """Make somebody an admin: a new account, or one whose password the operator knows.

    Nobody has proven to own the address of an account that is there. Whoever expects an admin to come could have
    registered it first, and would be made one.
    """
    try:
        user_id = await _own_account(kernel, arguments.email, read_password())
        is_new = await kernel.provided(Administration).make_admin(user_id)
    except Problem as problem:
        return complain(problem)
    if is_new:
        what = ("operator", "create-admin", str(user_id))
        kernel.tell(SecurityEvent(name="authz_admin", arguments=what, level=Level.WARN))
    say(f"{arguments.email} is an admin now" if is_new else f"{arguments.email} is an admin already")
    return 0


async def _own_account(kernel: Kernel, email: str, password: str) -> UUID:
    """Return the account of this address, which its password opens; make it if there is none."""
    account = canonical_email(email)
    async with kernel.store.reading() as db:
        found = await db.scalar(select(User.id).where(User.canonical_email == account))
    if found is None:
        made = await kernel.login.make_account(email, password)
        say(f"made {made.email} ({made.id})")
        return made.id
    proof = await kernel.login.check_password(account, password)
    if proof is None:
        raise Problem(409, "account_exists", "The address has an account: disabled, or with another password.")
    return proof.user_id


async def permit(kernel: Kernel, arguments: Namespace) -> int:
    """Let a role do something."""
    return await _change(kernel, arguments, allowed=True)


async def forbid(kernel: Kernel, arguments: Namespace) -> int:
    """Take a permission from a role. It stays taken, also when the slice that declares it is started anew."""
    return await _change(kernel, arguments, allowed=False)


async def _change(kernel: Kernel, arguments: Namespace, *, allowed: bool) -> int:
    role, permission = Role(arguments.role), arguments.permission
    if permission not in kernel.permissions:
        return complain(f"no such permission; there are: {', '.join(sorted(kernel.permissions))}")
    await (grants.grant if allowed else grants.take)(kernel.store, role, permission)
    before, now = ("may not", "may") if allowed else ("may", "may not")
    what = ("operator", role.value, permission, before, now)
    kernel.tell(SecurityEvent(name="privilege_permissions_changed", arguments=what, level=Level.WARN))
    say(f"{role} {now} {permission}")
    return 0


def _takes_email(parser: ArgumentParser) -> None:
    parser.add_argument("email")


def _takes_grant(parser: ArgumentParser) -> None:
    # `admin` holds every permission: one that it lacks counts as new, and is granted again at the next start.
    parser.add_argument("role", choices=[role.value for role in Role if role is not Role.ADMIN])
    parser.add_argument("permission")


COMMANDS = (
    Command(
        name="create-admin",
        help="make an admin; its password by prompt or stdin",
        run=create_admin,
        arguments=_takes_email,
    ),
    Command(name="permit", help="let a role do something", run=permit, arguments=_takes_grant),
    Command(name="forbid", help="take a permission from a role", run=forbid, arguments=_takes_grant),
)
