"""Fixtures for roles: `admin` is one, and `become` gives a role to somebody else."""

from collections.abc import Awaitable, Callable

import httpx
import pytest

from tests.support.passwords import id_of
from tests.support.people import Person, SignUp
from tests.support.rbac import make_admin

Become = Callable[..., Awaitable[str]]

NO_ROLE = "no such role"
"""What no role of yours is called: a space stands between the names of two."""


async def set_roles(actor: Person, other: Person | str, *roles: str) -> httpx.Response:
    user_id = other if isinstance(other, str) else await id_of(actor.app, other.email)
    return await actor.put(f"/users/{user_id}/roles", json={"roles": roles})


@pytest.fixture
async def admin(as_user: SignUp) -> Person:
    """An admin, logged in."""
    person = await as_user.register("admin@example.com")
    await make_admin(person)
    return person


@pytest.fixture
def become(admin: Person) -> Become:
    """Give somebody roles by the route for it, log them in if they have no session after it; return their id."""

    async def give(person: Person, *roles: str) -> str:
        answer = await set_roles(admin, person, *roles)
        assert answer.status_code == 200, answer.text
        if (await person.get("/users/me")).status_code == 401:
            await person.log_in()
        user_id: str = answer.json()["id"]
        return user_id

    return give
