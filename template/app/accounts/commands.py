"""Commands for operators."""

import sys
from argparse import ArgumentParser, Namespace

from sqlalchemy import or_

from app.accounts.service import Accounts
from app.accounts.throttle import Throttle
from app.core.errors import Problem
from app.core.kernel import Kernel
from app.core.models import AuthSession
from app.core.slices import Command
from app.core.terminal import complain, read_password, say
from app.core.types import canonical_email


def _takes_email(parser: ArgumentParser) -> None:
    parser.add_argument("email")


async def create_user(kernel: Kernel, arguments: Namespace) -> int:
    """Make an account, also while registration is closed."""
    try:
        user = await kernel.provided(Accounts).make_account(arguments.email, read_password())
    except Problem as problem:
        return complain(problem)
    say(f"made {user.email} ({user.id})")
    return 0


async def reset_password(kernel: Kernel, arguments: Namespace) -> int:
    """Print a single-use code for POST /auth/reset-password."""
    try:
        code = await kernel.provided(Accounts).make_reset_code(arguments.email)
    except Problem as problem:
        return complain(problem)
    if code is None:
        return complain("no account has this address")
    say(code)
    sys.stderr.write("Valid for 15 minutes and once, with a new password, at POST /auth/reset-password.\n")
    return 0


async def unlock(kernel: Kernel, arguments: Namespace) -> int:
    """Forget the failed logins against an account, and say so where there are none: the address may be misspelt."""
    forgotten = await kernel.provided(Throttle).unlock(canonical_email(arguments.email))
    say("its failed logins are forgotten" if forgotten else "no failed login is counted against this address")
    return 0


async def purge(kernel: Kernel, _arguments: Namespace) -> int:
    """Delete what has expired or was ended. Run it once a day."""
    over = or_(AuthSession.expires_at <= kernel.now(), AuthSession.revoked_at.is_not(None))
    sessions = await kernel.store.delete_in_batches(AuthSession, over)
    others = await kernel.provided(Accounts).purge()
    say(f"deleted {sessions} sessions that are over and {others} codes and counters")
    return 0


COMMANDS = (
    Command(
        name="create-user",
        help="make an account; its password by prompt or stdin",
        run=create_user,
        arguments=_takes_email,
    ),
    Command(
        name="reset-password",
        help="print a single-use code for a new password",
        run=reset_password,
        arguments=_takes_email,
    ),
    Command(name="unlock", help="forget the failed logins against an account", run=unlock, arguments=_takes_email),
    Command(name="purge", help="delete sessions that are over, expired codes and old counters", run=purge),
)
