"""Scopes: asked for at the login, kept by every token of it, and never more than the account may (RFC 6749, 9068)."""

from uuid import UUID, uuid4

import pytest

from app.core.models import LONGEST_SCOPES
from tests.support.client import ApiClient
from tests.support.clock import FakeClock
from tests.support.forge import Forge, claims_of, present
from tests.support.passwords import disable, id_of
from tests.support.people import PASSWORD
from tests.support.tokens import INVALID_GRANT, Holder, SignUp, refresh, refusal

pytestmark = pytest.mark.usefixtures("things")

EMAIL = "alice@example.com"
INVALID_SCOPE = (400, "invalid_scope")
LOGIN = {"grant_type": "password", "username": EMAIL, "password": PASSWORD}


@pytest.fixture
async def alice(as_user: SignUp) -> Holder:
    return await as_user(EMAIL)


@pytest.fixture
async def reader(alice: Holder, client: ApiClient) -> Holder:
    """Alice, with a token to read things."""
    person = Holder(alice.app, EMAIL)
    person.take(await client.post("/auth/token", data={**LOGIN, "scope": "things:read"}))
    return person


@pytest.mark.asvs("V10.3.2")
async def test_a_token_does_what_its_scope_names_and_nothing_else(alice: Holder, reader: Holder) -> None:
    thing = (await alice.post("/things", json={"title": "Paint"})).json()
    path = f"/things/{thing['id']}"

    read = [await reader.get("/things"), await reader.get(path)]
    refused = [
        await reader.post("/things", json={"title": "x"}),
        await reader.patch(path, json={"title": "x"}),
        await reader.delete(path),
    ]

    assert [answer.status_code for answer in read] == [200, 200]
    for answer in refused:
        assert (answer.status_code, answer.json()["code"]) == (403, "insufficient_scope")
        assert answer.headers["WWW-Authenticate"] == 'Bearer error="insufficient_scope", scope="things:write"'


async def test_the_answer_and_the_token_say_what_was_asked_for_and_is_held(client: ApiClient, alice: Holder) -> None:
    answer = await client.post("/auth/token", data={**LOGIN, "scope": "things:write things:read things:write"})

    assert answer.json()["scope"] == "things:read things:write"
    assert claims_of(answer.json()["access_token"])["scope"] == "things:read things:write"
    assert "scope" not in claims_of(alice.access_token)


async def test_no_scope_and_an_empty_one_are_all_that_the_account_may(client: ApiClient, alice: Holder) -> None:
    assert alice
    for more in ({}, {"scope": ""}):
        answer = await client.post("/auth/token", data={**LOGIN, **more})

        assert set(answer.json()) == {"access_token", "refresh_token", "token_type", "expires_in"}
        token = answer.json()["access_token"]
        assert (await client.post("/things", json={"title": "x"}, headers=bearer(token))).status_code == 201


@pytest.mark.asvs("V2.2.1")
@pytest.mark.parametrize(
    "scope",
    [
        " ",
        "things:read ",
        " things:read",
        "things:read  things:write",
        "things:read\tthings:write",
        "things:read\nthings:write",
        "things:read,things:write",
        'things:"read"',
        "things\\read",
        "things:read\0",
        "n\u00f6tes:read",
        "NOTES:READ",
        "things:read:all",
        "things",
        "*",
        "everything",
        "openid profile",
        "things:read everything",
        "things:read " * 60 + "things:read",
        "x" * 50_000,
    ],
    ids=lambda scope: repr(scope[:30]),
)
async def test_a_scope_that_is_malformed_or_unknown_gives_no_token(
    client: ApiClient, alice: Holder, scope: str
) -> None:
    before = (await alice.get("/auth/sessions")).json()

    answer = await client.post("/auth/token", data={**LOGIN, "scope": scope})

    assert refusal(answer) == INVALID_SCOPE
    assert not scope.strip() or scope not in answer.json()["error_description"]
    assert (await alice.get("/auth/sessions")).json() == before


async def test_every_scope_at_once_fits_into_a_session(client: ApiClient, alice: Holder) -> None:
    names = sorted(alice.app.state.kernel.permissions)

    answer = await client.post("/auth/token", data={**LOGIN, "scope": " ".join(names)})
    again = {"refresh_token": answer.json()["refresh_token"], "scope": " ".join(names)}

    assert len(" ".join(names)) <= LONGEST_SCOPES
    assert (await client.post("/auth/refresh", json=again)).status_code == 200


async def test_two_scopes_are_refused_as_every_repeated_parameter(client: ApiClient, alice: Holder) -> None:
    assert alice
    form = "&".join(f"{name}={value}" for name, value in LOGIN.items()).replace(" ", "+")
    headers = {"Content-Type": "application/x-www-form-urlencoded"}

    answer = await client.post("/auth/token", content=f"{form}&scope=things:read&scope=", headers=headers)

    assert refusal(answer) == (400, "invalid_request")


async def test_the_scope_tells_nothing_of_the_password(client: ApiClient, alice: Holder) -> None:
    assert alice
    wrong = {**LOGIN, "password": "not the right words", "scope": "things:read"}

    assert refusal(await client.post("/auth/token", data=wrong)) == INVALID_GRANT
    assert refusal(await client.post("/auth/token", data={**wrong, "scope": "everything"})) == INVALID_SCOPE


