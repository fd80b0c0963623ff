"""The session cookie as it comes in: one, well-formed, live, and the only credential."""

import tracemalloc
from functools import cache

import pytest
from sqlalchemy import select

from app.cookies.jar import Jar
from app.cookies.settings import SameSite
from app.core.application import Application
from app.core.models import AuthSession, User
from app.core.openapi import problems
from app.core.principals import CurrentUser
from app.core.routing import Router
from app.core.sessions import Lifetimes, open_session
from tests.conftest import MakeApp
from tests.cookies.board import PATH
from tests.cookies.browser import SESSION, Browser, logged_in
from tests.support.clock import FakeClock
from tests.support.planting import RawRequest, plant

MALFORMED = {
    "empty": "",
    "too short": "A" * 42,
    "too long": "A" * 44,
    "100 kB": "A" * 100_000,
    "padding": "A" * 42 + "=",
    "quoted": '"' + "A" * 41 + '"',
    "a space inside": "A" * 20 + " " + "A" * 22,
    "NUL": "A" * 42 + "\0",
    "beyond ASCII": "A" * 42 + "\xe9",
    "SQL": "' OR 1=1 --" + "A" * 32,
}


@pytest.mark.parametrize("value", MALFORMED.values(), ids=MALFORMED)
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_malformed_cookie_is_a_401_and_taken_back(app: Application, method: str, value: str) -> None:
    headers = [(b"Cookie", f"{SESSION}={value}".encode("latin-1"))]

    answer = await Browser(app).request(method, PATH, headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_session")
    assert answer.headers["www-authenticate"] == f'Cookie cookie-name="{SESSION}", error="invalid_session"'
    assert "Max-Age=0" in answer.headers["set-cookie"]


async def test_a_session_that_nobody_was_given_is_a_401(app: Application) -> None:
    answer = await Browser(app).get(PATH, headers={"Cookie": f"{SESSION}={'A' * 43}"})

    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_session")


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("together", [True, False], ids=["one-header", "two-headers"])
async def test_two_session_cookies_are_a_400(app: Application, method: str, *, together: bool) -> None:
    browser = await logged_in(app)
    mine, planted = f"{SESSION}={browser.session}", f"{SESSION}={'A' * 43}"
    headers = [("Cookie", f"{planted}; {mine}")] if together else [("Cookie", planted), ("Cookie", mine)]

    answer = await browser.request(method, PATH, headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (400, "two_credentials")


async def test_other_cookies_do_no_harm(app: Application) -> None:
    browser = await logged_in(app)
    cookies = f"theme=dark; ; =; x; a={'b' * 3000}; {SESSION}x=y; {SESSION}={browser.session}"

    assert (await browser.get("/users/me", headers={"Cookie": cookies})).status_code == 200


@pytest.mark.asvs("V15.2.2")
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_cookies_without_number_cost_next_to_nothing(app: Application, method: str) -> None:
    """A head of 64 KiB holds 60,000 of them; a list of all took 17 ms and 4.7 MB, of a stranger."""
    headers = [(b"host", b"localhost"), (b"cookie", b";" * 60_000)]
    await RawRequest(method, PATH, headers).send_to(app)

    tracemalloc.start()
    request = await RawRequest(method, PATH, headers).send_to(app)
    _, most_held = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert request.status == 401
    assert most_held < 1_000_000


async def test_a_name_without_a_value_is_a_cookie_without_a_value(app: Application) -> None:
    browser = await logged_in(app)
    mine = f"{SESSION}={browser.session}"

    alone = await browser.get("/users/me", headers={"Cookie": f"a; {SESSION} ;b"})
    beside = await browser.get("/users/me", headers={"Cookie": f"{SESSION};{mine}"})

    assert [alone.json()["code"], beside.json()["code"]] == ["invalid_session", "two_credentials"]


def test_a_cookie_is_found_by_the_name_that_the_jar_gives_it() -> None:
    jar = Jar(SameSite.LAX, session="__Host-mine", pre_session="__Host-before")
    header = f"__Host-mine={'A' * 43}; __Host-before={'B' * 43}; __Host-session={'C' * 43}"
    scope = {"headers": [(b"cookie", header.encode())]}

    assert (jar.session_of(scope), jar.pre_session_of(scope)) == ("A" * 43, "B" * 43)


@pytest.mark.asvs("V3.3.3")
@pytest.mark.parametrize("before", [True, False], ids=["before", "behind"])
async def test_no_byte_beside_it_makes_another_name_ours(app: Application, *, before: bool) -> None:
    """Any neighbour may set a cookie whose name only looks like one with the prefix `__Host-`."""
    browser = await logged_in(app)

    for byte in range(0x80, 0x100):
        beside = bytes([byte])
        name = beside + SESSION.encode() if before else SESSION.encode() + beside
        answer = await browser.get("/users/me", headers=[(b"Cookie", name + b"=" + browser.session.encode())])
        assert answer.json()["code"] == "not_authenticated", hex(byte)


async def test_the_name_is_taken_as_it_is_written(app: Application) -> None:
    browser = await logged_in(app)

    for name in (SESSION.lower(), SESSION.upper(), SESSION.removeprefix("__Host-")):
        answer = await browser.get("/users/me", headers={"Cookie": f"{name}={browser.session}"})
        assert answer.json()["code"] == "not_authenticated"


@pytest.mark.asvs("V7.3.1")
async def test_an_unused_session_ends_after_half_an_hour(app: Application, clock: FakeClock) -> None:
    browser = await logged_in(app)

    clock.advance(minutes=30)

    assert (await browser.get("/users/me")).status_code == 401


@pytest.mark.asvs("V7.3.1")
async def test_a_session_in_use_goes_on(app: Application, clock: FakeClock) -> None:
    browser = await logged_in(app)

    for _ in range(4):
        clock.advance(minutes=29)
        assert (await browser.get("/users/me")).status_code == 200


@cache
def open_to_all() -> Router:
    """Return a route that everybody reads, and that asks by itself who does."""
    router = Router(prefix="/planted")

    @router.get("/mine", responses=problems(401))
    async def mine(user: CurrentUser) -> str:
        return user.email

    return router


@pytest.mark.asvs("V7.3.1")
async def test_nor_does_one_end_that_is_used_on_public_routes(app: Application, clock: FakeClock) -> None:
    plant(app, open_to_all(), public=True)
    browser = await logged_in(app)

    for _ in range(4):
        clock.advance(minutes=29)
        assert (await browser.get("/planted/mine")).status_code == 200


@pytest.mark.asvs("V7.3.2")
async def test_no_use_makes_a_session_older_than_eight_hours(app: Application, clock: FakeClock) -> None:
    browser = await logged_in(app)

    for _ in range(8 * 60 // 20 - 1):
        clock.advance(minutes=20)
        assert (await browser.get("/users/me")).status_code == 200

    clock.advance(minutes=20)
    assert (await browser.get("/users/me")).status_code == 401


async def test_a_use_is_noted_once_a_minute_and_no_more(app: Application, clock: FakeClock) -> None:
    browser = await logged_in(app)
    opened = await last_used(app)

    clock.advance(seconds=59)
    await browser.get("/users/me")
    within_a_minute = await last_used(app)
    clock.advance(seconds=1)
    await browser.get("/users/me")

    assert within_a_minute == opened
    assert await last_used(app) == clock()


async def last_used(app: Application) -> object:
    async with app.state.kernel.store.reading() as db:
        return await db.scalar(select(AuthSession.used_at))


async def test_the_limits_are_settings(make_app: MakeApp, clock: FakeClock) -> None:
    app = make_app(SESSION_IDLE_SECONDS="120", SESSION_ABSOLUTE_SECONDS="300")
    browser = await logged_in(app)

    clock.advance(seconds=119)
    assert (await browser.get("/users/me")).status_code == 200
    clock.advance(seconds=119)
    assert (await browser.get("/users/me")).status_code == 200
    clock.advance(seconds=62)
    assert (await browser.get("/users/me")).status_code == 401


async def test_the_secret_of_another_carrier_is_no_cookie(app: Application) -> None:
    """What another carrier hands out is hashed with its name, so here it is a session that nobody was given."""
    browser = await logged_in(app)
    kernel = app.state.kernel
    async with kernel.store.transaction() as db:
        user_id = await db.scalar(select(User.id))
        lifetimes: Lifetimes = kernel.login.carriers["cookie"].lifetimes
        issued = await open_session(
            db,
            user_id,
            carrier="another",
            methods=("pwd",),
            lifetimes=lifetimes,
            now=kernel.now(),
            entropy=kernel.entropy,
        )

    answer = await browser.get("/users/me", headers={"Cookie": f"{SESSION}={issued.secret}"})

    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_session")
