"""Cross-site request forgery: what another site makes a browser send changes nothing."""

import os
from typing import Any

import httpx
import pytest

from app.cookies.csrf import CsrfTokens
from app.core.application import Application
from app.core.events import Level, SecurityEvent
from tests.conftest import MakeApp
from tests.cookies.board import PATH
from tests.cookies.browser import OWN_ORIGIN, SESSION, Browser, logged_in
from tests.support.clock import FakeClock
from tests.support.production import FIT, RISKS

LINE = {"text": "milk"}
LISTED = "https://app.example.com"


async def write(browser: Browser, **headers: str) -> httpx.Response:
    """Write on the board as a page of ours does, with what `headers` add or replace."""
    return await browser.change("POST", PATH, json=LINE, headers=headers)


async def lines_on(browser: Browser) -> list[Any]:
    lines: list[Any] = (await browser.get(PATH)).json()
    return lines


FROM_OUR_PAGES = {
    "the browser says same origin": {"Sec-Fetch-Site": "same-origin", "Origin": OWN_ORIGIN},
    "a person typed it": {"Sec-Fetch-Site": "none"},
    "an old browser sends the origin alone": {"Origin": OWN_ORIGIN},
    "no browser at all: the token decides": {},
    "the default port is written out in Host": {"Origin": OWN_ORIGIN, "Host": "localhost:443"},
    "a port that is none of the defaults": {"Origin": "https://localhost:8443", "Host": "localhost:8443"},
}


@pytest.mark.parametrize("headers", FROM_OUR_PAGES.values(), ids=FROM_OUR_PAGES)
async def test_our_own_pages_are_served(app: Application, headers: dict[str, str]) -> None:
    browser = await logged_in(app)

    assert (await write(browser, **headers)).status_code == 201


FROM_ELSEWHERE = {
    "cross-site": {"Sec-Fetch-Site": "cross-site"},
    "cross-site, and lies about the origin": {"Sec-Fetch-Site": "cross-site", "Origin": OWN_ORIGIN},
    "a neighbour on the same site": {"Sec-Fetch-Site": "same-site", "Origin": "https://other.localhost"},
    "same-site without an origin": {"Sec-Fetch-Site": "same-site"},
    "a word nobody knows": {"Sec-Fetch-Site": "friendly"},
    "a foreign origin": {"Origin": "https://evil.example"},
    "the origin null": {"Origin": "null"},
    "an empty origin": {"Origin": ""},
    "our name as a prefix": {"Origin": "https://localhost.evil.example"},
    "our name as a suffix": {"Origin": "https://evil-localhost"},
    "our name as a user": {"Origin": "https://localhost@evil.example"},
    "another port": {"Origin": "https://localhost:444"},
    "same-origin, and a foreign origin": {"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"},
}


@pytest.mark.asvs("V3.5.1", "V3.5.3")
@pytest.mark.parametrize("headers", FROM_ELSEWHERE.values(), ids=FROM_ELSEWHERE)
async def test_what_comes_from_elsewhere_is_refused_even_with_a_token(
    app: Application, events: list[SecurityEvent], headers: dict[str, str]
) -> None:
    browser = await logged_in(app)

    answer = await write(browser, **headers)

    assert (answer.status_code, answer.json()["code"]) == (403, "csrf_refused")
    assert await lines_on(browser) == []
    assert [event.level for event in events if event.name == "malicious_csrf"] == [Level.WARN]


@pytest.mark.asvs("V16.3.3")
async def test_a_flood_of_made_up_cookies_raises_no_alarm_and_buries_no_other_event(
    app: Application, events: list[SecurityEvent], clock: FakeClock
) -> None:
    """Nobody has to be logged in to be refused for want of a token."""
    stranger, another = Browser(app), Browser(app, network="192.0.2.7")
    for seconds in (0, 59, 1):
        clock.advance(seconds=seconds)
        for each in (stranger, another):
            for path in ("/users/me", "/nowhere", "/auth/login"):
                answer = await each.post(path, headers={"Cookie": f"{SESSION}={'A' * 43}"})
                assert answer.status_code == 403

    assert [event.written() for event in events] == [
        f"malicious_csrf:{network}" for network in ("127.0.0.1", "192.0.2.7") * 2
    ]
    assert {event.level for event in events} == {Level.WARN}


