"""Scopes narrow a session: it reaches what asks for one of them, and nothing of what an owner does."""

from collections.abc import AsyncIterator
from typing import Annotated

import pytest
from fastapi import Depends
from sqlalchemy import literal

from app.core.application import Application
from app.core.events import Level
from app.core.principals import CurrentUser, Facet, Principal, Requires
from app.core.routing import Router, api_routes, dependencies_of
from tests.support.bare import Bare
from tests.support.carrying import Way, each_way
from tests.support.clock import FakeClock
from tests.support.people import Person, SignUp


@pytest.fixture
async def bare(database_url: str, clock: FakeClock, monkeypatch: pytest.MonkeyPatch, way: Way) -> AsyncIterator[Bare]:
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("REAUTHENTICATE_WITHIN_SECONDS", "60")
    made = Bare(clock, way)
    yield made
    await made.kernel.store.engine.dispose()


def narrow(bare: Bare, *scopes: str) -> None:
    """Let every session have these scopes."""
    told = literal(" ".join(scopes))
    bare.kernel.principals.facets.append(Facet("scopes", told, lambda names: frozenset(names.split())))


@each_way
@pytest.mark.asvs("V8.2.1", "V10.3.2")
async def test_it_reaches_what_asks_for_one_of_its_scopes_and_what_takes_any(bare: Bare, way: Way) -> None:
    narrow(bare, "things:read")

    async with await bare.start() as alice:
        answers = {name: await alice.get(f"/probe/{name}") for name in ("read", "anyone", "who", "nobody")}
        written = await alice.post("/probe/write", json={})

    assert {name: answer.status_code for name, answer in answers.items()} == {
        "read": 200,
        "anyone": 200,
        "who": 403,
        "nobody": 403,
    }
    assert written.status_code == 403
    for name in ("who", "nobody"):
        assert answers[name].json()["code"] == "insufficient_scope"
        challenge = answers[name].headers["WWW-Authenticate"]
        assert challenge.startswith(way.challenge)
        assert 'error="insufficient_scope"' in challenge
        assert "scope=" not in challenge
    assert [(told.written(), told.level) for told in bare.heard] == [
        (f"authz_fail:{bare.user_id},/probe/who", Level.CRITICAL),
        (f"authz_fail:{bare.user_id},/probe/nobody", Level.CRITICAL),
        (f"authz_fail:{bare.user_id},things:write", Level.CRITICAL),
    ]


async def test_no_scope_at_all_is_less_than_not_having_any(bare: Bare) -> None:
    narrow(bare)

    async with await bare.start() as alice:
        answers = [await alice.get(f"/probe/{name}") for name in ("read", "who", "anyone")]

    assert [answer.status_code for answer in answers] == [403, 403, 200]


async def test_it_gets_no_further_at_a_public_route_that_asks_who_it_is(bare: Bare) -> None:
    narrow(bare, "things:read")
    router = Router(prefix="/open")

    @router.get("/mine", responses={401: {}, 403: {}})
    async def mine(user: CurrentUser) -> str:
        return user.email

    bare.kernel.mount(router, public=True)

    async with await bare.start() as alice:
        assert (await alice.get("/open/mine")).status_code == 403


async def test_it_is_refused_before_a_byte_of_the_body_is_read(bare: Bare) -> None:
    narrow(bare, "things:read")
    router = Router(prefix="/closed")

    @router.post("/sized")
    async def sized(body: dict[str, int], user: CurrentUser) -> str:
        return f"{body} {user.email}"

    bare.kernel.mount(router)

    async with await bare.start() as alice:
        assert (await alice.post("/closed/sized", content=b"{")).status_code == 403


@pytest.mark.asvs("V7.5.3")
@pytest.mark.parametrize("scopes", [None, ("things:write",)])
async def test_an_old_login_is_told_so_before_a_missing_permission(
    bare: Bare, clock: FakeClock, scopes: tuple[str, ...] | None
) -> None:
    if scopes is not None:
        narrow(bare, *scopes)

    async with await bare.start() as alice:
        forbidden = await alice.post("/probe/purge")
        bare.kernel.principals.facets.append(Facet("permissions", literal(""), lambda _: frozenset({"things:write"})))
        bare.kernel.principals.finish()
        allowed = await alice.post("/probe/purge")
        clock.advance(seconds=61)
        too_old = await alice.post("/probe/purge")
        bare.kernel.principals.facets.pop()
        bare.kernel.principals.finish()
        old_and_forbidden = await alice.post("/probe/purge")

    assert [forbidden.status_code, allowed.status_code] == [403, 200]
    for answer in (too_old, old_and_forbidden):
        assert (answer.status_code, answer.json()["code"]) == (401, "insufficient_user_authentication")


@pytest.mark.asvs("V7.5.1", "V7.5.2", "V8.2.1")
async def test_the_account_its_password_and_its_sessions_are_none_of_its_business(as_user: SignUp) -> None:
    alice = await as_user("alice@example.com")
    principals = alice.app.state.kernel.principals
    # As `finish` found it, so that the account was made and logged in without.
    principals.facets.append(Facet("scopes", literal("notes:read"), lambda told: frozenset({told})))
    principals.finish()

    refused = [
        await alice.patch("/users/me", json={"email": "thief@example.com"}),
        await alice.delete("/users/me"),
        await alice.post("/users/me/password", json={"current_password": alice.password, "new_password": "x" * 20}),
        await alice.get("/auth/sessions"),
        await alice.delete("/auth/sessions"),
        await alice.delete("/auth/sessions/00000000-0000-4000-8000-000000000000"),
    ]
    allowed = [await alice.get("/users/me"), await alice.post("/auth/logout")]

    assert [(answer.status_code, answer.json()["code"]) for answer in refused] == [(403, "insufficient_scope")] * 6
    assert [answer.status_code for answer in allowed] == [200, 204]
    principals.facets.pop()
    principals.finish()
    async with Person(alice.app, "alice@example.com") as owner:
        await owner.log_in()


@pytest.mark.asvs("V8.2.3")
async def test_whoever_changes_a_part_and_is_answered_with_the_whole_may_read_it(app: Application) -> None:
    declared = app.state.kernel.permissions
    for method, path, route in api_routes(app.routes):
        asked = {each for call in dependencies_of(route.dependant) for each in getattr(call, "permissions", ())}
        reading = {each.replace(":write", ":read") for each in asked} & set(declared)
        changes_and_answers = method in {"PATCH", "PUT"} and route.response_model is not None
        assert not changes_and_answers or reading <= asked, f"{method} {path} reads out what it takes {reading} to read"


@pytest.mark.asvs("V8.2.1", "V10.3.2")
async def test_what_a_dependency_reads_opens_no_route_that_writes(bare: Bare) -> None:
    narrow(bare, "things:read")
    router = Router(prefix="/deep")

    async def load(reader: Annotated[Principal, Requires("things:read")]) -> str:
        return f"a thing of {reader.email}"

    @router.post("/write", responses={403: {}})
    async def write(thing: Annotated[str, Depends(load)], user: CurrentUser) -> str:
        return f"{thing}, changed by {user.email}"

    @router.get("/read", dependencies=[Requires("things:read")], responses={403: {}})
    async def read() -> str:
        return "a thing"

    bare.kernel.mount(router)

    async with await bare.start() as alice:
        answers = [await alice.post("/deep/write"), await alice.get("/deep/read")]

    assert [answer.status_code for answer in answers] == [403, 200]
