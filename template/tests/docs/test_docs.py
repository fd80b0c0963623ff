"""The docs page: for developers, from this origin only, and nowhere else."""

import re
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

import pytest

from app.docs import ASSETS, POLICY
from tests.conftest import MakeApp
from tests.support.client import ApiClient

PATHS = ["/docs", "/openapi.json", "/docs/start.js", *(f"/docs/assets/{name}" for name in ASSETS)]

needs_assets = pytest.mark.skipif(find_spec("fastapi_offline") is None, reason="the page needs fastapi-offline")


@pytest.fixture
async def developer(make_app: MakeApp, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ApiClient:
    monkeypatch.chdir(tmp_path)
    return ApiClient(make_app(APP_ENV="local"))


@pytest.mark.asvs("V13.4.5", "V3.5.7")
async def test_elsewhere_there_is_no_map_of_the_api(client: ApiClient) -> None:
    answers = [await client.get(path) for path in [*PATHS, "/redoc", "/metrics", "/debug"]]

    assert [answer.status_code for answer in answers] == [404] * len(answers)


@needs_assets
async def test_a_developer_gets_the_page_and_all_it_needs(developer: ApiClient) -> None:
    async with developer:
        answers = {path: await developer.get(path) for path in PATHS}

    assert {path: answer.status_code for path, answer in answers.items()} == dict.fromkeys(PATHS, 200)
    assert answers["/docs"].headers["Content-Type"] == "text/html; charset=utf-8"
    assert "SwaggerUIBundle" in answers["/docs/start.js"].text
    assert answers["/openapi.json"].json()["openapi"].startswith("3.")


@needs_assets
@pytest.mark.asvs("V3.6.1", "V3.4.3")
async def test_the_page_runs_scripts_from_this_origin_only(developer: ApiClient) -> None:
    async with developer:
        page = await developer.get("/docs")
        asset = await developer.get("/docs/assets/swagger-ui-bundle.js")

    assert page.headers.get_list("Content-Security-Policy") == [POLICY]
    assert "script-src 'self';" in POLICY
    assert "frame-ancestors 'none'" in POLICY
    addresses = re.findall(r'(?:src|href)="([^"]*)"', page.text)
    assert addresses
    assert [address for address in addresses if not address.startswith("/docs/")] == []
    assert "//" not in page.text
    assert not re.search(r"<script(?![^>]*src=)", page.text)
    assert "default-src 'none'" in asset.headers["Content-Security-Policy"]


@needs_assets
@pytest.mark.parametrize(
    "name",
    ["../__init__.py", "..%2f__init__.py", "%2e%2e%2f__init__.py", "/etc/passwd", "swagger-ui.css/../x", "", "x"],
)
async def test_an_asset_is_looked_up_and_never_a_path(developer: ApiClient, name: str) -> None:
    async with developer:
        answer = await developer.get(f"/docs/assets/{name}")

    assert answer.status_code == 404


@needs_assets
async def test_a_title_cannot_become_markup(developer: ApiClient) -> None:
    developer.app.title = "<script>alert(1)</script>"
    async with developer:
        page = await developer.get("/docs")

    assert "<title>&lt;script&gt;alert(1)&lt;/script&gt;</title>" in page.text
    assert "<script>alert" not in page.text


@needs_assets
async def test_who_wants_the_page_elsewhere_says_so(make_app: MakeApp) -> None:
    async with ApiClient(make_app(EXPOSE_DOCS="true")) as client:
        assert (await client.get("/docs")).status_code == 200


async def test_who_does_not_want_it_here_says_so(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    async with ApiClient(make_app(APP_ENV="local", EXPOSE_DOCS="false")) as client:
        assert (await client.get("/docs")).status_code == 404


@pytest.mark.asvs("V13.4.6")
async def test_nothing_says_which_versions_run(client: ApiClient) -> None:
    answers = [await client.get(path) for path in ("/health/live", "/users/me", "/nowhere")]
    said = "".join(answer.text + str(answer.headers) for answer in answers)

    for library in ("fastapi", "starlette", "uvicorn", "sqlalchemy"):
        assert library not in said.lower()
        try:
            assert version(library) not in said
        except PackageNotFoundError:
            continue
