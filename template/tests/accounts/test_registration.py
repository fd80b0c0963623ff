"""Making an account: one address, one account, whatever the spelling and however many ask at once."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import event, func, select

from app.core.application import Application
from app.core.models import User
from tests.conftest import MakeApp
from tests.support.client import ApiClient
from tests.support.passwords import change, kernel_of, stored_hash
from tests.support.people import PASSWORD, SignUp, log_in, try_login

EMAIL = "alice@example.com"
NO_ADDRESSES = (
    "",
    "alice",
    "alice@",
    "@example.com",
    "alice@example",
    "a@b@example.com",
    "alice@exa mple.com",
    " alice@example.com",
    "alice@example.com\n",
    "al\0ice@example.com",
    "alice@[127.0.0.1]",
    "alice@localhost",
    f"{'a' * 250}@example.com",
)
SENT_ALONG: dict[str, Any] = {
    "role": "admin",
    "is_admin": True,
    "id": "00000000-0000-0000-0000-000000000001",
    "created_at": "2020-01-01T00:00:00Z",
    "disabled_at": None,
    "canonical_email": "root@example.com",
    "permissions": ["users:write"],
    "security_answer": "Rex",
    "password_hash": "$2b$",
}


async def register(client: ApiClient, email: str, **more: Any) -> tuple[int, str]:
    answer = await client.post("/auth/register", json={"email": email, "password": PASSWORD, **more})
    return answer.status_code, answer.json().get("code", "")


async def count_accounts(app: Application) -> int:
    async with kernel_of(app).store.reading() as db:
        return await db.scalar(select(func.count()).select_from(User)) or 0


async def test_an_account_is_made_and_its_answer_holds_nothing_but_the_account(
    client: ApiClient, app: Application
) -> None:
    answer = await client.post("/auth/register", json={"email": "Alice@Example.com", "password": PASSWORD})

    assert answer.status_code == 201
    assert set(answer.json()) == {"id", "email", "created_at"}
    assert answer.json()["email"] == "Alice@Example.com"
    assert answer.json()["created_at"] == "2030-01-01T12:00:00Z"
    assert PASSWORD not in answer.text
    assert (await stored_hash(app, "Alice@Example.com")).rpartition("$")[2] not in answer.text


async def test_of_twenty_at_once_one_gets_the_address(client: ApiClient, app: Application) -> None:
    spellings = [EMAIL, EMAIL.upper(), "Alice@Example.com", "\uff21lice@example.com"] * 5

    answers = await asyncio.gather(*(register(client, spelling) for spelling in spellings))

    assert sorted(answers) == [(201, "")] + [(409, "email_taken")] * 19
    assert await count_accounts(app) == 1


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("alice@example.com", "ALICE@EXAMPLE.COM"),
        ("alice@example.com", "\uff41\uff4c\uff49\uff43\uff45@example.com"),
        ("alice@example.com", "alice@\uff45xample.com"),
        ("alice@b\u00fccher.example.com", "alice@xn--bcher-kva.example.com"),
        ("jos\u00e9@example.com", "jose\u0301@example.com"),
        ("STRASSE@example.com", "stra\u00dfe@example.com"),
        ("\u03c3\u03bf\u03c6\u03cc\u03c2@example.com", "\u03a3\u039f\u03a6\u038c\u03a3@example.com"),
        ("\u2126hm@example.com", "\u03c9hm@example.com"),
    ],
    ids=["case", "full width", "full-width domain", "IDNA", "composed", "sharp s", "final sigma", "ohm sign"],
)
async def test_two_spellings_of_one_address_are_one_account(client: ApiClient, first: str, second: str) -> None:
    assert await register(client, first) == (201, "")

    assert await register(client, second) == (409, "email_taken")
    assert await try_login(client, second, PASSWORD) == 200


@pytest.mark.asvs("V15.3.3", "V2.2.1")
async def test_a_field_that_is_not_asked_for_is_refused_everywhere(as_user: SignUp, app: Application) -> None:
    alice = await as_user(EMAIL)
    bodies: dict[tuple[str, str], dict[str, str]] = {
        ("POST", "/auth/register"): {"email": "bob@example.com", "password": PASSWORD},
        ("PATCH", "/users/me"): {"email": "bob@example.com"},
        ("POST", "/users/me/password"): {"current_password": PASSWORD, "new_password": "x" * 20},
        ("POST", "/auth/reauthenticate"): {"password": PASSWORD},
        ("POST", "/auth/reset-password"): {"code": "x", "new_password": "x" * 20},
    }

    for field, value in SENT_ALONG.items():
        for (method, path), body in bodies.items():
            answer = await alice.request(method, path, json={**body, field: value})
            found = [(error["pointer"], error["code"]) for error in answer.json()["errors"]]
            assert (answer.status_code, found) == (422, [(f"/{field}", "extra_forbidden")]), path

    assert await count_accounts(app) == 1
    assert (await alice.get("/users/me")).json()["email"] == EMAIL


async def test_what_is_no_address_gets_no_account(client: ApiClient, app: Application) -> None:
    for email in NO_ADDRESSES:
        answer = await client.post("/auth/register", json={"email": email, "password": PASSWORD})

        assert answer.status_code == 422, email
        assert {error["pointer"] for error in answer.json()["errors"]} == {"/email"}
    assert await count_accounts(app) == 0


async def test_closed_means_that_there_is_no_such_route(make_app: MakeApp) -> None:
    app = make_app(REGISTRATION="closed")
    async with ApiClient(app) as client:
        answer = await client.post("/auth/register", json={"email": EMAIL, "password": PASSWORD})

    assert answer.status_code == 404
    assert "/auth/register" not in app.openapi()["paths"]
    assert await count_accounts(app) == 0


@pytest.fixture
def forgotten() -> Iterator[None]:
    """Let registration leave out what an account cannot do without, as when a column was added and nobody fills it."""

    def forget(_mapper: object, _connection: object, user: User) -> None:
        user.canonical_email = None  # type: ignore[assignment]  # pyrefly: ignore

    event.listen(User, "before_insert", forget)
    yield
    event.remove(User, "before_insert", forget)


@pytest.mark.usefixtures("forgotten")
async def test_a_column_that_registration_forgets_is_not_told_as_a_taken_address(client: ApiClient) -> None:
    assert await register(client, EMAIL) == (500, "internal_server_error")


@pytest.mark.asvs("V15.3.1")
async def test_no_answer_holds_a_hash_or_a_password(as_user: SignUp, app: Application) -> None:
    alice = await as_user(EMAIL)
    digest = (await stored_hash(app, EMAIL)).rpartition("$")[2]

    answers = [
        await alice.get("/users/me"),
        await alice.get("/auth/sessions"),
        await log_in(alice, EMAIL, PASSWORD),
        await alice.post("/auth/register", json={"email": EMAIL, "password": PASSWORD}),
        await alice.patch("/users/me", json={"email": "alice@example.org"}),
        await change(alice, PASSWORD + " and kettles"),
    ]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 409, 200, 204]
    assert [answer for answer in answers if digest in answer.text or "argon2" in answer.text] == []
    assert [answer for answer in answers if PASSWORD in answer.text] == []


@pytest.mark.asvs("V6.4.2")
async def test_there_are_no_hints_and_no_secret_questions(app: Application) -> None:
    schemas = app.openapi()["components"]["schemas"].values()
    fields = {name for schema in schemas for name in schema.get("properties", ())}
    columns = {column.name for table in User.metadata.sorted_tables for column in table.columns}

    words = ("question", "answer", "maiden", "pet", "reminder")
    assert [name for name in fields | columns for word in words if word in name] == []
    assert "password_hint" not in fields | columns
