"""An application that pages of two other origins may call, with a route for each way to fail."""

from typing import Annotated

import pytest
from sqlalchemy.exc import OperationalError

from app.core.application import Application
from app.core.errors import Problem
from app.core.principals import Principal, Requires
from app.core.routing import Router
from app.core.types import Body
from tests.conftest import MakeApp
from tests.cors.pages import PAGE, PAGE_WITH_PORT
from tests.support.planting import plant


class Amount(Body):
    amount: int


def planted() -> Router:
    router = Router(prefix="/planted")

    @router.get("")
    async def answer() -> str:
        return "read me"

    @router.post("")
    async def change(body: Amount) -> int:
        return body.amount

    @router.get("/forbidden")
    async def forbidden(holder: Annotated[Principal, Requires("planted:never")]) -> str:
        return holder.email

    @router.get("/limited")
    async def limited() -> str:
        raise Problem(429, "too_many", headers={"Retry-After": "7"})

    @router.get("/crash")
    async def crash() -> str:
        raise RuntimeError

    @router.get("/down")
    async def down() -> str:
        raise OperationalError("SELECT 1", {}, ConnectionError())

    return router


PLANTED = planted()
"""One for all tests: applications with the same routes share one OpenAPI document."""


def made(make_app: MakeApp, **settings: str) -> Application:
    app = make_app(BROWSER_ORIGINS=f"{PAGE},{PAGE_WITH_PORT}", **settings)
    app.state.kernel.permission("planted:never")
    plant(app, PLANTED)
    return app


@pytest.fixture
def app(make_app: MakeApp) -> Application:
    """The application, which names two pages."""
    return made(make_app)
