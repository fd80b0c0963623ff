"""Commands for operators. A password is typed at a prompt or piped in, and never an argument: those show in `ps`."""

import sys
from argparse import ArgumentParser, Namespace
from getpass import getpass

from pydantic import ValidationError
from sqlalchemy import delete

from app.accounts.schemas import NewAccount
from app.accounts.service import Accounts
from app.accounts.throttle import Throttle
from app.core.errors import Problem
from app.core.kernel import Kernel
from app.core.models import AuthSession
from app.core.slices import Command
from app.core.types import canonical_email


def _takes_email(parser: ArgumentParser) -> None:
    parser.add_argument("email")


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def _complain(text: str) -> int:
    sys.stderr.write(f"{text}\n")
    return 1


def _read_password() -> str:
    return getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")


async def create_user(kernel: Kernel, arguments: Namespace) -> int:
    """Make an account, also while registration is closed."""
    try:
        wanted = NewAccount(email=arguments.email, password=_read_password())
        user = await kernel.provided(Accounts).register(wanted.email, wanted.password)
    except ValidationError as error:
        said = "; ".join(f"{found['loc'][0]}: {found['msg']}" for found in error.errors())
        return _complain(said.replace("Value error, ", ""))
    except UnicodeDecodeError:
        return _complain("password: not text in this terminal's encoding")
    except Problem as problem:
        return _complain("; ".join(error["detail"] for error in problem.errors) or problem.detail)
    _say(f"made {user.email} ({user.id})")
    return 0


async def reset_password(kernel: Kernel, arguments: Namespace) -> int:
    """Print a single-use code for POST /auth/reset-password."""
    code = await kernel.provided(Accounts).make_reset_code(arguments.email)
    if code is None:
        return _complain("no account has this address")
    _say(code)
    sys.stderr.write("Valid for 15 minutes and once, with a new password, at POST /auth/reset-password.\n")
    return 0


async def unlock(kernel: Kernel, arguments: Namespace) -> int:
    """Forget the failed logins against an account."""
    await kernel.provided(Throttle).unlock(canonical_email(arguments.email))
    _say("its failed logins are forgotten")
    return 0


async def purge(kernel: Kernel, _arguments: Namespace) -> int:
    """Delete what has expired. Run it once a day."""
    async with kernel.store.transaction() as db:
        expired = delete(AuthSession).where(AuthSession.expires_at <= kernel.now()).returning(AuthSession.id)
        sessions = len((await db.scalars(expired)).all())
    others = await kernel.provided(Accounts).purge()
    _say(f"deleted {sessions} expired sessions and {others} codes and counters")
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
    Command(name="purge", help="delete expired sessions, codes and counters", run=purge),
)
