"""`/users/me`: the owner's own account, and nothing else."""

import pytest
from sqlalchemy import func, select

from app.core.application import Application
from app.core.database import Base
from tests.support.carrying import REFUSED, asks_to_log_in, each_way
from tests.support.client import ApiClient
from tests.support.passwords import disable, id_of, kernel_of, reset, reset_code
from tests.support.people import PASSWORD, SignUp, log_in, try_login

OLD, NEW = "alice@example.com", "alice@example.org"


async def test_an_owner_reads_the_account(as_user: SignUp) -> None:
    alice = await as_user(OLD)

    answer = await alice.get("/users/me")

    assert answer.status_code == 200
    assert set(answer.json()) == {"id", "email", "created_at"}
    assert answer.json()["email"] == OLD


async def test_nobody_else_reads_it(client: ApiClient) -> None:
    answer = await client.get("/users/me")

    assert asks_to_log_in(answer)


async def test_a_new_address_logs_in_and_the_old_one_does_not(as_user: SignUp) -> None:
    alice = await as_user(OLD)

    answer = await alice.patch("/users/me", json={"email": NEW})

    assert (answer.status_code, answer.json()["email"]) == (200, NEW)
    assert (await alice.get("/users/me")).json()["email"] == NEW
    assert await try_login(alice, NEW, PASSWORD) == 200
    assert await try_login(alice, OLD, PASSWORD) == REFUSED


async def test_an_address_of_somebody_else_cannot_be_taken_in_any_spelling(as_user: SignUp) -> None:
    alice, _ = await as_user(OLD), await as_user("bob@example.com")

    answers = [await alice.patch("/users/me", json={"email": each}) for each in ("bob@example.com", "BOB@EXAMPLE.com")]

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(409, "email_taken")] * 2
    assert (await alice.get("/users/me")).json()["email"] == OLD


async def test_the_own_address_can_be_spelled_anew(as_user: SignUp) -> None:
    alice = await as_user(OLD)

    answer = await alice.patch("/users/me", json={"email": "Alice@Example.com"})

    assert (answer.status_code, answer.json()["email"]) == (200, "Alice@Example.com")


@pytest.mark.asvs("V6.2.3")
async def test_the_password_changes_by_its_own_route_only(as_user: SignUp) -> None:
    alice = await as_user(OLD)

    answer = await alice.patch("/users/me", json={"email": OLD, "password": "seven lamps and a copper kettle"})

    assert answer.status_code == 422
    assert await try_login(alice, OLD, PASSWORD) == 200


@each_way
@pytest.mark.asvs("V7.4.2", "V14.2.7")
async def test_a_deleted_account_leaves_nothing_and_all_its_credentials_die(as_user: SignUp, app: Application) -> None:
    alice, elsewhere, bob = await as_user(OLD), await as_user("x@example.com"), await as_user("bob@example.com")
    elsewhere.take(await log_in(elsewhere, OLD, PASSWORD))
    assert await alice.renew()
    code = await reset_code(app, OLD)
    user_id = await id_of(app, OLD)

    answer = await alice.delete("/users/me")

    assert (answer.status_code, answer.content) == (204, b"")
    assert [await person.is_in() for person in (alice, elsewhere)] == [False, False]
    assert (await reset(alice, code)).status_code == 403
    assert await try_login(alice, OLD, PASSWORD) == REFUSED
    assert (await bob.get("/users/me")).status_code == 200
    async with kernel_of(app).store.reading() as db:
        for table in Base.metadata.sorted_tables:
            owner = table.columns.get("user_id")
            if owner is not None:
                assert await db.scalar(select(func.count()).where(owner == user_id)) == 0, table.name


def test_no_table_stands_in_the_way_of_a_deletion() -> None:
    """A row that keeps its account, or what goes with it, would make each deletion a 409 for ever."""
    going = {"users"}
    for table in Base.metadata.sorted_tables:
        for key in table.foreign_keys:
            if key.column.table.name in going:
                goes_too = key.ondelete == "CASCADE"
                assert goes_too or (key.ondelete == "SET NULL" and key.parent.nullable), (
                    f"{table.name}.{key.parent.name} does not say what happens when an account is deleted: "
                    'ForeignKey(..., ondelete="CASCADE"), or "SET NULL" if the column may be empty'
                )
                going |= {table.name} if goes_too else set()


async def test_a_freed_address_makes_a_new_account_and_revives_nothing(as_user: SignUp) -> None:
    alice = await as_user(OLD)
    await alice.delete("/users/me")

    made = await alice.post("/auth/register", json={"email": OLD, "password": PASSWORD})

    assert made.status_code == 201
    assert (await alice.get("/users/me")).status_code == 401


@each_way
@pytest.mark.asvs("V7.4.2")
async def test_a_disabled_account_is_out_at_the_next_request(as_user: SignUp, app: Application) -> None:
    alice = await as_user(OLD)

    await disable(app, OLD)

    assert not await alice.is_in()
    assert await try_login(alice, OLD, PASSWORD) == REFUSED
