"""`/users`: the routes for administrators, thin."""

from typing import Annotated

from fastapi import Depends, Query

from app.core.database import Database
from app.core.kernel import CurrentKernel
from app.core.openapi import problems
from app.core.principals import Principal, Requires
from app.core.routing import Router
from app.core.types import Uuid
from app.rbac.directory import find_users, read_user
from app.rbac.schemas import RolesChange, UserAnswer, UserSearch, UsersQuery
from app.rbac.service import READ, WRITE, Administration


async def administration(kernel: CurrentKernel) -> Administration:
    """Return the service of this application."""
    return kernel.provided(Administration)


Service = Annotated[Administration, Depends(administration)]
Reader = Annotated[Principal, Requires(READ)]
Administrator = Annotated[Principal, Requires(WRITE, recent=True)]
AnsweredAdministrator = Annotated[Principal, Requires(WRITE, READ, recent=True)]
"""Whoever changes the roles of an account and is answered with all of it."""

router = Router(prefix="/users", tags=["users"])


@router.get("")
async def list_users(wanted: Annotated[UsersQuery, Query()], _user: Reader, db: Database) -> list[UserAnswer]:
    """Return all accounts, by address."""
    return await find_users(db, UserSearch(limit=wanted.limit, offset=wanted.offset))


@router.post("/search")
async def search_users(wanted: UserSearch, _user: Reader, db: Database) -> list[UserAnswer]:
    """Return the accounts that fit, by address. It is a POST so that no address stands in a URL."""
    return await find_users(db, wanted)


@router.get("/{user_id}", responses=problems(404))
async def read_one_user(user_id: Uuid, _user: Reader, db: Database) -> UserAnswer:
    """Return one account."""
    return await read_user(db, user_id)


@router.put("/{user_id}/roles", responses=problems(404, 409))
async def set_roles(
    user_id: Uuid, change: RolesChange, user: AnsweredAdministrator, service: Service, db: Database
) -> UserAnswer:
    """Give an account these roles and no others. Needs a recent login. Whoever may do more by it logs in again.

    No address is proven: before you give a role that may more, have its owner show you the account's id from
    `GET /users/me`.
    """
    await service.set_roles(db, user, user_id, change.roles)
    return await read_user(db, user_id)


@router.post("/{user_id}/disable", status_code=204, responses=problems(404, 409))
async def disable_user(user_id: Uuid, user: Administrator, service: Service, db: Database) -> None:
    """Let nobody in with this account, and end its sessions. Needs a recent login."""
    await service.disable(db, user, user_id)


@router.post("/{user_id}/enable", status_code=204, responses=problems(404))
async def enable_user(user_id: Uuid, user: Administrator, service: Service, db: Database) -> None:
    """Let an account in again. Needs a recent login."""
    await service.enable(db, user, user_id)


@router.delete("/{user_id}/sessions", status_code=204, responses=problems(404))
async def end_sessions_of_user(user_id: Uuid, user: Administrator, service: Service, db: Database) -> None:
    """End every session of an account. Needs a recent login."""
    await service.end_sessions(db, user, user_id)
