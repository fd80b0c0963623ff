"""Accounts that go while others administer: on a server, where transactions run beside each other."""

import asyncio
from uuid import UUID

import httpx
import pytest
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.sessions import lock_account
from app.rbac.models import Role, UserRole
from tests.support.meanwhile import begun
from tests.support.passwords import id_of, kernel_of
from tests.support.people import Person, SignUp


@pytest.mark.asvs("V15.4.3")
async def test_nobody_who_administers_waits_for_an_account_to_be_deleted(admin: Person, as_user: SignUp) -> None:
    alice, bob = await as_user(), await as_user()
    disabling: list[tuple[asyncio.Task[httpx.Response], bool]] = []

    async def meanwhile_the_admin_disables_bob(_db: AsyncSession, _leaves: UUID) -> None:
        task = await begun(admin.post(f"/users/{await id_of(bob.app, bob.email)}/disable"), within_seconds=4)
        disabling.append((task, task.done()))

    kernel_of(alice.app).login.leaving.append(meanwhile_the_admin_disables_bob)
    deleted = await alice.delete("/users/me")

    assert deleted.status_code == 204
    ((task, was_done),) = disabling
    assert (was_done, (await task).status_code) == (True, 204)


@pytest.mark.asvs("V15.4.2")
async def test_who_becomes_the_only_admin_while_deleting_the_account_stays(as_user: SignUp) -> None:
    alice = await as_user()
    kernel = kernel_of(alice.app)
    user_id = await id_of(alice.app, alice.email)

    async with kernel.store.transaction() as db:
        await lock_account(db, user_id)
        await db.execute(insert(UserRole), [{"user_id": user_id, "role": Role.ADMIN.value}])
        deleting = await begun(alice.delete("/users/me"), within_seconds=2)

    answers = [await deleting, await alice.delete("/users/me")]
    assert [answer.status_code for answer in answers] == [409, 409]
    assert [answer.json()["code"] for answer in answers] == ["roles_changed", "last_admin"]
