"""`/users/me`: the owner's own account."""

from fastapi import Response

from app.accounts.dependencies import AccountsService
from app.accounts.registration import as_account
from app.accounts.schemas import Account, AccountChange, PasswordChange
from app.core.kernel import CurrentKernel
from app.core.openapi import problems
from app.core.principals import AnyScope, RecentlyAuthenticated
from app.core.routing import Router, guessable

router = Router(prefix="/users/me", tags=["accounts"])


@router.get("")
async def read_account(user: AnyScope) -> Account:
    """Return the account. What authentication has already read is enough: no further query."""
    return Account(id=user.user_id, email=user.email, created_at=user.registered_at)


@router.patch("", responses=problems(409))
@guessable("address-change")
async def change_account(body: AccountChange, user: RecentlyAuthenticated, accounts: AccountsService) -> Account:
    """Change the address. Needs a recent login."""
    return as_account(await accounts.change_email(user, body.email))


@router.delete("", status_code=204)
async def delete_account(
    response: Response, user: RecentlyAuthenticated, accounts: AccountsService, kernel: CurrentKernel
) -> None:
    """Delete the account and everything that belongs to it. Needs a recent login."""
    response.headers.update(kernel.login.parting_headers(user.carrier))
    await accounts.delete(user)


@router.post("/password", status_code=204, responses=problems(403))
@guessable("password-change")
async def change_password(body: PasswordChange, user: RecentlyAuthenticated, accounts: AccountsService) -> None:
    """Change the password and end every other session. Needs a recent login and the current password."""
    await accounts.change_password(user, body.current_password, body.new_password)
