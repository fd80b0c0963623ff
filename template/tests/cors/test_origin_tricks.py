"""A page that is not named gets no CORS header, however much its origin looks like one that is."""

import pytest

from app.core import telling
from app.core.application import Application
from app.core.events import Level, SecurityEvent
from tests.conftest import MakeApp
from tests.cors.conftest import made
from tests.cors.pages import ALLOW_ORIGIN, PAGE, PAGE_WITH_PORT, cors_headers, listed, preflight, varies_by_origin
from tests.support.client import ApiClient
from tests.support.clock import FakeClock
from tests.support.people import SignUp
from tests.support.planting import RawRequest

FOREIGN = {
    "another page": b"https://evil.example",
    "the name as a prefix": b"https://good.example.evil.example",
    "the name as a suffix": b"https://evilgood.example",
    "a suffix behind a dash": b"https://evil-good.example",
    "a subdomain": b"https://sub.good.example",
    "a parent": b"https://example",
    "plain http": b"http://good.example",
    "another port": b"https://good.example:444",
    "the default port written out": b"https://good.example:443",
    "the port as a prefix": b"https://good.example:84430",
    "null": b"null",
    "upper case": b"https://Good.example",
    "an upper-case scheme": b"HTTPS://good.example",
    "a trailing dot": b"https://good.example.",
    "a trailing slash": b"https://good.example/",
    "a path": b"https://good.example/x",
    "a name before it": b"https://good.example@evil.example",
    "a user before it": b"https://evil@good.example",
    "a fragment": b"https://good.example#.evil.example",
    "a backslash": b"https://good.example\\.evil.example",
    "a wildcard": b"*",
    "any letter for the dot": b"https://goodxexample",
    "a line feed behind": b"https://good.example\n",
    "a line feed before": b"\nhttps://good.example",
    "a line feed between two": b"https://evil.example\nhttps://good.example",
    "a carriage return": b"https://good.example\r\nX-Evil: 1",
    "a space between two": b"https://good.example https://evil.example",
    "a comma between two": b"https://good.example,https://evil.example",
    "a NUL behind": b"https://good.example\0",
    "a letter that looks alike": "https://g\u043e\u043ed.example".encode(),
    "bytes that are no text": b"https://good.example\xff",
    "no scheme": b"good.example",
    "nothing": b"",
    "an origin without end": b"https://good.example" * 1000,
}


def asked(method: str, *origins: bytes) -> RawRequest:
    """Return a request by hand, since no client would send these. An OPTIONS is a preflight."""
    headers = [(b"host", b"localhost"), *((b"origin", origin) for origin in origins)]
    if method == "OPTIONS":
        headers.append((b"access-control-request-method", b"GET"))
    return RawRequest(method, "/planted", headers)


def cors_names(request: RawRequest) -> list[bytes]:
    """Return the CORS headers of the answer."""
    return [name for name, _ in request.answers[0]["headers"] if name.lower().startswith(b"access-control-")]


@pytest.mark.asvs("V3.4.2")
@pytest.mark.parametrize("origin", FOREIGN.values(), ids=FOREIGN)
async def test_a_page_that_is_not_named_reads_nothing(app: Application, origin: bytes) -> None:
    request = await asked("GET", origin).send_to(app)

    assert request.status == 401
    assert cors_names(request) == []
    assert "Origin" in listed(request.headers["vary"])


@pytest.mark.asvs("V3.4.2")
@pytest.mark.parametrize("origin", FOREIGN.values(), ids=FOREIGN)
async def test_its_preflight_is_refused_and_told(app: Application, events: list[SecurityEvent], origin: bytes) -> None:
    request = await asked("OPTIONS", origin).send_to(app)

    assert request.status == 403
    assert request.headers["content-type"] == "application/problem+json"
    assert cors_names(request) == []
    assert "Origin" in listed(request.headers["vary"])
    (event,) = events
    assert (event.name, event.arguments, event.level) == ("malicious_cors", ("127.0.0.1",), Level.WARN)
    assert len(event.description) < 150


