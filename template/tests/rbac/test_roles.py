"""Giving and taking roles: what it does to sessions, and input that is none."""

from collections.abc import Awaitable
from typing import Any

import httpx
import pytest

from app.core.application import Application
from app.core.events import SecurityEvent
from tests.conftest import MakeApp
from tests.rbac.conftest import NO_ROLE, Become, set_roles
from tests.support.clock import FakeClock
from tests.support.openapi import UNKNOWN_ID
from tests.support.passwords import id_of, kernel_of
from tests.support.people import Person, SignUp
from tests.support.rbac import make_admin

pytestmark = pytest.mark.usefixtures("things")


async def test_an_account_without_roles_is_a_user(as_user: SignUp, admin: Person) -> None:
    alice = await as_user()
    user_id = await id_of(alice.app, alice.email)

    seen = (await admin.get(f"/users/{user_id}")).json()

    assert (seen["roles"], seen["enabled"]) == (["user"], True)


@pytest.mark.parametrize(
    ("given", "seen"),
    [
        (["admin"], ["admin"]),
        (["guest"], ["guest"]),
        (["guest", "admin", "user"], ["admin", "user", "guest"]),
        ([], ["user"]),
    ],
)
async def test_roles_are_replaced_by_those_given(
    as_user: SignUp, admin: Person, given: list[str], seen: list[str]
) -> None:
    alice = await as_user()

    await set_roles(admin, alice, "guest")
    answer = await set_roles(admin, alice, *given)
    read = await admin.get(f"/users/{answer.json()['id']}")

    assert answer.json() == read.json()
    assert read.json()["roles"] == seen


@pytest.mark.asvs("V8.3.2", "V7.4.1")
async def test_a_demotion_acts_at_the_next_request_of_the_same_session(
    as_user: SignUp, admin: Person, become: Become
) -> None:
    alice = await as_user()
    await become(alice, "admin")
    before = await alice.get("/users")

    await set_roles(admin, alice, "guest")

    after = [await alice.get("/users"), await alice.post("/things", json={"title": "x"}), await alice.get("/users/me")]
    assert before.status_code == 200
    assert [answer.status_code for answer in after] == [403, 403, 200]


@pytest.mark.asvs("V7.2.4")
async def test_a_session_id_that_was_given_out_with_fewer_rights_never_gets_more(
    as_user: SignUp, admin: Person
) -> None:
    fixated = await as_user("alice@example.com")
    alice = await as_user("bystander@example.com")
    alice.email = fixated.email
    await alice.log_in()

    await set_roles(admin, fixated, "admin")

    assert [(await each.get("/users/me")).status_code for each in (fixated, alice)] == [401, 401]
    await alice.log_in()
    assert (await alice.get("/users")).status_code == 200
    assert (await fixated.get("/users")).status_code == 401


@pytest.mark.parametrize("roles", [("guest",), ("user",), ("user", "guest")])
async def test_who_gains_nothing_stays_logged_in(as_user: SignUp, admin: Person, roles: tuple[str, ...]) -> None:
    alice = await as_user()

    await set_roles(admin, alice, *roles)

    assert (await alice.get("/users/me")).status_code == 200


async def test_a_guest_who_becomes_a_user_logs_in_again(as_user: SignUp, admin: Person) -> None:
    alice = await as_user()
    await set_roles(admin, alice, "guest")

    await set_roles(admin, alice)

    assert (await alice.get("/users/me")).status_code == 401


async def test_a_login_under_way_when_rights_are_gained_keeps_no_session_from_before(
    as_user: SignUp, admin: Person
) -> None:
    alice = await as_user()
    login = kernel_of(alice.app).login
    check = login.check_password

    async def slow(account: str, password: str) -> Any:
        proof = await check(account, password)
        login.check_password = check
        await set_roles(admin, alice, "admin")
        return proof

    login.check_password = slow
    await alice.log_in()

    sessions = (await alice.get("/auth/sessions")).json()
    assert len(sessions) == 1


@pytest.mark.asvs("V7.5.1")
async def test_an_administrator_logs_in_again_before_changing_anybody(make_app: MakeApp, clock: FakeClock) -> None:
    app = make_app(REAUTHENTICATE_WITHIN_SECONDS="60")
    async with Person(app, "admin@example.com") as admin, Person(app, "alice@example.com") as alice:
        for person in (admin, alice):
            await person.register()
            await person.log_in()
        await make_admin(admin)
        user_id = await id_of(app, alice.email)
        clock.advance(seconds=61)

        changes = [
            await set_roles(admin, alice, "guest"),
            await admin.post(f"/users/{user_id}/disable"),
            await admin.post(f"/users/{user_id}/enable"),
            await admin.delete(f"/users/{user_id}/sessions"),
        ]
        reads = [
            await admin.get("/users"),
            await admin.post("/users/search", json={}),
            await admin.get(f"/users/{user_id}"),
        ]
        by_alice = await set_roles(alice, alice, "admin")

        for answer in (*changes, by_alice):
            assert (answer.status_code, answer.json()["code"]) == (401, "insufficient_user_authentication")
        assert [answer.status_code for answer in reads] == [200] * 3
        assert (await alice.get("/things")).status_code == 200
        await admin.log_in()
        assert (await set_roles(admin, alice, "guest")).status_code == 200


