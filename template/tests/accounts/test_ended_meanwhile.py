"""What was authenticated and then waited for its account: nothing of it happens if the session has ended by then."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

import httpx
import pytest

from app.accounts.throttle import Throttle
from app.core.application import Application
from app.core.errors import Problem
from app.core.principals import Principal
from tests.support.carrying import each_way
from tests.support.client import ApiClient
from tests.support.meanwhile import begun
from tests.support.passwords import NEW_PASSWORD, disable, id_of, kernel_of, reset, reset_code
from tests.support.people import Person, SignUp, try_login

EMAIL = "alice@example.com"

Act = Callable[[Person], Coroutine[Any, Any, httpx.Response]]

ACTS: dict[str, Act] = {
    "another address": lambda thief: thief.patch("/users/me", json={"email": "thief@example.com"}),
    "the account deleted": lambda thief: thief.delete("/users/me"),
    "all other logins ended": lambda thief: thief.delete("/auth/sessions"),
}


@each_way
@pytest.mark.asvs("V7.4.1", "V7.4.3", "V15.4.2")
@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
async def test_a_thief_who_waits_while_the_owner_sets_a_new_password_gets_nothing(
    as_user: SignUp, app: Application, monkeypatch: pytest.MonkeyPatch, act: Act
) -> None:
    thief = await as_user(EMAIL)
    code = await reset_code(app, EMAIL)
    throttle = kernel_of(app).provided(Throttle)
    forget_action = throttle.forget_action
    begun_acts: list[tuple[asyncio.Task[httpx.Response], bool]] = []

    async def let_the_thief_act(*about: Any) -> None:
        """Come in when the sessions have ended and nothing is committed yet."""
        task = await begun(act(thief))
        begun_acts.append((task, task.done()))
        await forget_action(*about)

    monkeypatch.setattr(throttle, "forget_action", let_the_thief_act)
    async with ApiClient(app) as owner:
        assert (await reset(owner, code)).status_code == 204

    ((task, was_done),) = begun_acts
    late = await task
    assert (was_done, late.status_code) == (False, 401)
    assert late.headers["WWW-Authenticate"]
    assert await try_login(thief, EMAIL, NEW_PASSWORD) == 200


async def principal_of(app: Application, email: str) -> Principal:
    """Return somebody whose credential needs no session."""
    return Principal(user_id=await id_of(app, email), email=email, registered_at=kernel_of(app).now(), carrier="any")


async def status_of_lock(app: Application, principal: Principal) -> int:
    kernel = kernel_of(app)
    try:
        async with kernel.store.transaction() as db:
            await kernel.principals.lock_account_of(db, principal)
    except Problem as problem:
        return problem.status_code
    return 200


async def test_who_has_no_session_is_judged_by_the_account(as_user: SignUp, app: Application) -> None:
    alice, bob = await as_user(EMAIL), await as_user("bob@example.com")
    sessionless = [await principal_of(app, person.email) for person in (alice, bob)]

    before = [await status_of_lock(app, each) for each in sessionless]
    await disable(app, EMAIL)
    await bob.delete("/users/me")
    after = [await status_of_lock(app, each) for each in sessionless]

    assert (before, after) == ([200, 200], [401, 401])


async def test_a_session_that_never_was_locks_nothing(as_user: SignUp, app: Application) -> None:
    await as_user(EMAIL)
    principal = await principal_of(app, EMAIL)

    assert await status_of_lock(app, replace(principal, session_id=principal.user_id)) == 401