async def test_an_update_does_not_void_the_tokens_of_open_pages(make_app: MakeApp) -> None:
    app = make_app(SECRET_KEY="0123456789abcdef0123456789abcdef", SECRET_KEY_FALLBACKS="", SECRET_KEY_NEXT="")
    issued_before = "00112233445566778899aabbccddeeff.40ab49d031881cb4bd43fa61c95d8ff84abb00b54a602923d91fb31459e350d8"

    assert app.state.kernel.provided(CsrfTokens).accepts(issued_before, SESSION, "a" * 43)


async def test_a_token_of_the_next_key_is_accepted_before_that_key_signs(make_app: MakeApp) -> None:
    """Where processes restart one after the other, a page gets its token from one and sends it to another."""
    behind = make_app(SECRET_KEY="0f" * 32, SECRET_KEY_FALLBACKS="", SECRET_KEY_NEXT="2d" * 32)
    ahead = make_app(SECRET_KEY="2d" * 32, SECRET_KEY_FALLBACKS="0f" * 32, SECRET_KEY_NEXT="")
    tokens, tokens_behind = (app.state.kernel.provided(CsrfTokens) for app in (ahead, behind))

    assert tokens_behind.accepts(tokens.issue(SESSION, "a" * 43), SESSION, "a" * 43)
    assert tokens.accepts(tokens_behind.issue(SESSION, "a" * 43), SESSION, "a" * 43)


@pytest.mark.parametrize("header", ["Origin", "Sec-Fetch-Site"])
async def test_two_headers_of_one_name_are_refused(app: Application, header: str) -> None:
    browser = await logged_in(app)
    good = {"Origin": OWN_ORIGIN, "Sec-Fetch-Site": "same-origin"}[header]
    headers = [("X-CSRF-Token", await browser.csrf_token()), (header, good), (header, good)]

    assert (await browser.post(PATH, json=LINE, headers=headers)).status_code == 403


@pytest.mark.asvs("V3.5.1")
async def test_without_a_token_nothing_changes(app: Application) -> None:
    browser = await logged_in(app)

    answer = await browser.post(PATH, json=LINE, headers={"Sec-Fetch-Site": "same-origin", "Origin": OWN_ORIGIN})

    assert answer.status_code == 403
    assert await lines_on(browser) == []


async def test_a_token_of_another_session_is_refused(app: Application) -> None:
    alice, mallory = await logged_in(app), await logged_in(app, "mallory@example.com")

    assert (await write(alice, **{"X-CSRF-Token": await mallory.csrf_token()})).status_code == 403


async def test_a_token_of_an_earlier_session_is_refused(app: Application) -> None:
    alice = await logged_in(app)
    earlier = await alice.csrf_token()
    await alice.log_in()

    assert (await write(alice, **{"X-CSRF-Token": earlier})).status_code == 403
    assert (await write(alice)).status_code == 201


async def test_a_pair_of_cookie_and_token_that_an_attacker_made_up_is_refused(app: Application) -> None:
    """A token that only had to equal a cookie could be planted together with it."""
    alice = await logged_in(app)
    made_up = "A" * 43

    answer = await alice.post(
        PATH,
        json=LINE,
        headers={"Cookie": f"{SESSION}={alice.session}; __Host-csrf={made_up}", "X-CSRF-Token": made_up},
    )

    assert answer.status_code == 403


@pytest.mark.parametrize("broken", ["", ".", "x", "a.b", "é", "0" * 97, "a" * 10_000, "\x00"], ids=repr)
async def test_a_broken_token_is_refused_and_never_an_error(app: Application, broken: str) -> None:
    browser = await logged_in(app)
    headers = [(b"X-CSRF-Token", broken.encode("latin-1"))]

    assert (await browser.post(PATH, json=LINE, headers=headers)).status_code == 403


async def test_each_character_of_a_token_counts(app: Application) -> None:
    browser = await logged_in(app)
    token = await browser.csrf_token()

    for place in (0, token.index(".") - 1, token.index(".") + 1, len(token) - 1):
        changed = token[:place] + ("0" if token[place] != "0" else "1") + token[place + 1 :]
        assert (await write(browser, **{"X-CSRF-Token": changed})).status_code == 403


