"""Scopes beside roles: a token may what both say, and hands out nothing that it may not do itself."""

from collections.abc import Collection
from uuid import UUID

import pytest
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.throttle import FREE_FAILURES
from app.core.events import Level, SecurityEvent
from app.core.login import Proven
from app.rbac import grants
from app.rbac.models import Role, RolePermission
from tests.support.client import ApiClient
from tests.support.forge import claims_of
from tests.support.passwords import id_of
from tests.support.people import PASSWORD
from tests.support.rbac import make_admin
from tests.support.tokens import Holder, SignUp, refresh, refusal, request_tokens

pytestmark = pytest.mark.usefixtures("things")


@pytest.fixture
async def admin(as_user: SignUp) -> Holder:
    person = await as_user("admin@example.com")
    await make_admin(person)
    return person


async def with_scope(client: ApiClient, person: Holder, scope: str) -> Holder:
    form = {"grant_type": "password", "username": person.email, "password": PASSWORD, "scope": scope}
    narrowed = Holder(client.app, person.email)
    narrowed.take(await client.post("/auth/token", data=form))
    return narrowed


@pytest.mark.asvs("V10.3.2", "V8.2.1")
async def test_a_scope_that_the_account_does_not_hold_gives_it_nothing(as_user: SignUp, client: ApiClient) -> None:
    alice = await as_user()
    hopeful = await with_scope(client, alice, "users:read users:write things:read")

    read = await hopeful.get("/users")
    written = await hopeful.post(f"/users/{await id_of(client.app, alice.email)}/disable")

    assert [read.status_code, written.status_code] == [403, 403]
    assert (await hopeful.get("/things")).status_code == 200


@pytest.mark.asvs("V10.3.2", "V8.2.1")
async def test_who_sees_nothing_but_the_token_is_told_no_scope_that_the_account_does_not_hold(
    as_user: SignUp, client: ApiClient
) -> None:
    hopeful = await with_scope(client, await as_user(), "users:write things:read")
    renewed = await refresh(client, hopeful.refresh_token)

    assert claims_of(hopeful.access_token)["scope"] == "things:read"
    assert claims_of(renewed.json()["access_token"])["scope"] == renewed.json()["scope"] == "things:read"


@pytest.mark.asvs("V10.3.2")
async def test_who_holds_nothing_of_what_is_asked_for_gets_no_token_and_no_login(
    as_user: SignUp, client: ApiClient
) -> None:
    """No scope says "nothing" (RFC 6749 section 3.3), and a token without one would say "everything"."""
    alice = await as_user()
    form = {"grant_type": "password", "username": alice.email, "password": PASSWORD, "scope": "users:read users:write"}

    answer = await client.post("/auth/token", data=form)

    assert refusal(answer) == (400, "invalid_scope")
    assert len((await alice.get("/auth/sessions")).json()) == 1


@pytest.mark.asvs("V6.3.1", "V16.3.2")
async def test_the_right_password_is_no_failed_guess_though_it_gets_no_token(
    as_user: SignUp, client: ApiClient, events: list[SecurityEvent]
) -> None:
    """A job whose account was demoted would otherwise lock its own network out."""
    alice = await as_user()
    form = {"grant_type": "password", "username": alice.email, "password": PASSWORD, "scope": "users:write users:read"}
    events.clear()

    refused = [refusal(await client.post("/auth/token", data=form)) for _ in range(FREE_FAILURES + 1)]

    assert set(refused) == {(400, "invalid_scope")}
    told = {(event.written(), event.level) for event in events}
    assert told == {(f"authz_fail:{await id_of(client.app, alice.email)},users:read users:write", Level.CRITICAL)}
    assert (await request_tokens(client, alice.email, PASSWORD)).status_code == 200


@pytest.mark.asvs("V6.3.1")
async def test_nor_is_it_one_in_a_session_that_has_lost_its_scopes(as_user: SignUp, client: ApiClient) -> None:
    reader = await with_scope(client, await as_user(), "things:read")
    await grants.take(client.app.state.kernel.store, Role.USER, "things:read")

    refused = [
        (await reader.post("/auth/reauthenticate", json={"password": PASSWORD})).status_code
        for _ in range(FREE_FAILURES + 1)
    ]

    assert set(refused) == {400}
    assert (await request_tokens(client, reader.email, PASSWORD)).status_code == 200


@pytest.mark.asvs("V6.3.1")
async def test_a_wrong_password_is_one_whatever_scope_it_asks_for(as_user: SignUp, client: ApiClient) -> None:
    alice = await as_user()
    form = {"grant_type": "password", "username": alice.email, "password": "not hers", "scope": "users:write"}

    guessed = [(await client.post("/auth/token", data=form)).status_code for _ in range(FREE_FAILURES + 1)]

    assert guessed == [400] * FREE_FAILURES + [429]


@pytest.mark.asvs("V8.3.2", "V10.3.2")
async def test_who_has_lost_every_scope_is_refused_and_renewed_when_one_is_back(
    as_user: SignUp, client: ApiClient
) -> None:
    store = client.app.state.kernel.store
    reader = await with_scope(client, await as_user(), "things:read")
    await grants.take(store, Role.USER, "things:read")

    refreshed = await refresh(client, reader.refresh_token)
    proven = await reader.post("/auth/reauthenticate", json={"password": PASSWORD})
    who = await reader.get("/users/me")
    await grants.grant(store, Role.USER, "things:read")
    reader.take(await refresh(client, reader.refresh_token))

    assert refusal(refreshed) == (400, "invalid_scope")
    assert (proven.status_code, proven.json()["code"]) == (400, "invalid_scope")
    assert who.status_code == 200
    assert claims_of(reader.access_token)["scope"] == "things:read"


