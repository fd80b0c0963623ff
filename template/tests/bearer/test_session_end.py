"""A token is worth nothing once its session or account is over: access and refresh token alike, at the next request."""

from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import update

from app.core.application import Application
from app.core.models import User
from tests.conftest import MakeApp
from tests.support.client import ApiClient
from tests.support.forge import INVALID, present
from tests.support.people import Person, SignUp, request_tokens
from tests.support.tokens import INVALID_GRANT, logged_in, refresh, refusal, revoke

Ending = Callable[[Person, Person], Awaitable[object]]
"""Gets the device that will lose its session, and another of the same account."""


async def log_out(device: Person, _other: Person) -> None:
    assert (await device.post("/auth/logout")).status_code == 204


async def revoke_the_refresh_token(device: Person, _other: Person) -> None:
    assert (await revoke(device, device.refresh_token)).status_code == 200


async def revoke_the_access_token(device: Person, _other: Person) -> None:
    assert (await revoke(device, device.access_token)).status_code == 200


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


@pytest.mark.asvs("V7.4.1", "V7.4.2", "V7.4.3", "V7.2.4")
@pytest.mark.parametrize(
    "end",
    [
        log_out,
        revoke_the_refresh_token,
        revoke_the_access_token,
        end_it_from_another_device,
        end_all_others,
        change_the_password_elsewhere,
        log_in_anew,
        disable_the_account,
        delete_the_account,
    ],
)
async def test_both_tokens_die_at_once(as_user: SignUp, client: ApiClient, end: Ending) -> None:
    alice = await as_user("alice@example.com")
    async with Person(alice.app, alice.email) as other:
        await other.log_in()

        await end(alice, other)

    access = await present(client, alice.access_token)
    assert (access.status_code, access.headers["WWW-Authenticate"]) == (401, INVALID)
    assert refusal(await refresh(client, alice.refresh_token)) == INVALID_GRANT


@pytest.mark.asvs("V7.4.1")
async def test_a_second_process_knows_at_once(make_app: MakeApp) -> None:
    app, second_process = make_app(), make_app()

    async with logged_in(app) as alice, ApiClient(second_process) as elsewhere:
        before = await present(elsewhere, alice.access_token)
        await alice.post("/auth/logout")
        after = await present(elsewhere, alice.access_token)

    assert (before.status_code, after.status_code) == (200, 401)


async def test_a_disabled_account_keeps_its_tokens_unspent(
    app: Application, as_user: SignUp, client: ApiClient
) -> None:
    alice = await as_user("alice@example.com")
    await disable_the_account(alice, alice)
    await refresh(client, alice.refresh_token)

    login = await request_tokens(client, alice.email, alice.password)

    assert refusal(login) == INVALID_GRANT
    async with app.state.kernel.store.transaction() as db:
        await db.execute(update(User).values(disabled_at=None))
    assert (await refresh(client, alice.refresh_token)).status_code == 200


async def test_a_password_change_keeps_the_session_that_made_it(as_user: SignUp) -> None:
    alice = await as_user("alice@example.com")

    await change_the_password_elsewhere(alice, alice)

    assert (await alice.get("/users/me")).status_code == 200
    alice.take(await refresh(alice, alice.refresh_token))
    assert (await alice.get("/users/me")).status_code == 200
