"""The login: a new session each time, and only for a page of ours."""

from functools import cache

import pytest
from fastapi import Request, Response
from sqlalchemy import select

from app.core.application import Application
from app.core.events import SecurityEvent
from app.core.login import Proven
from app.core.models import User
from app.core.openapi import problems
from app.core.routing import Router
from tests.conftest import MakeApp
from tests.cookies.browser import ALICE, OWN_ORIGIN, PRE_SESSION, SESSION, Browser, logged_in, registered
from tests.support.clock import FakeClock
from tests.support.people import PASSWORD
from tests.support.planting import plant
from tests.support.stolen import as_secret, stored_for_sessions

OTHER_SITE = "https://evil.example"


def attributes(set_cookie: str) -> set[str]:
    return {part.strip() for part in set_cookie.split(";")[1:]}


@pytest.mark.asvs("V14.3.3")
async def test_a_login_sets_the_session_and_takes_the_pre_session_back(app: Application) -> None:
    browser = await registered(app)

    answer = await browser.log_in()

    assert answer.status_code == 200
    assert set(browser.kept) == {SESSION}
    assert (await browser.get("/users/me")).json()["email"] == ALICE


@pytest.mark.asvs("V3.3.1", "V3.3.2", "V3.3.3", "V3.3.4")
async def test_no_script_and_no_neighbour_gets_at_the_session_cookie(app: Application) -> None:
    browser = await registered(app)

    session = next(each for each in (await browser.log_in()).headers.get_list("set-cookie") if each.startswith(SESSION))

    assert attributes(session) == {"Path=/", "Secure", "HttpOnly", "SameSite=Lax"}


async def test_strict_is_a_setting(make_app: MakeApp) -> None:
    browser = await registered(make_app(SESSION_SAME_SITE="strict"))

    assert "SameSite=Strict" in (await browser.log_in()).headers["set-cookie"]


@pytest.mark.asvs("V7.2.3", "V14.3.3")
async def test_the_session_is_256_bits_and_only_its_hash_is_stored(app: Application) -> None:
    first, second, thief = await logged_in(app), await logged_in(app, "bob@example.com"), Browser(app)
    stored = await stored_for_sessions(app)

    statuses = []
    for each in stored:
        thief.kept[SESSION] = as_secret(each)
        statuses.append((await thief.get("/users/me")).status_code)

    assert len(first.session) == len(second.session) == 43
    assert first.session != second.session
    assert [len(each) for each in stored] == [32, 32]
    assert statuses == [401, 401]


@pytest.mark.asvs("V7.2.4")
@pytest.mark.parametrize("planted", ["A" * 43, "bad", ""], ids=["well-formed", "malformed", "empty"])
async def test_a_planted_session_id_is_never_taken_over(app: Application, planted: str) -> None:
    browser = await registered(app)
    browser.kept[SESSION] = planted

    answer = await browser.log_in()

    assert answer.status_code == 200
    assert browser.session != planted
    mallory = Browser(app)
    mallory.kept[SESSION] = planted
    assert (await mallory.get("/users/me")).status_code == 401


@pytest.mark.asvs("V7.2.4")
async def test_a_second_login_gives_a_new_session_and_ends_the_one_it_replaces(app: Application) -> None:
    browser = await logged_in(app)
    first = browser.session

    assert (await browser.log_in()).status_code == 200

    assert browser.session != first
    left_behind = Browser(app)
    left_behind.kept[SESSION] = first
    assert (await left_behind.get("/users/me")).status_code == 401
    assert len((await browser.get("/auth/sessions")).json()) == 1


@pytest.mark.asvs("V7.2.4", "V7.5.1")
async def test_proving_oneself_again_gives_a_new_session(app: Application) -> None:
    browser = await logged_in(app)
    first = browser.session

    answer = await browser.change("POST", "/auth/reauthenticate", json={"password": PASSWORD})

    assert answer.status_code == 200
    assert browser.session != first
    left_behind = Browser(app)
    left_behind.kept[SESSION] = first
    assert (await left_behind.get("/users/me")).status_code == 401


