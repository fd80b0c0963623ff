"""No other credential is taken from a cookie, and the session from no other cookie than its own."""

import pytest

from tests.support.carrying import asks_to_log_in, each_way
from tests.support.client import ApiClient
from tests.support.people import SignUp


@each_way
@pytest.mark.asvs("V14.2.1")
async def test_a_secret_in_another_cookie_is_never_looked_at(as_user: SignUp, client: ApiClient) -> None:
    alice = await as_user()

    for name, secret in alice.carried.secrets.items():
        for cookie in (f"{name}={secret}", f"token={secret}; Authorization={secret}", secret):
            assert asks_to_log_in(await client.get("/users/me", headers={"Cookie": cookie})), cookie
