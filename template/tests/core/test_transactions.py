"""Transactions: what was answered was committed, and what was refused was not."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from functools import cache
from inspect import isasyncgenfunction
from typing import Annotated, Any
from uuid import uuid4

import pytest
from fastapi import BackgroundTasks, Depends, Request
from sqlalchemy import delete, event, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import PasswordCredential
from app.core.application import Application
from app.core.database import Database
from app.core.errors import Problem
from app.core.models import User
from app.core.openapi import problems
from app.core.parameters import dependants_of
from app.core.routing import Router, api_routes
from tests.conftest import MakeApp
from tests.support.client import ApiClient
from tests.support.planting import plant

CANARY = "c4n4ry"


def somebody(name: str) -> User:
    email = f"{name}@example.com"
    return User(id=uuid4(), email=email, canonical_email=email, created_at=datetime.now(UTC), disabled_at=None)


@cache
def routes() -> Router:
    """Return routes that write and then go wrong, each in its own way."""
    router = Router(prefix="/planted")

    @router.post("/kept")
    async def kept(db: Database) -> dict[str, str]:
        db.add(somebody("kept"))
        return {"said": "done"}

    @router.post("/commit-fails")
    async def commit_fails(db: Database) -> dict[str, str]:
        db.add(somebody("lost"))
        await db.flush()

        def fail(_session: Any) -> None:
            message = "the disk is full"
            raise RuntimeError(message)

        event.listen(db.sync_session, "before_commit", fail)
        return {"said": "done"}

    @router.post("/flush-fails")
    async def flush_fails(db: Database) -> dict[str, str]:
        db.add_all([somebody("twice"), somebody("twice")])
        return {"said": "done"}

    @router.post("/belongs-to-nobody")
    async def belongs_to_nobody(db: Database) -> dict[str, str]:
        db.add(PasswordCredential(user_id=uuid4(), encoded_hash="", changed_at=datetime.now(UTC)))
        return {"said": "done"}

    @router.post("/leaves-out")
    async def leaves_out(db: Database) -> dict[str, str]:
        half = somebody(CANARY)
        del half.email
        db.add(half)
        await db.flush()
        return {"said": "done"}

    @router.post("/breaks-a-check")
    async def breaks_a_check(db: Database) -> dict[str, str]:
        await db.execute(text("CREATE TEMPORARY TABLE stock (amount INTEGER CHECK (amount >= 0))"))
        await db.execute(text("INSERT INTO stock VALUES (-1)"))
        return {"said": "done"}

    @router.post("/overtaken")
    async def overtaken(db: Database) -> dict[str, str]:
        changed = somebody("changed")
        db.add(changed)
        await db.flush()
        await db.execute(delete(User), execution_options={"synchronize_session": False})
        changed.email = "late@example.com"
        return {"said": "done"}

    @router.post("/refuses", responses=problems(409))
    async def refuses(db: Database) -> None:
        db.add(somebody("refused"))
        await db.flush()
        raise Problem(409, "conflict")

    @router.post("/fails")
    async def fails(db: Database) -> None:
        db.add(somebody("failed"))
        await db.flush()
        message = "a programming error"
        raise RuntimeError(message)

    @router.post("/misanswers")
    async def misanswers(db: Database) -> int:
        db.add(somebody("unsayable"))
        await db.flush()
        return "no number"  # type: ignore[return-value]  # pyrefly: ignore

    @router.get("/goes-on")
    @router.post("/goes-on")
    async def goes_on(db: Database, later: BackgroundTasks) -> dict[str, str]:
        async def write() -> None:
            db.add(somebody("too-late"))
            await db.flush()

        later.add_task(write)
        return {"said": "done"}

    return router


@pytest.fixture
def planted(app: Application) -> Application:
    plant(app, routes(), public=True)
    return app


async def people(app: Application) -> int:
    async with app.state.kernel.store.reading() as db:
        return await db.scalar(select(func.count()).select_from(User)) or 0


async def test_what_was_answered_is_there(planted: Application) -> None:
    async with ApiClient(planted) as client:
        answer = await client.post("/planted/kept")

    assert answer.json() == {"said": "done"}
    assert await people(planted) == 1


@pytest.mark.asvs("V2.3.3", "V16.5.3")
@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("commit-fails", 500),
        ("flush-fails", 409),
        ("belongs-to-nobody", 409),
        ("overtaken", 409),
        ("breaks-a-check", 409),
        ("refuses", 409),
        ("fails", 500),
    ],
)
async def test_what_failed_is_never_answered_as_done_and_leaves_nothing(
    planted: Application, path: str, status: int
) -> None:
    async with ApiClient(planted) as client:
        answer = await client.post(f"/planted/{path}")

    assert answer.status_code == status
    assert "done" not in answer.text
    assert await people(planted) == 0


@pytest.mark.asvs("V16.3.4", "V16.5.1")
async def test_a_mistake_of_ours_is_no_conflict_and_the_log_says_where_it_was_made(
    make_app: MakeApp, capsys: pytest.CaptureFixture[str]
) -> None:
    app = make_app()
    plant(app, routes(), public=True)

    async with ApiClient(app) as client:
        answer = await client.post("/planted/leaves-out")

    logged = capsys.readouterr().out
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_server_error")
    assert '"exception": "ProgrammingError"' in logged
    assert " leaves_out" in logged
    assert CANARY not in logged + answer.text


async def test_an_answer_that_cannot_be_said_is_a_500(planted: Application) -> None:
    async with ApiClient(planted) as client:
        answer = await client.post("/planted/misanswers")

    assert answer.status_code == 500


def end_too_late(app: Application) -> set[str]:
    """Return the dependencies that end behind the answer: what they commit is answered as done, and may yet fail."""
    return {
        f"{path}: {getattr(each.call, '__name__', repr(each.call))}"
        for _, path, route in api_routes(app.routes)
        for each in dependants_of(route.dependant)
        if isasyncgenfunction(each.call) and each.scope != "function"
    }


@pytest.mark.asvs("V2.3.3")
async def test_every_dependency_that_yields_ends_before_the_answer(app: Application) -> None:
    assert end_too_late(app) == set()


async def in_a_transaction(request: Request) -> AsyncIterator[AsyncSession]:
    async with request.app.state.kernel.store.transaction() as db:
        yield db


async def test_a_dependency_that_commits_behind_the_answer_would_be_found(app: Application) -> None:
    router = Router()

    async def within(db: Annotated[AsyncSession, Depends(in_a_transaction)]) -> AsyncSession:
        return db

    @router.post("/late")
    async def late(_db: Annotated[AsyncSession, Depends(within)]) -> None:
        return None

    @router.post("/in-time")
    async def in_time(_db: Annotated[AsyncSession, Depends(in_a_transaction, scope="function")]) -> None:
        return None

    plant(app, router)

    assert end_too_late(app) == {"/late: in_a_transaction"}


@pytest.mark.asvs("V1.4.3")
async def test_requests_that_fail_give_their_connections_back(planted: Application) -> None:
    async with ApiClient(planted) as client:
        for _ in range(10):
            for path in ("commit-fails", "refuses", "fails"):
                await client.post(f"/planted/{path}")
        answer = await client.post("/planted/kept")

    assert answer.status_code == 200
    assert planted.state.kernel.store.engine.pool.checkedout() == 0


@pytest.mark.asvs("V1.4.3", "V2.3.3")
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_session_kept_beyond_its_route_is_refused_and_holds_no_lock(
    make_app: MakeApp, capsys: pytest.CaptureFixture[str], method: str
) -> None:
    app = make_app()
    plant(app, routes(), public=True)

    async with ApiClient(app) as client:
        await client.request(method, "/planted/goes-on")
        held = app.state.kernel.store.engine.pool.checkedout()
        answer = await client.post("/planted/kept")

    assert (answer.status_code, held) == (200, 0)
    assert '"exception": "InvalidRequestError"' in capsys.readouterr().out
    assert await people(app) == 1