@pytest.mark.asvs("V10.3.2")
async def test_a_missing_permission_is_named_as_insufficient_scope(as_user: SignUp) -> None:
    alice = await as_user()

    read, written = await alice.get("/users"), await set_roles(alice, UNKNOWN_ID, "admin")

    for answer, permission in ((read, "users:read"), (written, "users:write")):
        assert (answer.status_code, answer.json()["code"]) == (403, "insufficient_scope")
        assert f'error="insufficient_scope", scope="{permission}"' in answer.headers["WWW-Authenticate"]


NO_LIST_OF_ROLES: tuple[object, ...] = (
    {},
    {"roles": None},
    {"roles": "admin"},
    {"roles": [NO_ROLE]},
    {"roles": ["ADMIN"]},
    {"roles": ["admin "]},
    {"roles": ["admin\0"]},
    {"roles": [""]},
    {"roles": [None]},
    {"roles": [1]},
    {"roles": [["admin"]]},
    {"roles": {"admin": True}},
    {"roles": ["user", "user"]},
    {"roles": ["user", "guest", "admin", "user"]},
    {"roles": ["user"] * 1000},
    {"roles": ["user"], "enabled": False},
    ["admin"],
)


@pytest.mark.asvs("V2.2.1")
async def test_what_is_no_list_of_roles_is_refused_and_changes_nothing(as_user: SignUp, admin: Person) -> None:
    alice = await as_user()
    path = f"/users/{await id_of(alice.app, alice.email)}"

    seen = []
    for sent in NO_LIST_OF_ROLES:
        answer = await admin.put(f"{path}/roles", json=sent)
        seen.append((str(sent)[:40], answer.status_code, (await admin.get(path)).json()["roles"]))

    assert seen == [(str(sent)[:40], 422, ["user"]) for sent in NO_LIST_OF_ROLES]


NOBODY = (UNKNOWN_ID, "me", "1", "{}", UNKNOWN_ID[:-1], UNKNOWN_ID.replace("-", ""), "%00")


async def test_nobody_of_this_id_is_a_clean_refusal_everywhere(admin: Person) -> None:
    answered = {}
    for user_id in NOBODY:
        answers = [
            await set_roles(admin, user_id, "guest"),
            await admin.post(f"/users/{user_id}/disable"),
            await admin.post(f"/users/{user_id}/enable"),
            await admin.delete(f"/users/{user_id}/sessions"),
        ]
        if user_id != "me":
            answers.append(await admin.get(f"/users/{user_id}"))
        answered[user_id] = {answer.status_code for answer in answers}

    assert answered == {user_id: {404 if user_id == UNKNOWN_ID else 422} for user_id in NOBODY}


async def test_each_change_tells_who_did_what_to_whom(
    as_user: SignUp, app: Application, events: list[SecurityEvent], admin: Person
) -> None:
    alice = await as_user("alice@example.com")
    by, to = await id_of(app, admin.email), await id_of(app, alice.email)

    assert [f"authz_change:{to},user,admin+guest", f"authz_admin:{by},roles,{to}"] == [
        told for told in await told_by(events, set_roles(admin, alice, "guest", "admin")) if "session" not in told
    ]
    assert await told_by(events, set_roles(admin, alice)) == [
        f"authz_change:{to},admin+guest,user",
        f"authz_admin:{by},roles,{to}",
    ]
    await alice.log_in()
    for route, said in {"disable": f"user_archived:{to}", "enable": f"user_updated:{to},enabled"}.items():
        told = await told_by(events, admin.post(f"/users/{to}/{route}"))
        assert [each for each in told if "session" not in each] == [said, f"authz_admin:{by},{route},{to}"]
        assert await told_by(events, admin.post(f"/users/{to}/{route}")) == []
    await alice.log_in()
    assert await told_by(events, admin.delete(f"/users/{to}/sessions")) == [
        f"session_ended:{to},1",
        f"authz_admin:{by},end-sessions,{to}",
    ]


async def told_by(events: list[SecurityEvent], request: Awaitable[httpx.Response]) -> list[str]:
    events.clear()
    assert (await request).is_success
    return [event.written() for event in events]
