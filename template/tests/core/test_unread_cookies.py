"""Cookies are read where a route looks for one, and nowhere else: strangers choose what is in them."""

from typing import Annotated

import pytest
from fastapi import Cookie, Request

from app.core.application import Application
from app.core.routing import Router
from tests.support.client import ApiClient
from tests.support.planting import plant


@pytest.fixture
async def planted_client(app: Application) -> ApiClient:
    router = Router(prefix="/planted")

    @router.get("/none")
    async def none() -> None: ...

    @router.get("/cookie")
    async def cookie(taste: Annotated[str, Cookie(max_length=9)], request: Request) -> list[str]:
        return [taste, *request.cookies]

    plant(app, router, public=True)
    return ApiClient(app)


@pytest.mark.asvs("V15.2.2")
async def test_cookies_that_no_route_looks_for_are_not_read(
    planted_client: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some versions of Python read 60 KB of backslashes in quotes for 15 seconds, for a stranger (CVE-2024-7592)."""
    read: list[str] = []

    def note(header: str) -> dict[str, str]:
        read.append(header)
        return {}

    for module in ("app.core.parameters", "starlette.requests"):
        monkeypatch.setattr(f"{module}.cookie_parser", note)
    async with planted_client as client:
        answers = [
            await client.get("/planted/none", headers={"Cookie": cookies})
            for cookies in ("a;" * 30_000, 'a="%s"' % ("\\" * 60_000))
        ]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert read == []


async def test_a_cookie_that_a_route_looks_for_is_read(planted_client: ApiClient) -> None:
    async with planted_client as client:
        answer = await client.get("/planted/cookie", headers={"Cookie": 'other=x; taste="oat"'})
        missing = await client.get("/planted/cookie", headers={"Cookie": "other=x"})

    assert answer.json() == ["oat", "other", "taste"]
    assert missing.json()["errors"][0]["in"] == "cookie"