@pytest.mark.parametrize("path", ["/auth/reauthenticate", "/auth/login"])
async def test_a_late_answer_to_the_old_session_leaves_the_new_one_alone(app: Application, path: str) -> None:
    """A page sends several requests at once: one that was under way is refused when the new cookie is there already."""
    browser = await logged_in(app)
    under_way = {"Cookie": f"{SESSION}={browser.session}"}
    proof = {"password": PASSWORD} if path == "/auth/reauthenticate" else {"email": ALICE, "password": PASSWORD}
    assert (await browser.change("POST", path, json=proof)).status_code == 200

    late = await browser.get("/users/me", headers=under_way)

    assert (late.status_code, late.json()["code"]) == (401, "invalid_session")
    assert (await browser.get("/users/me")).status_code == 200


async def test_a_session_that_has_ended_is_no_obstacle_to_a_login(app: Application, clock: FakeClock) -> None:
    browser = await logged_in(app)
    clock.advance(days=1)
    assert (await browser.get("/users/me")).status_code == 401

    assert (await browser.log_in()).status_code == 200

    assert (await browser.get("/users/me")).status_code == 200


async def test_a_wrong_password_and_an_unknown_address_are_answered_alike(app: Application) -> None:
    browser = await registered(app)

    wrong = await browser.log_in(password="not the password of anyone")
    unknown = await browser.log_in("nobody@example.com")
    malformed = await browser.log_in("no address at all")

    answers = [{**each.json(), "instance": ""} for each in (wrong, unknown, malformed)]
    assert answers[0] == answers[1] == answers[2]
    assert answers[0]["code"] == "invalid_credentials"
    assert [each.status_code for each in (wrong, unknown, malformed)] == [401] * 3
    assert set(browser.kept) == {PRE_SESSION}


async def test_a_wrong_login_says_how_to_log_in_and_opens_no_dialogue(app: Application) -> None:
    """Each 401 has a challenge (RFC 9110 section 15.5.2); for `Basic` a browser would ask for a password itself."""
    browser = await registered(app)

    answer = await browser.log_in(password="not the password of anyone")

    assert answer.headers.get_list("WWW-Authenticate") == [f'Cookie cookie-name="{SESSION}"']


async def test_logging_out_ends_the_session_and_takes_the_cookie_back(app: Application) -> None:
    browser = await logged_in(app)
    session = browser.session

    answer = await browser.change("POST", "/auth/logout")

    assert answer.status_code == 204
    assert browser.kept == {}
    assert "Max-Age=0" in answer.headers["set-cookie"]
    browser.kept[SESSION] = session
    refused = await browser.get("/users/me")
    assert (refused.status_code, refused.json()["code"]) == (401, "invalid_session")


async def test_a_page_gets_rid_of_a_dead_cookie_by_logging_out(app: Application, clock: FakeClock) -> None:
    """No script can delete it, and while it is sent no other credential gets in."""
    browser = await logged_in(app)
    clock.advance(days=1)

    refused = await browser.change("POST", "/auth/logout")

    assert (refused.status_code, refused.json()["code"]) == (401, "invalid_session")
    assert browser.kept == {}


async def test_deleting_the_account_takes_the_cookie_back(app: Application) -> None:
    browser = await logged_in(app)

    assert (await browser.change("DELETE", "/users/me")).status_code == 204

    assert browser.kept == {}


@pytest.mark.asvs("V3.5.1")
async def test_a_login_that_another_site_sends_is_refused(app: Application, events: list[SecurityEvent]) -> None:
    browser = await registered(app)

    answer = await browser.log_in(**{"Sec-Fetch-Site": "cross-site", "Origin": OTHER_SITE})

    assert (answer.status_code, answer.json()["code"]) == (403, "csrf_refused")
    assert SESSION not in browser.kept
    assert [event.name for event in events if event.name.startswith("malicious")] == ["malicious_csrf"]


