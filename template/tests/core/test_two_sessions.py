"""Two sessions in one request: nobody can tell which was meant, so neither counts."""

from itertools import product

import pytest

from app.core.application import Application
from tests.support.carrying import WAYS, Carried, Way
from tests.support.client import ApiClient
from tests.support.people import Person

PAIRS = list(product(WAYS, WAYS))

each_pair = pytest.mark.parametrize(("first", "second"), PAIRS, ids=[f"{one.name}-{two.name}" for one, two in PAIRS])


async def carried_by(app: Application, email: str, way: Way) -> Carried:
    async with Person(app, email, way=way) as person:
        await person.register()
        await person.log_in()
        return person.carried


def both(*presented: Carried) -> list[tuple[str, str]]:
    return [pair for each in presented for pair in each.headers.items()]


@each_pair
async def test_two_sessions_in_one_request_are_refused(
    app: Application, client: ApiClient, first: Way, second: Way
) -> None:
    alice, bob = await carried_by(app, "alice@example.com", first), await carried_by(app, "bob@example.com", second)

    together = await client.get("/users/me", headers=both(alice, bob))
    twice = await client.get("/users/me", headers=both(alice, alice))

    assert [answer.status_code for answer in (together, twice)] == [400, 400]
    assert [answer.json()["code"] for answer in (together, twice)] == ["two_credentials"] * 2


@each_pair
async def test_a_bad_session_beside_a_good_one_does_not_fall_back_to_it(
    app: Application, client: ApiClient, first: Way, second: Way
) -> None:
    alice = await carried_by(app, "alice@example.com", first)
    good, bad = list(alice.headers.items()), list(second.presenting("x").items())

    answers = [await client.get("/users/me", headers=headers) for headers in (good + bad, bad + good)]

    assert {answer.status_code for answer in answers} <= {400, 401}
