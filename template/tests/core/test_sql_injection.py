"""SQL in every parameter, field and header of every route: data and answers stay as they are."""

import re
from collections.abc import Sequence
from typing import Annotated, Any

import httpx
import pytest
from pydantic import Field
from sqlalchemy import text

from app.core.application import Application
from app.core.database import Base, Database
from app.core.errors import Problem
from app.core.routing import Router
from app.core.types import ONE_LINE, Body
from tests.support.bare import statements
from tests.support.carrying import REFUSED, WAYS, each_way
from tests.support.client import ApiClient
from tests.support.openapi import UNKNOWN_ID, operations
from tests.support.people import Person, SignUp, reach_every_route, try_login
from tests.support.planting import plant

PROBES = ["' OR '1'='1' --", "'; DROP TABLE users; --", '" UNION SELECT * FROM users --', "1) OR (SELECT 1)=1 --"]
HARMLESS = [re.sub("[^A-Za-z]", "x", probe) for probe in PROBES]
"""For each probe one that says nothing and is as long, so that an end of a field stops both or neither."""


async def rows_of(app: Application, *, user_id: str) -> dict[str, list[Any]]:
    """Return every row that belongs to one account, by table."""
    async with app.state.kernel.store.reading() as db:
        found = {}
        for table in Base.metadata.sorted_tables:
            owner = next((table.c[name] for name in ("user_id", "owner_id") if name in table.c), None)
            column = table.c.id if table.name == "users" else owner
            if column is not None:
                rows = (await db.execute(table.select())).all()
                found[table.name] = [row for row in rows if str(row._mapping[column]) == user_id]
        return found


def shape(answer: httpx.Response) -> object:
    """Return what must not change: the status, and of a list all of it."""
    is_list = answer.headers.get("content-type") == "application/json" and answer.text.startswith("[")
    return answer.status_code, answer.text if is_list else None


@pytest.mark.asvs("V1.2.4")
async def test_sql_in_any_parameter_changes_nothing(as_user: SignUp, app: Application) -> None:
    bystander = await as_user("bystander@example.com")
    mallory = await as_user("mallory@example.com")
    await reach_every_route(mallory)
    bystanders_id = (await bystander.get("/users/me")).json()["id"]
    before = await rows_of(app, user_id=bystanders_id)
    assert before["users"]
    assert len(operations(app)) > 10

    assert await moved_by_sql(mallory) == []
    assert await rows_of(app, user_id=bystanders_id) == before


async def moved_by_sql(mallory: Person, *, below: str = "/") -> list[str]:
    """Return each place in which SQL is answered otherwise than letters, with what it said there."""
    found = []
    networks = (f"10.0.{number // 256}.{number % 256}" for number in range(2**16))
    for operation in (each for each in operations(mallory.app) if each.path.startswith(below)):
        for probe, harmless in zip(PROBES, HARMLESS, strict=True):
            control = dict(operation.with_each_replaced(harmless))
            for place, attack in operation.with_each_replaced(probe):
                # From a network of its own, so that the wrong passwords among them do not add up to a 429.
                sender = Person(mallory.app, mallory.email, network=next(networks), way=mallory.way)
                sender.headers.update(mallory.headers)
                expected = shape(await sender.send(control[place].request(sender)))
                answer = await sender.send(attack.request(sender))
                await sender.aclose()

                if answer.status_code >= 500 or not (shape(answer) == expected or is_text_here(answer)):
                    found.append(f"{place}: {probe}")
    return found


class Paint(Body):
    colour: Annotated[str, Field(max_length=20, pattern=ONE_LINE)] | None = None


async def test_sql_that_a_route_runs_would_be_found_and_a_field_that_is_short_is_none(
    app: Application, as_user: SignUp
) -> None:
    router = Router(prefix="/planted")

    @router.post("/safe")
    async def safe(_paint: Paint) -> None:
        raise Problem(404, "not_found")

    @router.post("/unsafe")
    async def unsafe(paint: Paint, db: Database) -> None:
        found = await db.scalar(text(f"SELECT id FROM users WHERE email = '{paint.colour}'"))  # noqa: S608 - the attack
        raise Problem(404 if found is None else 403, "not_found")

    plant(app, router)

    found = await moved_by_sql(await as_user(), below="/planted/")

    assert found == [f"POST /planted/unsafe body colour: {PROBES[0]}"]


def is_text_here(answer: httpx.Response) -> bool:
    """Return whether it was taken as text where text may stand (once a second time), or refused for its form."""
    return answer.status_code in {201, 409, 422}


@pytest.mark.asvs("V1.2.4", "V1.3.10")
@pytest.mark.parametrize("value", [*PROBES, "%s%n{0.__class__.__init__.__globals__}", "<script>"])
async def test_sql_in_a_header_is_stored_as_text(client: ApiClient, as_user: SignUp, value: str) -> None:
    alice = await as_user()
    alice.headers["User-Agent"] = value
    await alice.log_in()

    sessions = (await alice.get("/auth/sessions")).json()
    refused = [await client.get("/users/me", headers=way.presenting(value)) for way in WAYS]

    assert value in {session["user_agent"] for session in sessions}
    assert len(sessions) == 2
    assert [answer.status_code for answer in refused] == [401] * len(WAYS)


@each_way
@pytest.mark.asvs("V1.2.4")
@pytest.mark.parametrize("value", PROBES)
async def test_sql_in_a_login_opens_nothing(as_user: SignUp, value: str) -> None:
    alice = await as_user()

    tried = [
        await try_login(alice, f"{alice.email}{value}", alice.password),
        await try_login(alice, alice.email, value),
        await try_login(alice, value, value),
    ]

    assert tried == [REFUSED] * 3


@pytest.mark.asvs("V3.5.3")
async def test_a_request_that_reads_never_writes(as_user: SignUp, app: Application) -> None:
    alice = await as_user()
    await reach_every_route(alice)
    await alice.get("/users/me")

    with statements(app.state.kernel) as sent:
        for operation in operations(app):
            if operation.method in {"GET", "HEAD"}:
                answer = await alice.send(operation.request(alice))
                assert answer.status_code in {200, 404}, operation

    assert [each for each in sent if each.startswith("SELECT")]
    assert writes(sent) == []


def writes(sent: Sequence[str]) -> list[str]:
    return [each for each in sent if re.match(r"\W*(WITH|INSERT|UPDATE|DELETE|MERGE|CREATE|ALTER|DROP)\b", each, re.I)]


async def test_a_statement_that_writes_would_be_seen(app: Application) -> None:
    with statements(app.state.kernel) as sent:
        async with app.state.kernel.store.transaction() as db:
            await db.execute(text("DELETE FROM users WHERE id = :id"), {"id": UNKNOWN_ID})

    assert len(writes(sent)) == 1
