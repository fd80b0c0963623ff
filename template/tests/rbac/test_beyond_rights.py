"""Nobody raises anybody, or themselves, beyond their own rights, nor acts on someone who may do more."""

from collections.abc import Awaitable, Callable

import httpx
import pytest

from app.core.errors import Problem
from app.core.events import SecurityEvent
from app.core.principals import Principal
from app.rbac import grants
from app.rbac.models import Role
from app.rbac.service import Administration
from tests.rbac.conftest import set_roles
from tests.support.passwords import id_of, kernel_of
from tests.support.people import Person, SignUp
from tests.support.rbac import make_admin


@pytest.fixture
async def helper(as_user: SignUp, admin: Person) -> Person:
    """Somebody who manages users without being an admin: here every `user` may, and admins may more."""
    kernel = kernel_of(admin.app)
    kernel.permission("audit:read")
    await grants.grant(kernel.store, Role.ADMIN, "audit:read")
    for permission in ("users:read", "users:write"):
        await grants.grant(kernel.store, Role.USER, permission)
    return await as_user("helper@example.com")


Attack = Callable[[Person, Person, Person], Awaitable[httpx.Response]]


async def raise_oneself(helper: Person, _admin: Person, _guest: Person) -> httpx.Response:
    return await set_roles(helper, helper, "admin")


async def raise_another(helper: Person, _admin: Person, guest: Person) -> httpx.Response:
    return await set_roles(helper, guest, "user", "admin")


async def lower_an_admin(helper: Person, admin: Person, _guest: Person) -> httpx.Response:
    return await set_roles(helper, admin, "guest")


async def disable_an_admin(helper: Person, admin: Person, _guest: Person) -> httpx.Response:
    return await helper.post(f"/users/{await id_of(admin.app, admin.email)}/disable")


async def enable_an_admin(helper: Person, admin: Person, _guest: Person) -> httpx.Response:
    return await helper.post(f"/users/{await id_of(admin.app, admin.email)}/enable")


async def end_sessions_of_an_admin(helper: Person, admin: Person, _guest: Person) -> httpx.Response:
    return await helper.delete(f"/users/{await id_of(admin.app, admin.email)}/sessions")


@pytest.mark.asvs("V8.2.1")
@pytest.mark.parametrize(
    "attack",
    [raise_oneself, raise_another, lower_an_admin, disable_an_admin, enable_an_admin, end_sessions_of_an_admin],
)
async def test_nobody_goes_beyond_their_own_rights(
    as_user: SignUp, admin: Person, helper: Person, events: list[SecurityEvent], attack: Attack
) -> None:
    guest = await as_user("guest@example.com")
    await set_roles(admin, guest, "guest")
    await make_admin(await as_user.register("another@example.com"))
    events.clear()

    answer = await attack(helper, admin, guest)

    assert (answer.status_code, answer.json()["code"]) == (403, "beyond_your_rights")
    assert [event.name for event in events] == ["authz_fail"]
    assert events[0].user == await id_of(admin.app, helper.email)
    for person, role in ((helper, "user"), (admin, "admin"), (guest, "guest")):
        seen = (await admin.get(f"/users/{await id_of(admin.app, person.email)}")).json()
        assert (seen["roles"], seen["enabled"]) == ([role], True)


async def test_who_may_manage_users_manages_their_likes(as_user: SignUp, admin: Person, helper: Person) -> None:
    alice = await as_user()
    user_id = await id_of(alice.app, alice.email)
    assert admin

    answers = [
        await set_roles(helper, alice, "guest"),
        await set_roles(helper, alice, "user"),
        await helper.post(f"/users/{user_id}/disable"),
        await helper.post(f"/users/{user_id}/enable"),
        await helper.delete(f"/users/{user_id}/sessions"),
    ]

    assert [answer.status_code for answer in answers] == [200, 200, 204, 204, 204]


async def test_rights_that_were_lost_since_the_request_came_count_for_nothing(as_user: SignUp, admin: Person) -> None:
    alice, bob = await as_user("alice@example.com"), await as_user("bob@example.com")
    kernel = kernel_of(admin.app)
    ids = [await id_of(admin.app, each.email) for each in (alice, bob)]
    stale = Principal(
        user_id=ids[0],
        email=alice.email,
        registered_at=kernel.now(),
        carrier="any",
        permissions=frozenset(kernel.permissions),
    )
    administration = kernel.provided(Administration)

    for refused in (administration.disable, administration.enable, administration.end_sessions):
        with pytest.raises(Problem) as caught:
            async with kernel.store.transaction() as db:
                await refused(db, stale, ids[1])
        assert caught.value.code == "beyond_your_rights"


async def test_a_disabled_administrator_who_has_no_session_to_end_acts_no_more(as_user: SignUp, admin: Person) -> None:
    alice = await as_user("alice@example.com")
    kernel = kernel_of(admin.app)
    admin_id, alice_id = await id_of(admin.app, admin.email), await id_of(admin.app, alice.email)
    another = await as_user.register("another@example.com")
    await make_admin(another)
    await another.post(f"/users/{admin_id}/disable")
    stale = Principal(user_id=admin_id, email=admin.email, registered_at=kernel.now(), carrier="any")

    with pytest.raises(Problem) as caught:
        async with kernel.store.transaction() as db:
            await kernel.provided(Administration).set_roles(db, stale, alice_id, [Role.GUEST])

    assert caught.value.code == "not_authenticated"
