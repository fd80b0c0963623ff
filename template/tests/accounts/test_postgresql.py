"""Failures that are forgotten while others are counted: on a server, where transactions run beside each other."""

from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import LoginThrottle
from app.accounts.throttle import ALL_NETWORKS, KEPT_FOR, Throttle
from app.core.kernel import Kernel
from app.core.login import LOGIN
from tests.support.meanwhile import begun
from tests.support.passwords import kernel_of
from tests.support.people import SignUp, log_in

Forgetting = Callable[[Kernel, str], Coroutine[Any, Any, object]]


def together(forget: Callable[[Throttle, AsyncSession, str], Coroutine[Any, Any, None]]) -> Forgetting:
    """Forget in a transaction, as what changes an account does."""

    async def forgetting(kernel: Kernel, email: str) -> None:
        async with kernel.store.transaction() as db:
            await forget(kernel.provided(Throttle), db, email)

    return forgetting


FORGETTING: dict[str, Forgetting] = {
    "purge": lambda kernel, _: kernel.provided(Throttle).purge(),
    "unlock": lambda kernel, email: kernel.provided(Throttle).unlock(email),
    "a new owner": together(Throttle.forget_address),
    "a new password": together(lambda throttle, db, email: throttle.forget_action(db, email, LOGIN)),
}


async def leave_due(kernel: Kernel, email: str) -> None:
    """Leave what was counted of an account long ago: first, as it lies, what a login locks last."""
    throttle = kernel.provided(Throttle)
    long_ago = kernel.now() - KEPT_FOR - timedelta(seconds=1)
    counted = {"account": throttle.account_key(email), "action": "login", "failures": 1, "changed_at": long_ago}
    async with kernel.store.transaction() as db:
        await throttle.forget_address(db, email)
        for network in ("127.0.0.1", ALL_NETWORKS):
            await db.execute(insert(LoginThrottle).values(**counted, network=network))


@pytest.mark.asvs("V15.4.3")
@pytest.mark.parametrize("forget", FORGETTING.values(), ids=FORGETTING)
async def test_a_login_and_what_forgets_failures_do_not_wait_for_each_other(
    as_user: SignUp, forget: Forgetting
) -> None:
    """The server would end one of them."""
    alice = await as_user()
    kernel = kernel_of(alice.app)
    await leave_due(kernel, alice.email)
    async with kernel.store.transaction() as db:
        await db.execute(select(LoginThrottle).where(LoginThrottle.network == ALL_NETWORKS).with_for_update())
        logging_in = await begun(log_in(alice, alice.email, alice.password))
        forgetting = await begun(forget(kernel, alice.email))

    assert (await logging_in).is_success
    await forgetting