@pytest.mark.asvs("V10.4.5")
async def test_a_scope_that_goes_while_its_token_is_spent_costs_no_login(
    as_user: SignUp, client: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Refused behind the exchange, the client would try again with the spent token, and end its own family."""
    reader = await with_scope(client, await as_user(), "things:read")
    kernel = client.app.state.kernel
    granted = kernel.principals.granted

    async def granted_and_taken(db: AsyncSession, user_id: UUID, scopes: Collection[str]) -> str:
        scope: str = await granted(db, user_id, scopes)
        await grants.take(kernel.store, Role.USER, "things:read")
        return scope

    monkeypatch.setattr(kernel.principals, "granted", granted_and_taken)

    reader.take(await refresh(client, reader.refresh_token))

    assert claims_of(reader.access_token)["scope"] == "things:read"
    assert refusal(await refresh(client, reader.refresh_token)) == (400, "invalid_scope")


@pytest.mark.asvs("V8.3.2")
async def test_a_right_that_goes_while_somebody_logs_in_is_not_named(as_user: SignUp, client: ApiClient) -> None:
    """Whoever takes it may hold the account's lock, and the login waits: what it read before that is no longer so."""
    alice = await as_user()

    async def lose_it(db: AsyncSession, _proven: Proven) -> None:
        await db.execute(delete(RolePermission).where(RolePermission.permission == "things:read"))

    client.app.state.kernel.login.steps.append(lose_it)
    narrowed = await with_scope(client, alice, "things:read things:write")

    assert claims_of(narrowed.access_token)["scope"] == "things:write"


@pytest.mark.asvs("V8.3.2")
async def test_a_scope_that_the_account_has_lost_is_told_no_more(
    as_user: SignUp, admin: Holder, client: ApiClient
) -> None:
    other = await as_user("other-admin@example.com")
    await make_admin(other)
    narrowed = await with_scope(client, other, "users:read things:read")
    before = claims_of(narrowed.access_token)["scope"]
    await admin.put(f"/users/{await id_of(client.app, other.email)}/roles", json={"roles": ["user"]})

    renewed = await refresh(client, narrowed.refresh_token)

    assert before == "things:read users:read"
    assert claims_of(renewed.json()["access_token"])["scope"] == renewed.json()["scope"] == "things:read"


@pytest.mark.asvs("V10.3.2")
async def test_an_admins_token_to_read_things_reads_things(admin: Holder, client: ApiClient) -> None:
    reader = await with_scope(client, admin, "things:read")

    listed, things = await reader.get("/users"), await reader.get("/things")

    assert listed.status_code == 403
    assert listed.headers["WWW-Authenticate"] == 'Bearer error="insufficient_scope", scope="users:read"'
    assert things.status_code == 200


@pytest.mark.asvs("V10.3.2")
async def test_a_token_to_change_roles_reads_no_account_by_it(
    as_user: SignUp, admin: Holder, client: ApiClient
) -> None:
    alice = await as_user()
    writer = await with_scope(client, admin, "users:write")

    answer = await writer.put(f"/users/{await id_of(client.app, alice.email)}/roles", json={"roles": ["guest"]})

    assert answer.headers["WWW-Authenticate"] == 'Bearer error="insufficient_scope", scope="users:read"'
    assert alice.email not in answer.text


@pytest.mark.asvs("V8.2.1")
async def test_a_narrowed_administrator_gives_nobody_more_than_it_may(
    as_user: SignUp, admin: Holder, client: ApiClient
) -> None:
    alice = await as_user()
    roles = f"/users/{await id_of(client.app, alice.email)}/roles"
    narrowed = await with_scope(client, admin, "users:read users:write")

    raised = await narrowed.put(roles, json={"roles": ["admin"]})
    lowered = await narrowed.put(roles, json={"roles": ["guest"]})
    given_back = await narrowed.put(roles, json={"roles": ["user"]})

    assert (raised.status_code, raised.json()["code"]) == (403, "beyond_your_rights")
    assert lowered.status_code == 200
    # A user may write things, and this token may not.
    assert (given_back.status_code, given_back.json()["code"]) == (403, "beyond_your_rights")
    assert (await narrowed.get("/users")).status_code == 200


@pytest.mark.asvs("V8.2.1")
async def test_a_narrowed_administrator_brings_nobody_back_with_more_than_it_may(
    as_user: SignUp, admin: Holder, client: ApiClient
) -> None:
    other = await as_user("other-admin@example.com")
    await make_admin(other)
    account = f"/users/{await id_of(client.app, other.email)}"
    narrowed = await with_scope(client, admin, "users:read users:write")
    disabled = await narrowed.post(f"{account}/disable")

    enabled = await narrowed.post(f"{account}/enable")

    assert disabled.status_code == 204
    assert (enabled.status_code, enabled.json()["code"]) == (403, "beyond_your_rights")


@pytest.mark.asvs("V8.3.2")
async def test_rights_that_come_later_come_with_the_scope_that_was_asked_for(
    as_user: SignUp, admin: Holder, client: ApiClient
) -> None:
    alice = await as_user()
    hopeful = await with_scope(client, alice, "users:read things:read")
    await admin.put(f"/users/{await id_of(client.app, alice.email)}/roles", json={"roles": ["admin"]})

    before_the_change = await hopeful.get("/users")
    again = await with_scope(client, alice, "users:read")

    assert before_the_change.status_code == 401
    assert (await again.get("/users")).status_code == 200
    assert (await again.get("/things")).status_code == 403
