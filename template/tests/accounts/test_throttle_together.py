"""What is known of guesses is forgotten together with what it was known of, or both stay as they were."""

from collections.abc import Awaitable, Callable

import httpx
import pytest
from sqlalchemy.exc import OperationalError

from app.accounts.throttle import Throttle
from app.core.application import Application
from app.core.events import SecurityEvent
from tests.support.client import ApiClient
from tests.support.passwords import NEW_PASSWORD, change, reset, reset_code
from tests.support.people import PASSWORD, Person, SignUp, try_login

EMAIL = "alice@example.com"

Ask = Callable[[Person, str], Awaitable[httpx.Response]]

ASKS: dict[str, Ask] = {
    "another password": lambda alice, _: change(alice),
    "a reset": reset,
    "the end of the account": lambda alice, _: alice.delete("/users/me"),
}


async def locked(*_: object) -> None:
    raise OperationalError(None, None, TimeoutError())


@pytest.mark.asvs("V16.5.3")
@pytest.mark.parametrize("ask", ASKS.values(), ids=ASKS)
async def test_what_cannot_forget_the_guesses_changes_nothing(
    as_user: SignUp, app: Application, events: list[SecurityEvent], monkeypatch: pytest.MonkeyPatch, ask: Ask
) -> None:
    alice = await as_user(EMAIL)
    code = await reset_code(app, EMAIL)
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(Throttle, "_lock", locked)
        answer = await ask(alice, code)

    assert answer.status_code == 503
    assert await try_login(alice, EMAIL, PASSWORD) == 200
    assert {each.name for each in events}.isdisjoint({"authn_password_change", "user_deleted"})
    assert (await reset(alice, code, NEW_PASSWORD)).is_success


async def test_nor_is_an_account_made(client: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = {"email": EMAIL, "password": PASSWORD}
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(Throttle, "_lock", locked)
        refused = await client.post("/auth/register", json=wanted)

    assert refused.status_code == 503
    assert (await client.post("/auth/register", json=wanted)).status_code == 201
