"""`/docs` in a real browser: a person authorises and creates a note, and nothing comes from elsewhere."""

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.conftest import ProjectOf
from tests.support.servers import running

ADA = {"email": "ada@example.org", "password": "correct horse battery staple 42"}
CHROMIUM = os.environ.get("BASTION_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
REQUIRED = "BASTION_REQUIRE_BROWSER" in os.environ
# No sandbox inside a container run by root; the other flags keep Chromium from calling home.
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]

pytestmark = pytest.mark.skipif(
    CHROMIUM is None and not REQUIRED,
    reason="no Chromium: install your system's package chromium, or name the program in BASTION_CHROMIUM",
)


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
    assert CHROMIUM, "Chromium is required here: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser.new_page()
        browser.close()


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
