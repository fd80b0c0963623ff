"""`/docs` in a real browser: a person authorises and creates a note, and nothing comes from elsewhere."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.conftest import ProjectOf
from tests.support.browser import needs_chromium, open_page
from tests.support.servers import running

ADA = {"email": "ada@example.org", "password": "correct horse battery staple 42"}

pytestmark = needs_chromium


@pytest.fixture
def address(project_of: ProjectOf, tmp_path: Path) -> Iterator[str]:
    """Where a project runs as it does for the developer who just made it."""
    project = project_of({"database": "sqlite", "jwt_algorithm": "HS256"})
    settings = {"APP_ENV": "local", "DATABASE_URL": f"sqlite+aiosqlite:///{(tmp_path / 'app.db').as_posix()}"}
    project.succeed("python", "-m", "app.manage", "migrate", env=settings)
    with running(project, settings, tmp_path / "log.txt") as address:
        yield address


@pytest.fixture
def page() -> Iterator[Page]:
    with open_page() as page:
        yield page


def test_a_person_authorises_and_creates_a_note(page: Page, address: str) -> None:
    assert httpx.post(f"{address}/auth/register", json=ADA).status_code == httpx.codes.CREATED
    elsewhere: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: elsewhere.append(request.url) if not _is_own(request.url, address) else None)
    page.on("console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None)

    page.goto(f"{address}/docs")
    _authorise(page)
    _create_a_note(page)

    assert elsewhere == []
    assert complaints == []


def _is_own(url: str, address: str) -> bool:
    return url.startswith((f"{address}/", "data:", "blob:"))


def _authorise(page: Page) -> None:
    page.click("button.authorize")
    page.fill("#oauth_username", ADA["email"])
    page.fill("#oauth_password", ADA["password"])
    page.click(".auth-btn-wrapper button.authorize")
    page.click(".auth-btn-wrapper button.btn-done")


def _create_a_note(page: Page) -> None:
    operation = page.locator("#operations-notes-make_note_notes_post")
    operation.locator(".opblock-summary").click()
    operation.locator("button.try-out__btn").click()
    operation.locator("textarea").fill(json.dumps({"title": "From the browser"}))
    operation.locator("button.execute").click()
    answer = operation.locator(".live-responses-table .response").first
    expect(answer.locator(".response-col_status")).to_contain_text("201")
    expect(answer).to_contain_text("From the browser")
