"""Who is asking: one credential, one statement, and a refusal that says what is missing.

The application here is made by hand from headers and one carrier, without accounts: authentication and permissions
are the core's.
"""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from sqlalchemy import func, literal, select

from app.core.events import Level
from app.core.models import AuthSession, User
from app.core.principals import Facet, Principal
from tests.support.bare import Badge, Bare, statements
from tests.support.carrying import Way, each_way
from tests.support.client import ApiClient
from tests.support.clock import FakeClock
from tests.support.people import SignUp


@pytest.fixture
async def bare(database_url: str, clock: FakeClock, monkeypatch: pytest.MonkeyPatch, way: Way) -> AsyncIterator[Bare]:
    monkeypatch.setenv("DATABASE_URL", database_url)
    made = Bare(clock, way)
    yield made
    await made.kernel.close()


@each_way
async def test_core_and_one_carrier_alone_authenticate(bare: Bare, way: Way) -> None:
    async with await bare.start() as alice:
        known = await alice.get("/probe/who")
        unknown = await alice.get("/probe/who", headers=way.presenting("x"))
        missing = await alice.get("/users/me")

    assert known.json() == {"email": "alice@example.com", "carrier": way.name, "permissions": ["things:read"]}
    assert unknown.status_code == 401
    assert missing.status_code == 404
    assert known.headers["X-Content-Type-Options"] == "nosniff"


@each_way
@pytest.mark.asvs("V10.3.2")
async def test_a_permission_that_is_missing_is_named(bare: Bare, way: Way) -> None:
    async with await bare.start() as alice:
        allowed = await alice.get("/probe/read")
        refused = await alice.post("/probe/write", json={})

    assert allowed.json() == str(bare.user_id)
    assert refused.status_code == 403
    challenge = refused.headers["WWW-Authenticate"]
    assert challenge.startswith(way.challenge)
    assert challenge.endswith('error="insufficient_scope", scope="things:write"')
    assert refused.json()["code"] == "insufficient_scope"
    assert [(told.written(), told.level) for told in bare.heard] == [
        (f"authz_fail:{bare.user_id},things:write", Level.CRITICAL)
    ]


@each_way
async def test_authentication_comes_before_permission_and_permission_before_the_answer_to_a_bad_body(
    bare: Bare, way: Way
) -> None:
    async with await bare.start() as alice:
        broken = {"Content-Type": "application/json", **way.presenting("x")}
        anonymous = await alice.post("/probe/write", content=b"{", headers=broken)
        forbidden = await alice.post("/probe/write", json={"x": 1})

    assert anonymous.status_code == 401
    assert forbidden.status_code == 403


@pytest.mark.asvs("V10.3.2")
def test_scopes_narrow_and_never_widen(clock: FakeClock) -> None:
    def principal(permissions: set[str], scopes: set[str] | None) -> Principal:
        return Principal(
            user_id=uuid4(),
            email="alice@example.com",
            registered_at=clock(),
            carrier="any",
            permissions=frozenset(permissions),
            scopes=None if scopes is None else frozenset(scopes),
        )

    assert principal({"read"}, None).may("read")
    assert principal({"read"}, {"read"}).may("read")
    assert not principal({"read"}, set()).may("read")
    assert not principal({"read"}, {"write"}).may("read")
    assert not principal({"read"}, {"read", "write"}).may("write")
    assert not principal(set(), None).may("read")
    assert not principal({"read:all"}, None).may("read")


@pytest.mark.asvs("V10.3.2")
async def test_the_scopes_of_a_credential_are_asked_at_the_route(bare: Bare) -> None:
    writing_only = Facet("scopes", literal("things:write"), lambda told: frozenset({told}))
    bare.kernel.principals.facets.append(writing_only)

    async with await bare.start() as alice:
        outside_its_scope = await alice.get("/probe/read")
        beyond_the_account = await alice.post("/probe/write", json={})

    assert [outside_its_scope.status_code, beyond_the_account.status_code] == [403, 403]


