"""What only reads writes nothing: nobody looks where a GET comes from, a link or a picture can send one."""

from asyncio import Event, create_task
from functools import cache
from typing import Any

import pytest
from fastapi import BackgroundTasks, Request
from sqlalchemy import insert

from app.core.application import Application
from app.core.database import Database
from app.core.models import User
from app.core.routing import Router
from tests.conftest import MakeApp
from tests.core.test_transactions import people, somebody
from tests.support.client import ApiClient
from tests.support.planting import plant


def _values_of(user: User) -> dict[str, Any]:
    return {column.key: getattr(user, column.key) for column in User.__table__.columns}


@cache
def routes() -> Router:
    """Return routes that write though they should only read, each in its own way, and one that may."""
    router = Router(prefix="/planted")

    @router.post("/kept")
    async def kept(db: Database) -> dict[str, str]:
        db.add(somebody("kept"))
        return {"said": "done"}

    @router.get("/flushes")
    async def flushes(db: Database) -> dict[str, str]:
        db.add(somebody("by-a-get"))
        await db.flush()
        return {"said": "done"}

    @router.get("/commits")
    async def commits(db: Database) -> dict[str, str]:
        db.add(somebody("by-a-get"))
        await db.commit()
        return {"said": "done"}

    @router.get("/executes")
    async def executes(db: Database) -> dict[str, str]:
        connection = await db.connection()
        await connection.execute(insert(User), _values_of(somebody("by-a-get")))
        await connection.commit()
        return {"said": "done"}

    @router.get("/opens-one/{name}")
    async def opens_one(name: str, request: Request) -> dict[str, str]:
        async with request.app.state.kernel.store.transaction() as db:
            db.add(somebody(name))
        return {"said": "done"}

    @router.get("/writes-later")
    async def writes_later(request: Request, later: BackgroundTasks) -> dict[str, str]:
        async def write() -> None:
            async with request.app.state.kernel.store.transaction() as db:
                db.add(somebody("later"))

        later.add_task(write)
        return {"said": "done"}

    @router.get("/starts-a-task")
    async def starts_a_task(request: Request) -> dict[str, str]:
        state = request.app.state
        state.answered = Event()

        async def write() -> None:
            await state.answered.wait()
            async with state.kernel.store.transaction() as db:
                db.add(somebody("later"))

        state.task = create_task(write())
        return {"said": "done"}

    return router


@pytest.fixture
def planted(app: Application) -> Application:
    plant(app, routes(), public=True)
    return app


@pytest.mark.asvs("V3.5.3")
@pytest.mark.parametrize("path", ["flushes", "commits", "executes", "opens-one/by-a-get"])
async def test_a_get_that_writes_is_refused_and_leaves_nothing(planted: Application, path: str) -> None:
    async with ApiClient(planted) as client:
        answer = await client.get(f"/planted/{path}")
        wrote = await client.post("/planted/kept")

    assert answer.status_code == 500
    assert wrote.status_code == 200
    assert await people(planted) == 1


async def test_whoever_writes_in_a_get_is_told_what_to_do(
    make_app: MakeApp, capsys: pytest.CaptureFixture[str]
) -> None:
    app = make_app(LOG_EXCEPTION_MESSAGES="true")
    plant(app, routes(), public=True)

    async with ApiClient(app) as client:
        await client.get("/planted/opens-one/by-a-get")

    assert "POST" in capsys.readouterr().out


async def test_what_a_get_leaves_behind_is_written_when_it_has_been_answered(planted: Application) -> None:
    async with ApiClient(planted) as client:
        answer = await client.get("/planted/writes-later")

    assert answer.status_code == 200
    assert await people(planted) == 1


async def test_so_is_what_a_task_writes_that_goes_on(planted: Application) -> None:
    async with ApiClient(planted) as client:
        await client.get("/planted/starts-a-task")
    planted.state.answered.set()
    await planted.state.task

    assert await people(planted) == 1
