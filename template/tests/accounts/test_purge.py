"""What has expired goes in batches: however much there is, nobody waits for long, and what was done stays done."""

from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, func, insert, select
from sqlalchemy.exc import OperationalError

from app.accounts.models import LoginThrottle, PasswordResetCode
from app.accounts.service import Accounts
from app.accounts.throttle import KEPT_FOR, Throttle
from app.core import database
from app.core.application import Application
from app.core.database import Store
from app.core.kernel import Kernel
from app.core.models import AuthSession
from tests.support.passwords import id_of, kernel_of
from tests.support.people import SignUp

EMAIL = "alice@example.com"
DUE = 5


async def make_due(kernel: Kernel, app: Application) -> None:
    """Leave so many rows of each kind that have expired, and one of each that has not."""
    now, user_id = kernel.now(), await id_of(app, EMAIL)
    ends = [now] * DUE + [now + timedelta(seconds=1)]
    changed = [now - KEPT_FOR - timedelta(seconds=1)] * DUE + [now]
    codes = [{"code_hash": bytes([i]), "user_id": user_id, "expires_at": at} for i, at in enumerate(ends)]
    key = {"account": b"x", "action": "login", "failures": 1}
    counters = [{**key, "network": f"192.0.2.{i}", "changed_at": at} for i, at in enumerate(changed)]
    async with kernel.store.transaction() as db:
        await db.execute(insert(PasswordResetCode), codes)
        await db.execute(insert(LoginThrottle), counters)


@pytest.fixture
def two_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "MOST_DELETED_AT_ONCE", 2)


@contextmanager
def transactions(store: Store) -> Generator[list[int]]:
    """Count the statements that delete, in each transaction that commits any."""
    counts = [0]

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        counts[-1] += statement.startswith("DELETE")

    def end(_connection: Any) -> None:
        counts.append(0)

    engine = store.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    event.listen(engine, "commit", end)
    try:
        yield counts
    finally:
        event.remove(engine, "before_cursor_execute", note)
        event.remove(engine, "commit", end)


async def count(store: Store, table: type[Any]) -> int:
    async with store.reading() as db:
        return await db.scalar(select(func.count()).select_from(table)) or 0


@pytest.mark.asvs("V15.2.2")
@pytest.mark.usefixtures("two_at_once")
async def test_codes_and_counters_go_some_at_a_time_until_none_is_due(as_user: SignUp, app: Application) -> None:
    await as_user.register(EMAIL)
    kernel = kernel_of(app)
    async with kernel.store.transaction() as db:
        await kernel.provided(Throttle).forget_address(db, EMAIL)
    await make_due(kernel, app)

    with transactions(kernel.store) as deleted:
        gone = await kernel.provided(Accounts).purge()

    assert gone == 2 * DUE
    assert [await count(kernel.store, table) for table in (PasswordResetCode, LoginThrottle)] == [1, 1]
    assert max(deleted) == 1
    assert sum(deleted) >= 2 * 3


@pytest.mark.asvs("V15.2.2")
@pytest.mark.usefixtures("two_at_once")
async def test_what_was_deleted_stays_so_when_a_later_batch_fails(as_user: SignUp, app: Application) -> None:
    alice = await as_user(EMAIL)
    for _ in range(DUE - 1):
        await alice.log_in()
    store = kernel_of(app).store
    due = AuthSession.expires_at <= kernel_of(app).now() + timedelta(days=365)
    begun = []

    def fail_at_the_second(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if statement.startswith("DELETE"):
            begun.append(statement)
            if len(begun) == 2:
                raise OperationalError(None, None, TimeoutError())

    event.listen(store.engine.sync_engine, "before_cursor_execute", fail_at_the_second)
    with pytest.raises(OperationalError):
        await store.delete_in_batches(AuthSession, due)
    left = await count(store, AuthSession)
    gone = await store.delete_in_batches(AuthSession, due)

    event.remove(store.engine.sync_engine, "before_cursor_execute", fail_at_the_second)
    assert (left, gone) == (DUE - 2, DUE - 2)
    assert await count(store, AuthSession) == 0