async def test_a_refresh_keeps_the_scope(reader: Holder, client: ApiClient) -> None:
    for body in ({}, {"scope": ""}, {"scope": "things:read"}):
        answer = await client.post("/auth/refresh", json={"refresh_token": reader.refresh_token, **body})
        reader.take(answer)

        assert answer.json()["scope"] == claims_of(reader.access_token)["scope"] == "things:read"
        assert (await reader.get("/things")).status_code == 200
        assert (await reader.post("/things", json={"title": "x"})).status_code == 403


@pytest.mark.parametrize(
    "scope", ["things:read things:write", "things:write", "everything", " ", "things:read ", 5, ["things:read"]]
)
async def test_a_refresh_for_another_scope_is_refused_and_spends_nothing(
    reader: Holder, client: ApiClient, scope: object
) -> None:
    answer = await client.post("/auth/refresh", json={"refresh_token": reader.refresh_token, "scope": scope})

    assert refusal(answer) == INVALID_SCOPE
    assert (await refresh(client, reader.refresh_token)).status_code == 200


async def test_a_refresh_cannot_narrow_what_was_not_narrow(alice: Holder, client: ApiClient) -> None:
    answer = await client.post("/auth/refresh", json={"refresh_token": alice.refresh_token, "scope": "things:read"})

    assert refusal(answer) == INVALID_SCOPE
    assert (await refresh(client, alice.refresh_token)).status_code == 200


@pytest.mark.asvs("V10.4.5")
@pytest.mark.parametrize("scope", ["things:read", "things:write"])
async def test_a_replay_is_known_for_one_whatever_scope_it_asks_for(
    reader: Holder, client: ApiClient, scope: str
) -> None:
    spent = reader.refresh_token
    reader.take(await refresh(client, spent))

    replayed = await client.post("/auth/refresh", json={"refresh_token": spent, "scope": scope})

    assert refusal(replayed) == INVALID_GRANT
    assert (await reader.get("/users/me")).status_code == 401


@pytest.mark.asvs("V10.3.4", "V7.2.4")
async def test_proving_once_more_who_one_is_gives_no_more_than_before(reader: Holder, client: ApiClient) -> None:
    answer = await reader.post("/auth/reauthenticate", json={"password": PASSWORD})
    reader.take(answer)

    assert answer.json()["scope"] == "things:read"
    assert (await reader.post("/things", json={"title": "x"})).status_code == 403
    assert (await reader.delete("/users/me")).status_code == 403
    reader.take(await refresh(client, reader.refresh_token))
    assert (await reader.post("/things", json={"title": "x"})).status_code == 403


@pytest.mark.asvs("V7.5.1", "V8.2.1")
async def test_a_token_with_a_scope_has_no_way_to_one_without(reader: Holder, alice: Holder) -> None:
    session = (await alice.get("/auth/sessions")).json()[0]["id"]
    refused = [
        await reader.patch("/users/me", json={"email": "thief@example.com"}),
        await reader.post("/users/me/password", json={"current_password": PASSWORD, "new_password": "x" * 20}),
        await reader.delete("/users/me"),
        await reader.get("/auth/sessions"),
        await reader.delete("/auth/sessions"),
        await reader.delete(f"/auth/sessions/{session}"),
    ]

    assert {(answer.status_code, answer.json()["code"]) for answer in refused} == {(403, "insufficient_scope")}
    assert {answer.headers["WWW-Authenticate"] for answer in refused} == {
        'Bearer error="insufficient_scope", error_description="This is not open to a session with scopes"'
    }
    assert (await reader.get("/users/me")).json()["email"] == EMAIL
    assert len((await alice.get("/auth/sessions")).json()) == 2


async def test_it_can_always_end_itself(reader: Holder, alice: Holder) -> None:
    assert (await reader.post("/auth/logout")).status_code == 204
    assert (await reader.get("/things")).status_code == 401
    assert (await alice.get("/users/me")).status_code == 200


@pytest.mark.asvs("V10.3.2")
async def test_the_session_decides_and_not_what_a_token_says(reader: Holder, alice: Holder, client: ApiClient) -> None:
    forge = Forge(alice.app, reader.access_token)
    wider = forge.token({"scope": "things:read things:write"})
    without = forge.token(without="scope")

    for token in (wider, without):
        assert (await present(client, token)).status_code == 200
        assert (await client.get("/things", headers=bearer(token))).status_code == 200
        assert (await client.post("/things", json={"title": "x"}, headers=bearer(token))).status_code == 403


@pytest.mark.asvs("V7.4.2")
async def test_an_account_that_is_disabled_or_gone_may_nothing(client: ApiClient, alice: Holder) -> None:
    user, kernel = await id_of(client.app, alice.email), client.app.state.kernel

    async def permissions_of(user_id: UUID) -> frozenset[str]:
        async with kernel.store.reading() as db:
            held: frozenset[str] = await kernel.principals.permissions_of(db, user_id)
            return held

    before = await permissions_of(user)
    await disable(client.app, alice.email)

    assert "things:read" in before
    assert await permissions_of(user) == frozenset()
    assert await permissions_of(uuid4()) == frozenset()


async def test_an_old_login_cannot_be_made_young_by_a_refresh(
    reader: Holder, client: ApiClient, clock: FakeClock
) -> None:
    authenticated_at = claims_of(reader.access_token)["auth_time"]
    clock.advance(minutes=9)

    reader.take(await refresh(client, reader.refresh_token))

    assert claims_of(reader.access_token)["auth_time"] == authenticated_at


async def test_openapi_names_every_scope_there_is(client: ApiClient) -> None:
    flows = client.app.openapi()["components"]["securitySchemes"]["bearer"]["flows"]

    assert set(flows["password"]["scopes"]) == set(client.app.state.kernel.permissions)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
