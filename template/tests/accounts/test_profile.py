"""`/users/me`: the owner's own account, and nothing else."""

from tests.support.client import ApiClient
from tests.support.people import SignUp


async def test_an_owner_reads_the_account(as_user: SignUp) -> None:
    alice = await as_user("alice@example.com")

    answer = await alice.get("/users/me")

    assert answer.status_code == 200
    assert answer.json()["email"] == "alice@example.com"


async def test_nobody_else_reads_it(client: ApiClient) -> None:
    answer = await client.get("/users/me")

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
