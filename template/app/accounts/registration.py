"""The public routes: making an account, and setting a password by a code."""

from app.accounts.dependencies import AccountsService
from app.accounts.schemas import Account, NewAccount, PasswordReset
from app.core.models import User
from app.core.openapi import problems
from app.core.routing import Router, guessable

registration = Router(prefix="/auth", tags=["accounts"])
reset = Router(prefix="/auth", tags=["accounts"])


@registration.post("/register", status_code=201, responses=problems(409))
@guessable("register")
async def register(body: NewAccount, accounts: AccountsService) -> Account:
    """Make an account."""
    return as_account(await accounts.register(body.email, body.password))


@reset.post("/reset-password", status_code=204, responses=problems(403))
@guessable("password-reset")
async def reset_password(body: PasswordReset, accounts: AccountsService) -> None:
    """Set a new password by the single-use code that `python -m app.manage reset-password` printed."""
    await accounts.reset_password(body.code, body.new_password)


def as_account(user: User) -> Account:
    """Return what the owner sees of `user`."""
    return Account(id=user.id, email=user.email, created_at=user.created_at)
