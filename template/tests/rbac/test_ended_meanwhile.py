"""An administrator's session that ends while a request of it waits: the request comes too late."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.rbac.service import Administration
from tests.rbac.conftest import set_roles
from tests.support.meanwhile import begun
from tests.support.passwords import id_of, kernel_of
from tests.support.people import Person, SignUp
from tests.support.rbac import make_admin

Act = Callable[[Person, Person, UUID], Coroutine[Any, Any, httpx.Response]]

ACTS: dict[str, Act] = {
    "roles": lambda thief, bob, _: set_roles(thief, bob, "admin"),
    "disable": lambda thief, _, user_id: thief.post(f"/users/{user_id}/disable"),
    "enable": lambda thief, _, user_id: thief.post(f"/users/{user_id}/enable"),
    "end sessions": lambda thief, _, user_id: thief.delete(f"/users/{user_id}/sessions"),
}


@pytest.mark.asvs("V7.4.1", "V7.4.5", "V15.4.2")
@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
async def test_a_thief_who_waits_while_another_admin_ends_the_session_changes_nothing(
    as_user: SignUp, admin: Person, monkeypatch: pytest.MonkeyPatch, act: Act
) -> None:
    other, bob = await as_user.register("other@example.com"), await as_user("bob@example.com")
    await make_admin(other)
    bobs, admins = await id_of(bob.app, bob.email), await id_of(admin.app, admin.email)
    administration: Any = kernel_of(admin.app).provided(Administration)
    end_sessions: Callable[[AsyncSession, UUID], Awaitable[None]] = administration._end_sessions
    begun_acts: list[tuple[asyncio.Task[httpx.Response], bool]] = []

    async def let_the_thief_act(db: AsyncSession, user_id: UUID) -> None:
        """Come in when the sessions have ended and nothing is committed yet."""
        await end_sessions(db, user_id)
        if user_id == admins:
            task = await begun(act(admin, bob, bobs))
            begun_acts.append((task, task.done()))

    monkeypatch.setattr(administration, "_end_sessions", let_the_thief_act)
    assert (await other.delete(f"/users/{admins}/sessions")).status_code == 204

    ((task, was_done),) = begun_acts
    assert (was_done, (await task).status_code) == (False, 401)
    seen = (await other.get(f"/users/{bobs}")).json()
    assert (seen["roles"], seen["enabled"]) == (["user"], True)
    assert await bob.is_in()
