"""A token is worth nothing once its session is revoked by its own routes; the account's ways are the core's tests."""

from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import update

from app.core.application import Application
from app.core.models import User
from tests.support.client import ApiClient
from tests.support.forge import INVALID, present
from tests.support.tokens import INVALID_GRANT, Holder, SignUp, refresh, refusal, request_tokens, revoke

Ending = Callable[[Holder], Awaitable[object]]


async def log_out(device: Holder) -> None:
    assert (await device.post("/auth/logout")).status_code == 204


async def revoke_the_refresh_token(device: Holder) -> None:
    assert (await revoke(device, device.refresh_token)).status_code == 200


async def revoke_the_access_token(device: Holder) -> None:
    assert (await revoke(device, device.access_token)).status_code == 200


async def disable_the_account(device: Holder) -> None:
    kernel = device.app.state.kernel
    async with kernel.store.transaction() as db:
        await db.execute(update(User).values(disabled_at=kernel.now()))


@pytest.mark.asvs("V7.4.1", "V7.4.2")
@pytest.mark.parametrize("end", [log_out, revoke_the_refresh_token, revoke_the_access_token, disable_the_account])
async def test_both_tokens_die_at_once(as_user: SignUp, client: ApiClient, end: Ending) -> None:
    alice = await as_user("alice@example.com")

    await end(alice)

    access = await present(client, alice.access_token)
    assert (access.status_code, access.headers["WWW-Authenticate"]) == (401, INVALID)
    assert refusal(await refresh(client, alice.refresh_token)) == INVALID_GRANT


async def test_a_disabled_account_keeps_its_tokens_unspent(
    app: Application, as_user: SignUp, client: ApiClient
) -> None:
    alice = await as_user("alice@example.com")
    await disable_the_account(alice)
    await refresh(client, alice.refresh_token)

    login = await request_tokens(client, alice.email, alice.password)

    assert refusal(login) == INVALID_GRANT
    async with app.state.kernel.store.transaction() as db:
        await db.execute(update(User).values(disabled_at=None))
    assert (await refresh(client, alice.refresh_token)).status_code == 200
