"""How the routes of this slice get at its service."""

from typing import Annotated

from fastapi import Depends, Request

from app.accounts.service import Accounts


async def accounts_service(request: Request) -> Accounts:
    """Return the service of this application."""
    service: Accounts = request.app.state.kernel.provided(Accounts)
    return service


AccountsService = Annotated[Accounts, Depends(accounts_service)]
