"""What a refusal says to the holder of a token (RFC 6750 section 3, RFC 9470)."""

from collections.abc import AsyncIterator

import pytest

from tests.support.bare import Bare, statements
from tests.support.bearer import BEARER
from tests.support.clock import FakeClock
from tests.support.people import grow_old
from tests.support.tokens import SignUp


@pytest.fixture
async def bare(database_url: str, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bare]:
    monkeypatch.setenv("DATABASE_URL", database_url)
    made = Bare(clock, BEARER)
    yield made
    await made.kernel.close()


@pytest.mark.asvs("V10.3.2")
async def test_a_permission_that_is_missing_is_named_as_a_scope(bare: Bare) -> None:
    async with await bare.start() as alice:
        refused = await alice.post("/probe/write", json={})

    assert refused.status_code == 403
    assert refused.headers["WWW-Authenticate"] == 'Bearer error="insufficient_scope", scope="things:write"'


@pytest.mark.asvs("V10.3.4")
async def test_an_old_login_is_told_how_recent_one_must_be(as_user: SignUp, clock: FakeClock) -> None:
    alice = await as_user()
    await grow_old(alice, clock, minutes=10, seconds=1)

    challenge = (await alice.delete("/users/me")).headers["WWW-Authenticate"]

    assert challenge.startswith('Bearer error="insufficient_user_authentication"')
    assert challenge.endswith('max_age="600"')


async def test_another_scheme_reaches_no_database(as_user: SignUp) -> None:
    alice = await as_user()
    await alice.get("/users/me")

    with statements(alice.app.state.kernel) as sent:
        answer = await alice.get("/users/me", headers={"Authorization": "Basic YTpi"})

    assert answer.status_code == 401
    assert sent == []
