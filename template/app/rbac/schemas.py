"""What the routes for administrators take and return."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field

from app.core.types import LONGEST_EMAIL, ONE_LINE, Answer, Body, Choice, Digits, Query
from app.rbac.models import Role

MOST_USERS = 100
FARTHEST_USER = 100_000


def _each_once(roles: list[Role]) -> list[Role]:
    if len(set(roles)) != len(roles):
        message = "Name each role once"
        raise ValueError(message)
    return roles


class RolesChange(Body):
    """All roles that an account has from now on; none means `user`, as for an account that was never given one."""

    roles: Annotated[list[Choice[Role]], Field(max_length=len(Role)), AfterValidator(_each_once)]


class UsersQuery(Query):
    """Which part of the list; `limit` has a maximum."""

    limit: Annotated[int, Field(ge=1, le=MOST_USERS), Digits] = 50
    offset: Annotated[int, Field(ge=0, le=FARTHEST_USER), Digits] = 0


class UserSearch(Body):
    """What to look for, in a body: an address does not belong into a URL, which proxies log (ASVS V14.2.1)."""

    text: Annotated[str, Field(min_length=1, max_length=LONGEST_EMAIL, pattern=ONE_LINE)] | None = None
    role: Choice[Role] | None = None
    enabled: bool | None = None
    limit: Annotated[int, Field(ge=1, le=MOST_USERS)] = 50
    offset: Annotated[int, Field(ge=0, le=FARTHEST_USER)] = 0


class UserAnswer(Answer):
    """An account, as an administrator sees it."""

    id: UUID
    email: str
    roles: Sequence[Role]
    enabled: bool
    created_at: datetime