@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
@pytest.mark.parametrize(
    "origins",
    [
        (PAGE, "https://evil.example"),
        ("https://evil.example", PAGE),
        (PAGE, PAGE),
        (PAGE, ""),
    ],
)
async def test_of_two_origins_none_counts(app: Application, method: str, origins: tuple[str, str]) -> None:
    request = await asked(method, *(origin.encode() for origin in origins)).send_to(app)

    assert request.status == {"GET": 401, "OPTIONS": 403}[method]
    assert cors_names(request) == []


async def test_the_refusal_says_why_and_repeats_nothing(client: ApiClient, events: list[SecurityEvent]) -> None:
    answer = await preflight(client, "/planted", origin="https://evil.example")

    assert answer.status_code == 403
    assert answer.json()["code"] == "origin_not_allowed"
    assert "evil" not in answer.text
    assert [event.written() for event in events] == ["malicious_cors:127.0.0.1"]
    assert "https://evil.example" in events[0].description


async def test_a_flood_of_preflights_buries_no_other_event(
    client: ApiClient, events: list[SecurityEvent], clock: FakeClock
) -> None:
    for seconds in (0, 59, 1):
        clock.advance(seconds=seconds)
        for number in range(20):
            await preflight(client, "/planted", origin=f"https://evil{number}.example")
            await preflight(client, "/planted", method="DELETE", headers="X-Odd")

    assert [event.written() for event in events] == ["malicious_cors:127.0.0.1"] * 2


async def test_each_network_is_told_of_and_none_silences_another(
    app: Application, client: ApiClient, events: list[SecurityEvent]
) -> None:
    async with ApiClient(app, network="192.0.2.7") as another:
        for each in (client, another, client):
            await preflight(each, "/planted", origin="https://evil.example")

    assert [event.arguments for event in events] == [("127.0.0.1",), ("192.0.2.7",)]


async def test_a_clock_that_is_set_back_silences_nobody(
    client: ApiClient, events: list[SecurityEvent], clock: FakeClock
) -> None:
    await preflight(client, "/planted", origin="https://evil.example")
    clock.advance(days=-1)
    await preflight(client, "/planted", origin="https://evil.example")

    assert len(events) == 2


@pytest.mark.asvs("V15.2.2")
async def test_of_many_networks_the_first_is_forgotten(
    app: Application, events: list[SecurityEvent], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "MOST_REMEMBERED", 2)
    for last in (1, 2, 3, 2, 1):
        async with ApiClient(app, network=f"192.0.2.{last}") as client:
            await preflight(client, "/planted", origin="https://evil.example")

    assert [event.arguments for event in events] == [(f"192.0.2.{last}",) for last in (1, 2, 3, 1)]


async def test_an_origin_writes_no_line_of_the_log(make_app: MakeApp, capsys: pytest.CaptureFixture[str]) -> None:
    await asked("OPTIONS", b"https://evil.example\n\r{}\x1b[2J").send_to(made(make_app))

    printed = capsys.readouterr().out
    assert printed.count("\n") == printed.count('"event": ')
    assert "malicious_cors" in printed
    assert "\x1b" not in printed


@pytest.mark.asvs("V3.4.2")
@pytest.mark.parametrize("page", [PAGE, PAGE_WITH_PORT])
async def test_a_page_that_is_named_gets_its_own_origin_back(as_user: SignUp, page: str) -> None:
    alice = await as_user()

    answer = await alice.get("/planted", headers={"Origin": page})
    asked_before = await preflight(alice, "/planted", origin=page)

    assert (answer.status_code, asked_before.status_code) == (200, 200)
    for each in (answer, asked_before):
        assert each.headers.get_list(ALLOW_ORIGIN) == [page]
        assert varies_by_origin(each)


async def test_a_foreign_page_is_not_told_what_a_named_one_may(as_user: SignUp) -> None:
    alice = await as_user()

    answer = await alice.get("/planted", headers={"Origin": "https://evil.example"})

    assert answer.status_code == 200
    assert cors_headers(answer.headers) == {}


async def test_a_program_that_names_no_origin_gets_no_cors_header(as_user: SignUp) -> None:
    alice = await as_user()

    answer = await alice.get("/planted")

    assert answer.status_code == 200
    assert cors_headers(answer.headers) == {}
    assert varies_by_origin(answer)