async def test_a_facet_replaces_what_everyone_may_within_the_same_statement(bare: Bare) -> None:
    mine = select(func.count(AuthSession.id)).where(AuthSession.user_id == User.id).correlate(User).scalar_subquery()
    granted = {1: frozenset({"things:write"})}
    bare.kernel.principals.facets.append(Facet("permissions", mine, granted.__getitem__))

    async with await bare.start() as alice:
        await alice.get("/probe/who")
        with statements(bare.kernel) as sent:
            who = await alice.get("/probe/who")
        read = await alice.get("/probe/read")
        write = await alice.post("/probe/write", json={})

    assert who.json()["permissions"] == ["things:write"]
    assert len(sent) == 1, sent
    assert [read.status_code, write.status_code] == [403, 200]


@each_way
async def test_an_authenticated_request_sends_one_statement(as_user: SignUp) -> None:
    alice = await as_user("alice@example.com")
    await alice.get("/users/me")

    with statements(alice.app.state.kernel) as sent:
        answer = await alice.get("/users/me")

    assert answer.status_code == 200
    assert len(sent) == 1, sent


@each_way
async def test_a_bad_credential_reaches_no_database(as_user: SignUp) -> None:
    alice = await as_user("alice@example.com")
    await alice.get("/users/me")

    with statements(alice.app.state.kernel) as sent:
        cut_short = {name: value[:-2] for name, value in alice.carried.headers.items()}
        answers = [await alice.get("/users/me", headers=bad) for bad in (cut_short, alice.way.presenting("x"))]

    assert [answer.status_code for answer in answers] == [401, 401]
    assert sent == []


@each_way
@pytest.mark.parametrize("first", [True, False])
async def test_two_credentials_are_refused_whichever_comes_first(bare: Bare, first: bool, way: Way) -> None:
    badge = Badge()
    bare.kernel.principals.authenticators.insert(0 if first else 1, badge)

    async with await bare.start() as alice:
        one, other = alice.carried.headers, {"X-Badge": str(bare.user_id)}
        async with ApiClient(alice.app) as client:
            by_badge = await client.get("/probe/who", headers=other)
            by_session = await client.get("/probe/who", headers=one)
            both = await client.get("/probe/who", headers={**one, **other})
            none = await client.get("/probe/who")

    assert [by_badge.json()["carrier"], by_session.json()["carrier"]] == ["badge", way.name]
    assert (both.status_code, both.json()["code"]) == (400, "two_credentials")
    assert none.status_code == 401
    assert set(none.headers["WWW-Authenticate"].split(", ")) == {way.challenge, "Badge"}
    assert badge.asked == 4


@each_way
@pytest.mark.parametrize("first", [True, False])
async def test_a_bad_credential_never_falls_back_to_a_good_one(bare: Bare, first: bool, way: Way) -> None:
    bare.kernel.principals.authenticators.insert(0 if first else 1, Badge())

    async with await bare.start() as alice:
        bad_session = await alice.get("/probe/who", headers={**way.presenting("x"), "X-Badge": str(bare.user_id)})
        bad_badge = await alice.get("/probe/who", headers={"X-Badge": "bad"})

    assert [bad_session.status_code, bad_badge.status_code] == [401, 401]


@each_way
async def test_a_disabled_account_is_nobody_whatever_it_presents(bare: Bare) -> None:
    bare.kernel.principals.authenticators.append(Badge())

    async with await bare.start() as alice:
        async with bare.kernel.store.transaction() as db:
            (await db.get_one(User, bare.user_id)).disabled_at = bare.kernel.now()
        by_session = await alice.get("/probe/who")
        async with ApiClient(alice.app) as client:
            by_badge = await client.get("/probe/who", headers={"X-Badge": str(bare.user_id)})

    assert [by_session.status_code, by_badge.status_code] == [401, 401]


async def test_openapi_offers_each_way_and_names_what_a_permission_answers(bare: Bare) -> None:
    bare.kernel.principals.authenticators.append(Badge())

    async with await bare.start() as alice:
        paths = alice.app.openapi()["paths"]

    assert paths["/probe/who"]["get"]["security"] == [{alice.way.name: []}, {"badge": []}]
    assert "401" in paths["/probe/who"]["get"]["responses"]
    refusing = {path for path, methods in paths.items() for said in methods.values() if "403" in said["responses"]}
    assert {path for path in paths if path.startswith("/probe")} - refusing == {"/probe/anyone"}
