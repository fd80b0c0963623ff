"""CSRF in a real browser: what a page elsewhere makes it send changes nothing and reads nothing; our own page works.

`localhost` on another port is the same site, so the browser sends the session cookie along and the guard must refuse;
`127.0.0.1` is another site.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page

from tests.conftest import ProjectOf
from tests.support.browser import needs_chromium
from tests.support.servers import running
from tests.support.sites import site

PASSWORD = "correct horse battery staple 42"  # noqa: S105 - of nobody
ADA, MALLORY = "ada@example.org", "mallory@example.org"
ANSWERS = {"database": "sqlite", "auth": "cookie", "rate_limit": "gateway", "features": [], "ci": "none"}
NEIGHBOUR, STRANGER = "localhost", "127.0.0.1"

OWN_CALL = """async ([method, path, body]) => {
  const token = (await (await fetch("/auth/csrf")).json()).csrf_token;
  const headers = { "Content-Type": "application/json", "X-CSRF-Token": token };
  const answer = await fetch(path, { method, headers, body: body && JSON.stringify(body) });
  return { status: answer.status, text: await answer.text() };
}"""
FETCH = """async ([url, options]) => {
  try { return (await (await fetch(url, { credentials: "include", ...options })).text()); } catch { return null; }
}"""
IMAGE = """(url) => new Promise((done) => {
  const image = new Image();
  image.onload = () => done(image.width);
  image.onerror = () => done(null);
  image.src = url;
})"""
FORM = """([url, name]) => {
  const form = document.createElement("form");
  Object.assign(form, { method: "POST", action: url, enctype: "text/plain" });
  const field = document.createElement("input");
  Object.assign(field, { name, value: '"}' });
  form.append(field);
  document.body.append(form);
  form.submit();
}"""

pytestmark = needs_chromium


@dataclass(frozen=True)
class Scene:
    """A project that runs with two accounts, the port of somebody else's page, and what the project wrote."""

    address: str
    elsewhere: int
    log: Path

    def refusals(self) -> int:
        return self.log.read_text(encoding="utf-8").count("status=403")


@pytest.fixture(scope="module")
def scene(project_of: ProjectOf, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("csrf")
    project = project_of(ANSWERS)
    settings = {"APP_ENV": "local", "DATABASE_URL": f"sqlite+aiosqlite:///{(folder / 'app.db').as_posix()}"}
    settings |= {"COOKIES_OVER_HTTP": "true"}
    project.succeed("python", "-m", "app.manage", "migrate", env=settings)
    with site() as port, running(project, settings, folder / "log.txt") as address:
        here = address.replace("127.0.0.1", "localhost")
        for email in (ADA, MALLORY):
            made = httpx.post(f"{address}/auth/register", json={"email": email, "password": PASSWORD})
            assert made.status_code == httpx.codes.CREATED
        yield Scene(here, port, folder / "log.txt")


def as_our_page(page: Page, scene: Scene, method: str, path: str, body: object = None) -> dict[str, Any]:
    """Call from a page of the project's own origin, as a front end does."""
    page.goto(f"{scene.address}/docs")
    answer: dict[str, Any] = page.evaluate(OWN_CALL, [method, path, body])
    return answer


def submit_form(page: Page, url: str, name: str) -> None:
    """Let a form of the page elsewhere post what reads like JSON, and wait until the browser shows the answer."""
    with page.expect_navigation():
        page.evaluate(FORM, [url, name])


@pytest.mark.parametrize("host", [NEIGHBOUR, STRANGER], ids=["same-site", "cross-site"])
def test_a_page_elsewhere_changes_nothing_and_reads_nothing(page: Page, scene: Scene, host: str) -> None:
    title = f"Mine against {host}"
    logged_in = as_our_page(page, scene, "POST", "/auth/login", {"email": ADA, "password": PASSWORD})
    written = as_our_page(page, scene, "POST", "/notes", {"title": title})
    before = scene.refusals()
    elsewhere = f"http://{host}:{scene.elsewhere}/"

    page.goto(elsewhere)
    read = [page.evaluate(FETCH, [f"{scene.address}{path}", {}]) for path in ("/users/me", "/notes", "/auth/csrf")]
    as_json = {"method": "POST", "headers": {"Content-Type": "application/json"}, "body": '{"title": "theirs"}'}
    sent = [
        page.evaluate(FETCH, [f"{scene.address}/notes", as_json]),
        page.evaluate(FETCH, [f"{scene.address}/users/me", {"method": "DELETE"}]),
    ]
    for path, body in (("/notes", '{"title": "theirs"}'), ("/auth/logout", "")):
        blind = {"method": "POST", "mode": "no-cors", "headers": {"Content-Type": "text/plain"}, "body": body}
        sent.append(page.evaluate(FETCH, [f"{scene.address}{path}", blind]))
    image = page.evaluate(IMAGE, f"{scene.address}/auth/logout")
    submit_form(page, f"{scene.address}/notes", '{"title": "theirs", "body": "')
    page.goto(elsewhere)
    submit_form(page, f"{scene.address}/auth/logout", "{}")

    assert [logged_in["status"], written["status"]] == [200, 201]
    assert read == [None] * 3
    assert [answer or None for answer in sent] == [None] * len(sent)
    assert image is None
    # Still logged in, still the same person, and the one note is the one that our page wrote.
    assert ADA in as_our_page(page, scene, "GET", "/users/me")["text"]
    notes = as_our_page(page, scene, "GET", "/notes")["text"]
    assert title in notes
    assert "theirs" not in notes
    if host == NEIGHBOUR:
        assert scene.refusals() >= before + 4


@pytest.mark.parametrize("host", [NEIGHBOUR, STRANGER], ids=["same-site", "cross-site"])
def test_a_page_elsewhere_logs_nobody_in_as_somebody_else(page: Page, scene: Scene, host: str) -> None:
    """Login CSRF: what a visitor writes afterwards would be the attacker's to read.

    No page elsewhere can say that it sends JSON, so these are refused before anybody asks where they come from.
    """
    page.goto(f"http://{host}:{scene.elsewhere}/")
    credentials = f'{{"email": "{MALLORY}", "password": "{PASSWORD}"'
    blind = {"method": "POST", "mode": "no-cors", "headers": {"Content-Type": "text/plain"}, "body": credentials + "}"}

    page.evaluate(FETCH, [f"{scene.address}/auth/login", blind])
    submit_form(page, f"{scene.address}/auth/login", f'{credentials}, "x": "')

    assert as_our_page(page, scene, "GET", "/users/me")["status"] == httpx.codes.UNAUTHORIZED
    logged_in = as_our_page(page, scene, "POST", "/auth/login", {"email": MALLORY, "password": PASSWORD})
    assert logged_in["status"] == httpx.codes.OK
