"""Pages of other origins guess at no password and end no session, with whosever address. Ours and programs are served.

A browser sends a form from any page without asking, and no page needs to read the answer for that.
"""

import pytest

from app.core.application import Application
from app.core.events import Level, SecurityEvent
from tests.support.client import ApiClient
from tests.support.people import PASSWORD
from tests.support.tokens import Holder, SignUp, request_tokens, revoke

EMAIL = "alice@example.com"
WRONG = "not the password of anyone"
ATTACKER = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}
NAMED = "https://app.example.com"

FOREIGN = {
    "another site": ATTACKER,
    "another site, and no origin": {"Sec-Fetch-Site": "cross-site"},
    "another site, and our origin": {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
    "a sandboxed page": {"Sec-Fetch-Site": "cross-site", "Origin": "null"},
    "a neighbour on the same site": {"Sec-Fetch-Site": "same-site", "Origin": "http://localhost:9000"},
    "a word nobody knows": {"Sec-Fetch-Site": "friendly"},
    "an older browser": {"Origin": "https://evil.example"},
    "an older browser, with a sandboxed page": {"Origin": "null"},
    "an older browser, with a page on another port": {"Origin": "http://localhost:9000"},
    "an origin that begins as ours": {"Origin": "http://localhost.evil.example"},
    "an empty origin": {"Origin": ""},
}
OURS_AND_PROGRAMS = {
    "a program": {},
    "a page of ours, as /docs is": {"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost"},
    "a page of ours that keeps its address to itself": {"Sec-Fetch-Site": "same-origin", "Origin": "null"},
    "a page of ours behind a proxy that rewrites Host": {"Sec-Fetch-Site": "same-origin", "Origin": NAMED},
    "an older browser": {"Origin": "http://localhost"},
    "a page over TLS, in an older browser": {"Origin": "https://localhost"},
    "no page: an extension with rights of its own": {"Sec-Fetch-Site": "none", "Origin": "chrome-extension://abcdef"},
}

REFUSED_ONCE = [("malicious_form:127.0.0.1", Level.WARN)]


@pytest.fixture
async def alice(as_user: SignUp) -> Holder:
    return await as_user(EMAIL)


@pytest.mark.asvs("V3.5.2", "V6.3.1")
@pytest.mark.usefixtures("alice")
@pytest.mark.parametrize("headers", FOREIGN.values(), ids=FOREIGN)
async def test_what_a_foreign_page_guesses_counts_against_nobody(
    app: Application, client: ApiClient, events: list[SecurityEvent], headers: dict[str, str]
) -> None:
    async with ApiClient(app, headers=headers) as visitor:
        answers = [await request_tokens(visitor, EMAIL, password) for password in (*[WRONG] * 6, PASSWORD)]

    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(403, "origin_not_allowed")}
    assert [(event.written(), event.level) for event in events if event.name != "user_created"] == REFUSED_ONCE
    # From the same network: its people would otherwise wait for the account.
    assert (await request_tokens(client, EMAIL, PASSWORD)).status_code == 200


@pytest.mark.asvs("V6.3.1")
@pytest.mark.usefixtures("alice")
async def test_pages_open_on_many_networks_close_no_account(app: Application) -> None:
    for number in range(20):
        async with ApiClient(app, network=f"203.0.113.{number}", headers=ATTACKER) as visitor:
            for _ in range(5):
                await request_tokens(visitor, EMAIL, WRONG)

    async with ApiClient(app, network="198.51.100.1") as elsewhere:
        assert (await request_tokens(elsewhere, EMAIL, PASSWORD)).status_code == 200


@pytest.mark.usefixtures("alice")
@pytest.mark.parametrize("headers", OURS_AND_PROGRAMS.values(), ids=OURS_AND_PROGRAMS)
async def test_a_page_of_ours_and_a_program_log_in(app: Application, headers: dict[str, str]) -> None:
    async with ApiClient(app, headers=headers) as ours:
        assert (await request_tokens(ours, EMAIL, PASSWORD)).status_code == 200


@pytest.mark.usefixtures("alice")
@pytest.mark.parametrize("site", ["cross-site", "same-site", None])
async def test_a_page_that_is_named_logs_in_and_no_other(app: Application, site: str | None) -> None:
    app.state.kernel.named_origins.add(NAMED)
    sent = {"Sec-Fetch-Site": site} if site else {}

    answers = []
    for origin in (NAMED, f"{NAMED}.evil.example"):
        async with ApiClient(app, headers={**sent, "Origin": origin}) as page:
            answers.append((await request_tokens(page, EMAIL, PASSWORD)).status_code)

    assert answers == [200, 403]


@pytest.mark.usefixtures("alice")
@pytest.mark.parametrize("headers", [("Sec-Fetch-Site", "same-origin"), ("Origin", "http://localhost")])
async def test_two_headers_of_one_name_are_refused(client: ApiClient, headers: tuple[str, str]) -> None:
    form = {"grant_type": "password", "username": EMAIL, "password": PASSWORD}

    assert (await client.post("/auth/token", data=form, headers=[headers, headers])).status_code == 403


@pytest.mark.asvs("V3.5.2")
async def test_a_foreign_page_ends_no_session(alice: Holder) -> None:
    async with ApiClient(alice.app, headers=ATTACKER) as visitor:
        refused = await revoke(visitor, alice.refresh_token)

    assert refused.status_code == 403
    assert await alice.is_in()


@pytest.mark.asvs("V3.5.2")
async def test_no_form_renews_a_session(alice: Holder, client: ApiClient) -> None:
    """A page elsewhere can send forms and plain text; before JSON its browser would ask."""
    text = f'{{"refresh_token": "{alice.refresh_token}"}}'.encode()
    kinds = ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain", "")

    answers = [
        await client.post("/auth/refresh", content=text, headers={"Content-Type": kind, **ATTACKER}) for kind in kinds
    ]

    assert [answer.status_code for answer in answers] == [400] * len(kinds)
    assert await alice.is_in()
