"""CORS in a real browser: a page that is named calls and reads, errors too; no other reads, changes or guesses."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from playwright.sync_api import Page

from tests.support.browser import needs_chromium
from tests.support.commands import COPIER, succeed
from tests.support.projects import install
from tests.support.servers import running
from tests.support.sites import site

ANSWERS = ("database=sqlite", "auth=bearer", "rate_limit=gateway", "features=[cors]", "ci=none")
PASSWORD = "correct horse battery staple 42"  # noqa: S105 - of nobody
FETCH = """async ([url, options]) => {
  try {
    const answer = await fetch(url, options);
    const header = (name) => answer.headers.get(name);
    return { status: answer.status, body: await answer.text(), id: header("x-request-id") };
  } catch { return { status: 0, body: "", id: null }; }
}"""
SANDBOX = """<!doctype html>
<script>window.said = new Promise((done) => { window.onmessage = (heard) => done(heard.data); });</script>
<iframe sandbox="allow-scripts" srcdoc="<script>
  fetch('%s').then(() => parent.postMessage('read', '*'), () => parent.postMessage('refused', '*'));
</script>"></iframe>"""

pytestmark = needs_chromium


@dataclass(frozen=True)
class Scene:
    """A project that runs, the page that it names, and another one."""

    address: str
    named: str
    foreign: str


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory, template_repository: Path, environments: Path) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("cors")
    flags = [flag for answer in ANSWERS for flag in ("--data", answer)]
    succeed(*COPIER, "copy", "--defaults", "--quiet", *flags, str(template_repository), "render", cwd=folder)
    project = install(folder / "render", folder / "project", environments)
    settings = {"APP_ENV": "local", "DATABASE_URL": f"sqlite+aiosqlite:///{(folder / 'app.db').as_posix()}"}
    project.succeed("python", "-m", "app.manage", "migrate", env=settings)
    with ExitStack() as stack:
        named, foreign = (f"http://127.0.0.1:{stack.enter_context(site(sandbox=SANDBOX))}" for _ in range(2))
        started = running(project, {**settings, "BROWSER_ORIGINS": named}, folder / "log.txt")
        yield Scene(stack.enter_context(started), named, foreign)


def call(page: Page, origin: str, url: str, **options: Any) -> dict[str, Any]:  # noqa: ANN401 - as JavaScript takes them
    page.goto(f"{origin}/")
    answer: dict[str, Any] = page.evaluate(FETCH, [url, options])
    return answer


def registration(email: str) -> dict[str, Any]:
    """Return what a page would send: no form could, so the browser asks first."""
    body = json.dumps({"email": email, "password": PASSWORD})
    return {"method": "POST", "headers": {"Content-Type": "application/json"}, "body": body}


def login(email: str, password: str) -> dict[str, Any]:
    """Return what a form would send."""
    body = urlencode({"grant_type": "password", "username": email, "password": password})
    return {"method": "POST", "headers": {"Content-Type": "application/x-www-form-urlencoded"}, "body": body}


def test_a_named_page_calls_and_reads(page: Page, scene: Scene) -> None:
    made = call(page, scene.named, f"{scene.address}/auth/register", **registration("named@example.org"))
    with_token = call(page, scene.named, f"{scene.address}/users/me", headers={"Authorization": "Bearer nonsense"})
    unknown = call(page, scene.named, f"{scene.address}/nowhere")
    invalid = call(page, scene.named, f"{scene.address}/auth/register", **{**registration("x"), "body": "{}"})

    assert [answer["status"] for answer in (made, with_token, unknown, invalid)] == [201, 401, 404, 422]
    assert all(answer["id"] for answer in (made, with_token, unknown, invalid))
    assert "named@example.org" in made["body"]
    assert json.loads(with_token["body"])["code"] == "invalid_token"


def test_a_foreign_page_reads_nothing_and_changes_nothing(page: Page, scene: Scene) -> None:
    sent = registration("foreign@example.org")

    refused = [
        call(page, scene.foreign, f"{scene.address}/auth/register", **sent),
        call(page, scene.foreign, f"{scene.address}/users/me", headers={"Authorization": "Bearer nonsense"}),
        call(page, scene.foreign, f"{scene.address}/users/me"),
        call(page, scene.foreign, f"{scene.address}/nowhere"),
    ]

    assert [answer["status"] for answer in refused] == [0] * 4
    # The address is still free, so the call never came through.
    made = httpx.post(f"{scene.address}/auth/register", content=sent["body"], headers=sent["headers"])
    assert made.status_code == httpx.codes.CREATED


def test_a_foreign_page_spends_no_guess(page: Page, scene: Scene) -> None:
    """A form needs no answer and the browser asks nobody first: five wrong ones would make this network wait."""
    person = registration("guessed@example.org")
    httpx.post(f"{scene.address}/auth/register", content=person["body"], headers=person["headers"])
    same_site, cross_site = scene.foreign, scene.foreign.replace("127.0.0.1", "localhost")

    for origin in (*[same_site] * 6, *[cross_site] * 6):
        call(page, origin, f"{scene.address}/auth/token", mode="no-cors", **login("guessed@example.org", "wrong"))

    answer = call(page, scene.named, f"{scene.address}/auth/token", **login("guessed@example.org", PASSWORD))
    assert answer["status"] == httpx.codes.OK


def test_a_named_page_sends_no_header_that_is_not_allowed(page: Page, scene: Scene) -> None:
    assert call(page, scene.named, f"{scene.address}/nowhere", headers={"X-Anything": "1"})["status"] == 0


def test_a_named_page_sends_no_credentials_where_none_is_a_cookie(page: Page, scene: Scene) -> None:
    assert call(page, scene.named, f"{scene.address}/nowhere", credentials="include")["status"] == 0
    assert call(page, scene.named, f"{scene.address}/nowhere", credentials="omit")["status"] == httpx.codes.NOT_FOUND


def test_a_sandboxed_frame_of_a_named_page_is_nobody(page: Page, scene: Scene) -> None:
    page.goto(f"{scene.named}/sandbox?{scene.address}/nowhere")

    assert page.evaluate("window.said") == "refused"
