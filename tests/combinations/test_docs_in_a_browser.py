"""`/docs` in a real browser: a person logs in and creates a note, and nothing comes from elsewhere."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.conftest import ProjectOf
from tests.support.browser import needs_chromium
from tests.support.servers import running

ADA = {"email": "ada@example.org", "password": "correct horse battery staple 42"}

pytestmark = needs_chromium


@pytest.fixture
def address(request: pytest.FixtureRequest, project_of: ProjectOf, tmp_path: Path) -> Iterator[str]:
    """Where a project runs as it does for the developer who just made it."""
    project = project_of({"database": "sqlite", "auth": request.param})
    settings = {"APP_ENV": "local", "DATABASE_URL": f"sqlite+aiosqlite:///{(tmp_path / 'app.db').as_posix()}"}
    project.succeed("python", "-m", "app.manage", "migrate", env=settings)
    with running(project, settings, tmp_path / "log.txt") as address:
        yield address


@pytest.mark.parametrize(
    ("address", "way"),
    [("bearer", "token"), ("cookie", "session"), ("both", "token"), ("both", "session")],
    indirect=["address"],
)
def test_a_person_logs_in_and_creates_a_note(page: Page, address: str, way: str) -> None:
    assert httpx.post(f"{address}/auth/register", json=ADA).status_code == httpx.codes.CREATED
    elsewhere: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: elsewhere.append(request.url) if not _is_own(request.url, address) else None)
    page.on("console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None)

    page.goto(f"{address}/docs")
    _authorise(page) if way == "token" else _log_in(page)
    _create_a_note(page)

    assert elsewhere == []
    assert complaints == []


def _is_own(url: str, address: str) -> bool:
    return url.startswith((f"{address}/", "data:", "blob:"))


def _authorise(page: Page) -> None:
    page.click("button.authorize")
    page.fill("#oauth_username", ADA["email"])
    page.fill("#oauth_password", ADA["password"])
    # Where there are several ways to authorise, each has a form of its own.
    tokens = page.locator(".auth-container").filter(has=page.locator("#oauth_username"))
    tokens.locator(".auth-btn-wrapper button.authorize").click()
    tokens.locator(".auth-btn-wrapper button.btn-done").click()


def _log_in(page: Page) -> None:
    """Log in by the route: the page sends the header against CSRF by itself, and the browser keeps the cookie."""
    answer = _execute(page, "#operations-sessions-log_in_auth_login_post", ADA)
    expect(answer.locator(".response-col_status")).to_contain_text("200")


def _create_a_note(page: Page) -> None:
    answer = _execute(page, "#operations-notes-make_note_notes_post", {"title": "From the browser"})
    expect(answer.locator(".response-col_status")).to_contain_text("201")
    expect(answer).to_contain_text("From the browser")


def _execute(page: Page, operation_id: str, body: dict[str, str]) -> Locator:
    operation = page.locator(operation_id)
    operation.locator(".opblock-summary").click()
    operation.locator("button.try-out__btn").click()
    operation.locator("textarea").fill(json.dumps(body))
    operation.locator("button.execute").click()
    return operation.locator(".live-responses-table .response").first
