"""Who is asking: one credential, one statement, and a refusal that says what is missing.

The application here is made by hand from two slices, without accounts: authentication and permissions are the core's.
"""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from sqlalchemy import func, literal, select

from app.core.events import Level
from app.core.models import AuthSession, User
from app.core.principals import Facet, Principal
from tests.support.bare import Badge, Bare, statements
from tests.support.clock import FakeClock
from tests.support.people import SignUp


@pytest.fixture
async def bare(database_url: str, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bare]:
    monkeypatch.setenv("DATABASE_URL", database_url)
    made = Bare(clock)
    yield made
    await made.kernel.store.engine.dispose()


async def test_core_and_bearer_alone_authenticate(bare: Bare) -> None:
    async with await bare.start() as alice:
        known = await alice.get("/probe/who")
        unknown = await alice.get("/probe/who", headers={"Authorization": "Bearer x"})
        missing = await alice.get("/users/me")

    assert known.json() == {"email": "alice@example.com", "carrier": "bearer", "permissions": ["things:read"]}
    assert unknown.status_code == 401
    assert missing.status_code == 404
    assert known.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.asvs("V10.3.2")
async def test_a_permission_that_is_missing_is_named(bare: Bare) -> None:
    async with await bare.start() as alice:
        allowed = await alice.get("/probe/read")
        refused = await alice.post("/probe/write", json={})

    assert allowed.json() == str(bare.user_id)
    assert refused.status_code == 403
    assert refused.headers["WWW-Authenticate"] == 'Bearer error="insufficient_scope", scope="things:write"'
    assert refused.json()["code"] == "insufficient_scope"
    assert [(told.written(), told.level) for told in bare.heard] == [
        (f"authz_fail:{bare.user_id},things:write", Level.CRITICAL)
    ]


async def test_authentication_comes_before_permission_and_permission_before_the_answer_to_a_bad_body(
    bare: Bare,
) -> None:
    async with await bare.start() as alice:
        broken = {"Authorization": "Bearer x", "Content-Type": "application/json"}
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
            carrier="bearer",
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


async def test_an_authenticated_request_sends_one_statement(as_user: SignUp) -> None:
    alice = await as_user("alice@example.com")
    await alice.get("/users/me")

    with statements(alice.app.state.kernel) as sent:
        answer = await alice.get("/users/me")

    assert answer.status_code == 200
    assert len(sent) == 1, sent


async def test_a_bad_credential_reaches_no_database(as_user: SignUp) -> None:
    alice = await as_user("alice@example.com")
    await alice.get("/users/me")

    with statements(alice.app.state.kernel) as sent:
        for value in ("Bearer x", f"Bearer {alice.access_token[:-2]}", "Basic YTpi"):
            await alice.get("/users/me", headers={"Authorization": value})

    assert sent == []


@pytest.mark.parametrize("first", [True, False])
async def test_two_credentials_are_refused_whichever_comes_first(bare: Bare, first: bool) -> None:
    badge = Badge()
    bare.kernel.principals.authenticators.insert(0 if first else 1, badge)

    async with await bare.start() as alice:
        one, other = dict(alice.headers), {"X-Badge": str(bare.user_id)}
        del alice.headers["Authorization"]
        by_badge = await alice.get("/probe/who", headers=other)
        by_token = await alice.get("/probe/who", headers={"Authorization": one["authorization"]})
        both = await alice.get("/probe/who", headers={"Authorization": one["authorization"], **other})
        none = await alice.get("/probe/who")

    assert [by_badge.json()["carrier"], by_token.json()["carrier"]] == ["badge", "bearer"]
    assert (both.status_code, both.json()["code"]) == (400, "two_credentials")
    assert none.status_code == 401
    assert set(none.headers["WWW-Authenticate"].split(", ")) == {"Bearer", "Badge"}
    assert badge.asked == 4


@pytest.mark.parametrize("first", [True, False])
async def test_a_bad_credential_never_falls_back_to_a_good_one(bare: Bare, first: bool) -> None:
    bare.kernel.principals.authenticators.insert(0 if first else 1, Badge())

    async with await bare.start() as alice:
        bad_token = await alice.get("/probe/who", headers={"Authorization": "Bearer x", "X-Badge": str(bare.user_id)})
        bad_badge = await alice.get("/probe/who", headers={"X-Badge": "bad"})

    assert [bad_token.status_code, bad_badge.status_code] == [401, 401]


async def test_a_disabled_account_is_nobody_whatever_it_presents(bare: Bare) -> None:
    bare.kernel.principals.authenticators.append(Badge())

    async with await bare.start() as alice:
        async with bare.kernel.store.transaction() as db:
            (await db.get_one(User, bare.user_id)).disabled_at = bare.kernel.now()
        by_token = await alice.get("/probe/who")
        del alice.headers["Authorization"]
        by_badge = await alice.get("/probe/who", headers={"X-Badge": str(bare.user_id)})

    assert [by_token.status_code, by_badge.status_code] == [401, 401]


async def test_openapi_offers_each_way_and_names_what_a_permission_answers(bare: Bare) -> None:
    bare.kernel.principals.authenticators.append(Badge())

    async with await bare.start() as alice:
        paths = alice.app.openapi()["paths"]

    assert paths["/probe/who"]["get"]["security"] == [{"bearer": []}, {"badge": []}]
    assert "401" in paths["/probe/who"]["get"]["responses"]
    assert ["403" in paths[path]["get"]["responses"] for path in ("/probe/who", "/probe/read")] == [False, True]