async def test_two_tokens_are_refused(app: Application) -> None:
    browser = await logged_in(app)
    token = await browser.csrf_token()

    answer = await browser.post(PATH, json=LINE, headers=[("X-CSRF-Token", token), ("X-CSRF-Token", token)])

    assert answer.status_code == 403


@pytest.mark.parametrize("where", ["query", "cookie", "body"])
async def test_a_token_elsewhere_than_in_its_header_is_none(app: Application, where: str) -> None:
    browser = await logged_in(app)
    token = await browser.csrf_token()
    cookie = f"{SESSION}={browser.session}" + (f"; X-CSRF-Token={token}" if where == "cookie" else "")
    body = {**LINE, "csrf_token": token} if where == "body" else LINE
    path = f"{PATH}?csrf_token={token}" if where == "query" else PATH

    assert (await browser.post(path, json=body, headers={"Cookie": cookie})).status_code == 403


@pytest.mark.asvs("V3.5.3")
async def test_reading_needs_no_token(app: Application) -> None:
    browser = await logged_in(app)

    assert (await browser.get(PATH, headers={"Sec-Fetch-Site": "cross-site"})).status_code == 200


@pytest.mark.parametrize("change", ["PATCH /users/me", "DELETE /users/me", "POST /auth/logout"])
async def test_every_method_that_changes_something_is_guarded(app: Application, change: str) -> None:
    browser = await logged_in(app)

    assert (await browser.request(*change.split())).status_code == 403
    assert (await browser.get("/users/me")).status_code == 200


async def test_a_method_that_nobody_serves_is_guarded_too(app: Application) -> None:
    browser = await logged_in(app)

    assert (await browser.request("PURGE", PATH)).status_code == 403


async def test_a_listed_page_of_the_same_site_is_served(make_app: MakeApp) -> None:
    browser = await logged_in(make_app(BROWSER_ORIGINS=LISTED))

    listed = await write(browser, **{"Sec-Fetch-Site": "same-site", "Origin": LISTED})
    neighbour = await write(browser, **{"Sec-Fetch-Site": "same-site", "Origin": "https://blog.example.com"})
    another_site = await write(browser, **{"Sec-Fetch-Site": "cross-site", "Origin": LISTED})

    assert [each.status_code for each in (listed, neighbour, another_site)] == [201, 403, 403]


async def test_in_production_a_page_that_came_in_the_clear_is_not_ours(make_app: MakeApp) -> None:
    # Servers stay those of the test; what is not fit about them is accepted.
    fit = {name: value for name, value in FIT.items() if name not in {"DATABASE_URL", *os.environ}}
    here = {"APP_ENV": "production", "COOKIES_OVER_HTTP": "false", "ACCEPTED_RISKS": ",".join(RISKS)}
    browser = await logged_in(make_app(**fit, **here), base_url="https://api.example.com")

    secure = await write(browser, Origin="https://api.example.com")
    in_the_clear = await write(browser, Origin="http://api.example.com")

    assert [secure.status_code, in_the_clear.status_code] == [201, 403]


async def test_somebody_without_any_cookie_is_told_to_log_in(app: Application) -> None:
    answer = await Browser(app).post(PATH, json=LINE)

    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")


async def test_a_token_survives_the_rotation_of_the_root_secret(make_app: MakeApp) -> None:
    old = os.environ["SECRET_KEY"]
    browser = await logged_in(make_app())
    token = await browser.csrf_token()
    rotated = make_app(SECRET_KEY="0f" * 8 + old[16:], SECRET_KEY_FALLBACKS=old)
    after = Browser(rotated)
    after.kept = dict(browser.kept)

    assert (await after.post(PATH, json=LINE, headers={"X-CSRF-Token": token})).status_code == 201
    forgotten = Browser(make_app(SECRET_KEY_FALLBACKS=""))
    forgotten.kept = dict(browser.kept)
    assert (await forgotten.post(PATH, json=LINE, headers={"X-CSRF-Token": token})).status_code == 403
