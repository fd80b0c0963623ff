"""Listing, finding, disabling: bounded, without an address in a URL, and nothing that outlives it."""

import pytest

from tests.rbac.conftest import NO_ROLE, Become, set_roles
from tests.support.carrying import REFUSED
from tests.support.client import ApiClient
from tests.support.passwords import id_of
from tests.support.people import Person, SignUp, try_login


async def found(admin: Person, **wanted: object) -> list[str]:
    answer = await admin.post("/users/search", json=wanted)
    assert answer.status_code == 200, answer.text
    return [user["email"] for user in answer.json()]


@pytest.fixture
async def people(as_user: SignUp, admin: Person) -> Person:
    """An admin among five."""
    for email, role in {"bob@example.com": "", "carol@example.com": "guest", "dave@example.net": "guest"}.items():
        person = await as_user.register(email)
        if role:
            await set_roles(admin, person, role)
    erin = await as_user.register("Erin@Bücher.example")
    await admin.post(f"/users/{await id_of(erin.app, erin.email)}/disable")
    return admin


async def test_everybody_is_listed_by_address_page_by_page(people: Person) -> None:
    everybody = (await people.get("/users")).json()
    page = (await people.get("/users", params={"limit": "2", "offset": "1"})).json()

    assert [user["email"] for user in everybody] == [
        "admin@example.com",
        "bob@example.com",
        "carol@example.com",
        "dave@example.net",
        "Erin@Bücher.example",
    ]
    assert page == everybody[1:3]
    assert set(everybody[0]) == {"id", "email", "roles", "enabled", "created_at"}


@pytest.mark.asvs("V14.2.1")
async def test_people_are_found_by_address_role_and_state(people: Person) -> None:
    assert await found(people, text="example.com", role="guest") == ["carol@example.com"]
    assert await found(people, text="BOB@") == ["bob@example.com"]
    assert await found(people, text="bücher") == await found(people, text="erin@bücher.example")
    assert await found(people, text="ERIN@BÜCHER.EXAMPLE") == ["Erin@Bücher.example"]
    assert await found(people, text="nobody") == []
    assert await found(people, role="user") == ["bob@example.com", "Erin@Bücher.example"]
    assert await found(people, role="admin") == ["admin@example.com"]
    assert await found(people, enabled=False) == ["Erin@Bücher.example"]
    assert await found(people, role="guest", enabled=True, limit=1, offset=1) == ["dave@example.net"]
    assert len(await found(people)) == 5


async def test_an_explicit_user_is_found_like_one_by_default(people: Person, as_user: SignUp, become: Become) -> None:
    frank = await as_user("frank@example.com")
    await become(frank, "user", "guest")

    assert "frank@example.com" in await found(people, role="user")
    assert "frank@example.com" in await found(people, role="guest")


PATTERNS = ("%", "_", "\\", "' OR '1'='1", "'; DROP TABLE user_roles; --", "b%b", "b_b", ".*")


@pytest.mark.asvs("V1.2.4")
async def test_what_is_looked_for_is_text_and_no_pattern(people: Person) -> None:
    assert {text: await found(people, text=text) for text in PATTERNS} == {text: [] for text in PATTERNS}
    assert len(await found(people)) == 5


NO_SEARCH: tuple[dict[str, object], ...] = (
    {"text": ""},
    {"text": "a\0b"},
    {"text": "a\u202eb"},
    {"text": "x" * 255},
    {"text": 1},
    {"role": NO_ROLE},
    {"role": ["admin"]},
    {"enabled": "yes"},
    {"enabled": 1},
    {"limit": 0},
    {"limit": 101},
    {"limit": "5"},
    {"limit": 5.0},
    {"limit": True},
    {"offset": -1},
    {"offset": 2**31},
    {"disabled": True},
    {"order": "email; DROP TABLE users"},
)


@pytest.mark.asvs("V1.3.3", "V2.2.1")
async def test_what_is_no_search_is_refused(admin: Person) -> None:
    answered = [(wanted, (await admin.post("/users/search", json=wanted)).status_code) for wanted in NO_SEARCH]

    assert answered == [(wanted, 422) for wanted in NO_SEARCH]