@pytest.mark.parametrize("with_cookie", [True, False], ids=["pre-session", "no-cookie"])
async def test_a_login_needs_a_token_of_this_browser(app: Application, *, with_cookie: bool) -> None:
    browser, mallory = await registered(app), Browser(app)
    if with_cookie:
        await browser.csrf_token()

    answer = await browser.post(
        "/auth/login",
        json={"email": ALICE, "password": PASSWORD},
        headers={"X-CSRF-Token": await mallory.csrf_token(), "Origin": OWN_ORIGIN},
    )

    assert answer.status_code == 403


@cache
def other_ways_in() -> Router:
    """Return logins that a slice could add: a link that was mailed, or a code that follows one. None of them is marked.

    They let in the one who has an account.
    """
    router = Router(prefix="/planted")

    async def proven(request: Request) -> Proven:
        async with request.app.state.kernel.store.reading() as db:
            return Proven(user_id=(await db.scalars(select(User.id))).one(), methods=("link",))

    @router.get("/link", response_model=None, responses=problems(403))
    @router.post("/link", response_model=None, responses=problems(403))
    async def follow_link(request: Request) -> Response:
        answer: Response = await request.app.state.kernel.login.proceed(await proven(request), carrier="cookie")
        return answer

    @router.post("/code", response_model=None, responses=problems(403))
    async def send_code(request: Request) -> Response:
        login = request.app.state.kernel.login
        answer: Response = await login.resume(await proven(request), "otp", carrier="cookie")
        return answer

    return router


OTHER_LOGINS = ("POST /planted/link", "GET /planted/link", "POST /planted/code")


@pytest.mark.asvs("V3.5.1")
@pytest.mark.parametrize("login", OTHER_LOGINS)
async def test_no_other_login_is_open_to_another_site(
    app: Application, events: list[SecurityEvent], login: str
) -> None:
    plant(app, other_ways_in(), public=True)
    browser = await registered(app)

    answer = await browser.change(*login.split(), headers={"Sec-Fetch-Site": "cross-site", "Origin": OTHER_SITE})

    assert (answer.status_code, answer.json()["code"]) == (403, "csrf_refused")
    assert set(browser.kept) == {PRE_SESSION}
    assert await stored_for_sessions(app) == []
    assert [event.name for event in events if event.name.startswith("malicious")] == ["malicious_csrf"]


@pytest.mark.parametrize("login", OTHER_LOGINS)
async def test_each_other_login_needs_a_token_and_says_where_it_is(app: Application, login: str) -> None:
    plant(app, other_ways_in(), public=True)
    browser = await registered(app)

    answer = await browser.request(*login.split(), headers={"Origin": OWN_ORIGIN})

    assert answer.status_code == 403
    assert "GET /auth/csrf" in answer.json()["detail"]
    assert await stored_for_sessions(app) == []


@pytest.mark.asvs("V7.2.4")
@pytest.mark.parametrize("login", ["POST /planted/link", "POST /planted/code"])
async def test_a_page_of_ours_is_let_in_by_another_login_which_ends_the_session_it_replaces(
    app: Application, login: str
) -> None:
    plant(app, other_ways_in(), public=True)
    browser = await registered(app)
    own_page = {"Sec-Fetch-Site": "same-origin", "Origin": OWN_ORIGIN}

    answers = [await browser.change(*login.split(), headers=own_page) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert set(browser.kept) == {SESSION}
    assert (await browser.get("/users/me")).json()["email"] == ALICE
    assert len((await browser.get("/auth/sessions")).json()) == 1


async def test_a_token_of_before_the_login_is_worth_nothing_afterwards(app: Application) -> None:
    browser = await registered(app)
    before = await browser.csrf_token()
    await browser.log_in()

    answer = await browser.post("/auth/logout", headers={"X-CSRF-Token": before})

    assert answer.status_code == 403


async def test_a_password_is_no_form(app: Application) -> None:
    browser = await registered(app)
    token = await browser.csrf_token()

    for media_type in ("application/x-www-form-urlencoded", "text/plain"):
        answer = await browser.post(
            "/auth/login",
            content=b'{"email": "alice@example.com", "password": "a harbour full of quiet boats"}',
            headers={"X-CSRF-Token": token, "Content-Type": media_type},
        )
        assert answer.status_code == 422
    assert SESSION not in browser.kept
