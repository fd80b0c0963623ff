"""A session is worth nothing once it or its account is over: whatever carries it, at the next request."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from sqlalchemy import update

from app.core.models import User
from tests.conftest import MakeApp
from tests.support.carrying import Way, each_way
from tests.support.client import ApiClient
from tests.support.clock import FakeClock
from tests.support.people import Person, SignUp, grow_old, lifetimes_of, logged_in

SECOND = timedelta(seconds=1)

Ending = Callable[[Person, Person], Awaitable[object]]
"""Gets the device that will lose its session, and another of the same account."""


async def log_out(device: Person, _other: Person) -> None:
    assert (await device.post("/auth/logout")).status_code == 204


async def end_it_from_another_device(device: Person, other: Person) -> None:
    sessions = (await device.get("/auth/sessions")).json()
    mine = next(session["id"] for session in sessions if session["current"])
    assert (await other.delete(f"/auth/sessions/{mine}")).status_code == 204


async def end_all_others(_device: Person, other: Person) -> None:
    assert (await other.delete("/auth/sessions")).status_code == 204


async def change_the_password_elsewhere(device: Person, other: Person) -> None:
    body = {"current_password": device.password, "new_password": "an orchard of patient lanterns"}
    assert (await other.post("/users/me/password", json=body)).status_code == 204


async def log_in_anew(device: Person, _other: Person) -> None:
    assert (await device.post("/auth/reauthenticate", json={"password": device.password})).status_code == 200


async def disable_the_account(device: Person, _other: Person) -> None:
    kernel = device.app.state.kernel
    async with kernel.store.transaction() as db:
        await db.execute(update(User).values(disabled_at=kernel.now()))


async def delete_the_account(_device: Person, other: Person) -> None:
    assert (await other.delete("/users/me")).status_code == 204


@each_way
@pytest.mark.asvs("V7.4.1", "V7.4.2", "V7.4.3", "V7.2.4")
@pytest.mark.parametrize(
    "end",
    [
        log_out,
        end_it_from_another_device,
        end_all_others,
        change_the_password_elsewhere,
        log_in_anew,
        disable_the_account,
        delete_the_account,
    ],
)
async def test_a_session_dies_at_once(as_user: SignUp, way: Way, end: Ending) -> None:
    alice = await as_user("alice@example.com")
    async with logged_in(alice.app, register=False, way=way) as other:
        await end(alice, other)

    answer = await alice.get("/users/me")

    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, way.ended)
    assert not await alice.is_in()


@each_way
@pytest.mark.asvs("V7.4.1")
async def test_a_second_process_knows_at_once(make_app: MakeApp, way: Way) -> None:
    app, second_process = make_app(), make_app()

    async with logged_in(app, way=way) as alice, ApiClient(second_process) as elsewhere:
        before = await elsewhere.get("/users/me", headers=alice.carried.headers)
        await alice.post("/auth/logout")
        after = await elsewhere.get("/users/me", headers=alice.carried.headers)

    assert (before.status_code, after.status_code) == (200, 401)


@each_way
async def test_a_password_change_keeps_the_session_that_made_it(as_user: SignUp) -> None:
    alice = await as_user("alice@example.com")

    await change_the_password_elsewhere(alice, alice)

    assert await alice.is_in()
    assert await alice.is_in()


@each_way
@pytest.mark.asvs("V7.3.1")
async def test_a_session_ends_when_it_is_not_used(as_user: SignUp, clock: FakeClock) -> None:
    alice, bob = await as_user("alice@example.com"), await as_user("bob@example.com")
    idle = lifetimes_of(alice).idle
    clock.moment += idle - SECOND
    in_time = await alice.renew()
    clock.moment += SECOND
    too_late = await bob.renew()
    clock.moment += idle - 2 * SECOND

    assert (in_time, too_late) == (True, False)
    assert await alice.renew()


@each_way
@pytest.mark.asvs("V7.3.2")
async def test_no_use_keeps_a_session_alive_for_ever(as_user: SignUp, clock: FakeClock) -> None:
    alice = await as_user("alice@example.com")
    absolute = lifetimes_of(alice).absolute
    await grow_old(alice, clock, seconds=absolute.total_seconds() - 1)
    alive = await alice.is_in()
    clock.moment += SECOND

    assert alive
    assert not await alice.is_in()