async def test_a_lone_surrogate_is_no_text_to_look_for(admin: Person) -> None:
    for body in (b'{"text": "\\ud800"}', b'{"text": "a\\u0000b"}', b'{"role": "\\udfff"}', b"\xff", b""):
        answer = await admin.post("/users/search", content=body, headers={"Content-Type": "application/json"})

        assert answer.status_code == 422, body


@pytest.mark.parametrize("text", ["\ufdfa" * 254, "ß" * 254, "\U0001f600" * 254, "İ" * 100])
async def test_text_that_grows_when_it_is_folded_is_no_500(admin: Person, text: str) -> None:
    assert await found(admin, text=text) == []


@pytest.mark.asvs("V14.2.1")
async def test_no_address_can_be_looked_for_in_a_url(admin: Person) -> None:
    for name in ("text", "email", "q", "role"):
        assert (await admin.get("/users", params={name: "bob@example.com"})).status_code == 422


@pytest.mark.asvs("V15.2.2", "V1.4.2")
@pytest.mark.parametrize(("name", "most"), [("limit", 100), ("offset", 100_000)])
async def test_a_list_has_an_end(admin: Person, name: str, most: int) -> None:
    for value in (-1, most + 1, 2**63, 10**30, "5.0", "true", "", "ten", "+1", " 1"):
        assert (await admin.get("/users", params={name: str(value)})).status_code == 422, value
    assert (await admin.get("/users", params={name: str(most)})).status_code == 200


@pytest.mark.asvs("V7.4.2")
async def test_who_is_disabled_is_out_at_once_and_cannot_log_in(
    as_user: SignUp, admin: Person, client: ApiClient
) -> None:
    alice = await as_user()
    user_id = await id_of(alice.app, alice.email)

    disabled = await admin.post(f"/users/{user_id}/disable")

    assert disabled.status_code == 204
    assert (await alice.get("/users/me")).status_code == 401
    assert (await client.get("/users/me")).status_code == 401
    assert await try_login(alice, alice.email, alice.password) == REFUSED
    assert (await admin.get(f"/users/{user_id}")).json()["enabled"] is False


@pytest.mark.asvs("V7.4.2")
async def test_a_session_from_before_does_not_come_back_with_the_account(as_user: SignUp, admin: Person) -> None:
    alice = await as_user()
    user_id = await id_of(alice.app, alice.email)

    await admin.post(f"/users/{user_id}/disable")
    enabled = await admin.post(f"/users/{user_id}/enable")

    assert enabled.status_code == 204
    assert (await alice.get("/users/me")).status_code == 401
    await alice.log_in()
    assert (await alice.get("/users/me")).status_code == 200


@pytest.mark.asvs("V7.4.5")
async def test_an_administrator_ends_every_session_of_somebody_and_of_nobody_else(
    as_user: SignUp, admin: Person
) -> None:
    alice, second, bob = await as_user("alice@example.com"), await as_user(), await as_user()
    second.email = alice.email
    await second.log_in()

    ended = await admin.delete(f"/users/{await id_of(alice.app, alice.email)}/sessions")

    assert ended.status_code == 204
    assert [(await each.get("/users/me")).status_code for each in (alice, second, bob, admin)] == [401, 401, 200, 200]
    await alice.log_in()
    assert (await alice.get("/users/me")).status_code == 200


async def test_roles_go_with_their_account_and_do_not_come_back_with_its_address(
    as_user: SignUp, admin: Person, become: Become
) -> None:
    alice = await as_user("alice@example.com")
    await become(alice, "admin")
    assert (await alice.delete("/users/me")).status_code == 204
    await alice.register()
    await alice.log_in()

    assert (await alice.get("/users")).status_code == 403
    assert len((await admin.get("/users")).json()) == 2


async def test_disabling_and_enabling_twice_is_doing_it_once(as_user: SignUp, admin: Person) -> None:
    alice = await as_user()
    user_id = await id_of(alice.app, alice.email)

    answers = [await admin.post(f"/users/{user_id}/{what}") for what in ("disable", "disable", "enable", "enable")]

    assert [answer.status_code for answer in answers] == [204] * 4
