"""How the routes of this slice get at its service."""

from typing import Annotated

from fastapi import Depends

from app.accounts.service import Accounts
from app.core.kernel import CurrentKernel


async def accounts_service(kernel: CurrentKernel) -> Accounts:
    """Return the service of this application."""
    return kernel.provided(Accounts)


AccountsService = Annotated[Accounts, Depends(accounts_service)]
