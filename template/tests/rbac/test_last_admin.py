"""Somebody is always there to administer: on every path, and when two go at the same time."""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import combinations_with_replacement

import httpx
import pytest

from tests.support.passwords import id_of
from tests.support.people import Person, SignUp
from tests.support.rbac import make_admin

Leave = Callable[[Person], Awaitable[httpx.Response]]


async def demote_oneself(person: Person) -> httpx.Response:
    return await person.put(f"/users/{await id_of(person.app, person.email)}/roles", json={"roles": ["user"]})


async def fall_back_to_the_default(person: Person) -> httpx.Response:
    return await person.put(f"/users/{await id_of(person.app, person.email)}/roles", json={"roles": []})


async def disable_oneself(person: Person) -> httpx.Response:
    return await person.post(f"/users/{await id_of(person.app, person.email)}/disable")


async def delete_oneself(person: Person) -> httpx.Response:
    return await person.delete("/users/me")


WAYS_OUT = [demote_oneself, fall_back_to_the_default, disable_oneself, delete_oneself]

each_way_out = pytest.mark.parametrize("leave", WAYS_OUT)


@pytest.fixture
async def another(as_user: SignUp, admin: Person) -> Person:
    """A second admin."""
    assert admin
    person = await as_user.register("another@example.com")
    await make_admin(person)
    return person


@each_way_out
async def test_the_last_admin_stays(admin: Person, as_user: SignUp, leave: Leave) -> None:
    await as_user()

    answer = await leave(admin)

    assert (answer.status_code, answer.json()["code"]) == (409, "last_admin")
    assert (await admin.get("/users")).status_code == 200


@each_way_out
async def test_an_admin_who_is_not_the_last_may_go(admin: Person, another: Person, leave: Leave) -> None:
    answer = await leave(admin)

    assert answer.is_success
    assert (await another.get("/users")).status_code == 200
    assert (await admin.get("/users")).status_code in {401, 403}


@each_way_out
async def test_a_disabled_admin_is_none_who_is_left(admin: Person, another: Person, leave: Leave) -> None:
    await admin.post(f"/users/{await id_of(admin.app, another.email)}/disable")

    answer = await leave(admin)

    assert (answer.status_code, answer.json()["code"]) == (409, "last_admin")


async def test_a_disabled_admin_can_be_demoted_by_the_last_one(admin: Person, another: Person) -> None:
    user_id = await id_of(admin.app, another.email)
    await admin.post(f"/users/{user_id}/disable")

    demoted = await admin.put(f"/users/{user_id}/roles", json={"roles": []})
    enabled = await admin.post(f"/users/{user_id}/enable")

    assert [demoted.status_code, enabled.status_code] == [200, 204]


async def test_everybody_else_may_go_as_they_like(admin: Person, as_user: SignUp) -> None:
    alice, bob = await as_user(), await as_user()

    answers = [await alice.delete("/users/me"), await admin.post(f"/users/{await id_of(bob.app, bob.email)}/disable")]

    assert [answer.status_code for answer in answers] == [204, 204]


@pytest.mark.asvs("V15.4.2")
@pytest.mark.parametrize(
    ("leave", "other"), [*combinations_with_replacement([demote_oneself, disable_oneself, delete_oneself], 2)]
)
async def test_of_two_last_admins_who_go_at_once_one_stays(
    as_user: SignUp, admin: Person, leave: Leave, other: Leave
) -> None:
    for turn in range(3):
        rival = await as_user.register(f"rival{turn}@example.com")
        await make_admin(rival)

        answers = await asyncio.gather(leave(admin), other(rival))

        assert sorted(answer.status_code == 409 for answer in answers) == [False, True], [each.text for each in answers]
        admin = admin if answers[0].status_code == 409 else rival
        assert len((await admin.post("/users/search", json={"role": "admin", "enabled": True})).json()) == 1


@pytest.mark.asvs("V15.4.2")
async def test_of_two_admins_who_turn_on_each_other_one_stays(as_user: SignUp, admin: Person) -> None:
    for turn in range(3):
        rival = await as_user.register(f"rival{turn}@example.com")
        await make_admin(rival)
        ids = [await id_of(admin.app, each.email) for each in (admin, rival)]

        answers = await asyncio.gather(
            admin.put(f"/users/{ids[1]}/roles", json={"roles": []}), rival.post(f"/users/{ids[0]}/disable")
        )

        won = [answer.is_success for answer in answers]
        assert sorted(won) == [False, True], [each.text for each in answers]
        admin = admin if won[0] else rival
        assert (await admin.get("/users")).status_code == 200
