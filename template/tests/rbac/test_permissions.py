"""What roles may: granted once when a slice declares it, an operator's from then on, and asked at every request."""

import asyncio

import pytest
from sqlalchemy import delete, insert, select, update

from app.core.application import Application
from app.core.kernel import Kernel
from app.rbac import grants
from app.rbac.models import Role, RolePermission, UserRole
from tests.conftest import MakeApp
from tests.rbac.conftest import NO_ROLE, Become
from tests.support.bare import statements
from tests.support.client import ApiClient
from tests.support.passwords import id_of, kernel_of
from tests.support.people import Person, SignUp

pytestmark = pytest.mark.usefixtures("things")


async def granted(kernel: Kernel) -> dict[str, set[str]]:
    async with kernel.store.reading() as db:
        rows = (await db.execute(select(RolePermission.role, RolePermission.permission))).all()
    return {role: {permission for held_by, permission in rows if held_by == role} for role in Role}


@pytest.mark.parametrize(
    ("role", "permission", "everyone", "held"),
    [
        (Role.ADMIN, "things:read", True, True),
        (Role.ADMIN, "things:purge", False, True),
        (Role.USER, "things:read", True, True),
        (Role.USER, "things:write", True, True),
        (Role.USER, "things:read", False, False),
        (Role.GUEST, "things:read", True, True),
        (Role.GUEST, "things:write", True, False),
        (Role.GUEST, "things:read", False, False),
        (Role.GUEST, "things:reader", True, False),
    ],
)
def test_by_default_admins_may_everything_users_what_is_everyones_and_guests_read_it(
    role: Role, permission: str, everyone: bool, held: bool
) -> None:
    assert grants.granted_by_default(role, permission, everyone=everyone) is held


async def test_every_declared_permission_is_granted_before_the_first_request(client: ApiClient) -> None:
    kernel = kernel_of(client.app)
    await kernel.prepared()

    held = await granted(kernel)

    assert held["admin"] == set(kernel.permissions)
    assert held["user"] == {name for name, everyone in kernel.permissions.items() if everyone}
    assert held["guest"] == {name for name in held["user"] if name.endswith(":read")}
    assert {"users:read", "users:write"} <= held["admin"] - held["user"]


async def test_a_permission_that_an_operator_took_stays_taken_and_a_new_one_is_granted(make_app: MakeApp) -> None:
    first, second = kernel_of(make_app()), kernel_of(make_app())
    first.permission("pages:read", everyone=True)
    await first.prepared()
    await grants.take(first.store, Role.USER, "pages:read")
    second.permission("pages:read", everyone=True)
    second.permission("pages:write", everyone=True)

    await second.prepared()

    held = await granted(second)
    assert "pages:read" not in held["user"]
    assert "pages:read" in held["guest"] & held["admin"]
    assert "pages:write" in held["user"] & held["admin"]


async def test_starts_at_the_same_time_grant_once(make_app: MakeApp) -> None:
    kernels = [kernel_of(make_app()) for _ in range(8)]

    await asyncio.gather(*(kernel.prepared() for kernel in kernels))

    assert (await granted(kernels[0]))["admin"] == set(kernels[0].permissions)


async def test_first_requests_at_the_same_time_are_answered_with_the_granted_rights(as_user: SignUp) -> None:
    alice = await as_user()

    answers = await asyncio.gather(*(alice.get("/users", params={"limit": 1}) for _ in range(10)))

    assert {answer.status_code for answer in answers} == {403}


@pytest.mark.asvs("V8.3.2")
async def test_permissions_come_with_the_principal_in_one_statement_and_act_at_the_next_request(
    as_user: SignUp,
) -> None:
    alice = await as_user()
    kernel = kernel_of(alice.app)
    before = await alice.get("/users")
    await grants.grant(kernel.store, Role.USER, "users:read")
    after = await alice.get("/users")
    with statements(kernel) as sent:
        await alice.get("/users/me")
    await grants.take(kernel.store, Role.USER, "users:read")
    again = await alice.get("/users")

    assert [before.status_code, after.status_code, again.status_code] == [403, 200, 403]
    assert len(sent) == 1, sent


async def test_roles_add_up(as_user: SignUp, become: Become) -> None:
    alice = await as_user()
    kernel = kernel_of(alice.app)
    await become(alice, "guest", "user")
    await grants.take(kernel.store, Role.USER, "things:read")
    await grants.take(kernel.store, Role.GUEST, "things:write")

    answers = [await alice.get("/things"), await alice.post("/things", json={"title": "Paint"})]

    assert [answer.status_code for answer in answers] == [200, 201]


async def test_a_permission_that_nobody_declares_any_more_is_ignored(
    as_user: SignUp, admin: Person, become: Become
) -> None:
    alice = await as_user()
    kernel = kernel_of(alice.app)
    await grants.grant(kernel.store, Role.USER, "removed:write")
    await grants.grant(kernel.store, Role.GUEST, "removed:read")

    user_id = await become(alice, "guest")

    assert (await alice.get("/things")).status_code == 200
    assert (await admin.put(f"/users/{user_id}/roles", json={"roles": ["user"]})).status_code == 200


async def test_a_role_that_the_code_no_longer_knows_grants_nothing(as_user: SignUp, admin: Person) -> None:
    alice = await as_user("alice@example.com")
    user_id = await id_of(alice.app, "alice@example.com")
    async with kernel_of(alice.app).store.transaction() as db:
        await db.execute(insert(RolePermission).values(role=NO_ROLE, permission="users:read"))
        await db.execute(insert(UserRole).values(user_id=user_id, role=NO_ROLE))

    listed, things = await alice.get("/users"), await alice.get("/things")
    seen = await admin.get(f"/users/{user_id}")
    changed = await admin.put(f"/users/{user_id}/roles", json={"roles": ["user"]})

    assert [listed.status_code, things.status_code] == [403, 403]
    assert seen.json()["roles"] == []
    assert changed.json()["roles"] == ["user"]


async def test_without_any_grant_nobody_may_anything(as_user: SignUp, app: Application) -> None:
    alice = await as_user()
    await alice.get("/things")
    async with kernel_of(app).store.transaction() as db:
        await db.execute(delete(RolePermission))

    assert (await alice.get("/things")).status_code == 403


async def test_a_name_that_is_no_permission_but_holds_one_grants_nothing(as_user: SignUp, app: Application) -> None:
    alice = await as_user()
    await alice.get("/things")
    async with kernel_of(app).store.transaction() as db:
        mine = (RolePermission.role == Role.USER, RolePermission.permission == "things:read")
        await db.execute(update(RolePermission).where(*mine).values(permission="things:read:all"))

    assert (await alice.get("/things")).status_code == 403
