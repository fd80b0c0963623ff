"""When an access token ends: at its second, and with an answer that lets a client refresh."""

import pytest

from app.bearer.tokens import ExpiredTokenError
from app.core.application import Application
from tests.conftest import MakeApp
from tests.support.client import ApiClient
from tests.support.clock import FakeClock
from tests.support.forge import EXPIRED, Forge, claims_of, not_refused, present
from tests.support.tokens import SignUp, logged_in


@pytest.fixture
async def forge(app: Application, as_user: SignUp) -> Forge:
    alice = await as_user("alice@example.com")
    return Forge(app, alice.access_token)


@pytest.mark.asvs("V9.2.1")
async def test_a_token_ends_at_its_second_and_says_that_it_expired(
    forge: Forge, client: ApiClient, clock: FakeClock
) -> None:
    clock.advance(seconds=599)
    before = await present(client, forge.genuine)
    clock.advance(seconds=1)

    after = await present(client, forge.genuine)

    assert before.status_code == 200
    assert (after.status_code, after.headers["WWW-Authenticate"]) == (401, EXPIRED)
    assert after.json()["detail"] == "The access token expired."


async def test_a_foreign_expired_token_is_invalid_and_not_expired(
    forge: Forge, client: ApiClient, clock: FakeClock
) -> None:
    foreign = {
        "signature": forge.genuine[:-8] + "AAAAAAAA",
        "issuer": forge.token({"iss": "https://evil.example"}),
        "audience": forge.token({"aud": "billing"}),
    }
    clock.advance(days=1)

    wrong = await not_refused(client, foreign)

    assert wrong == {}
    with pytest.raises(ExpiredTokenError):
        forge.tokens.check(forge.genuine)


async def test_the_lifetime_is_a_setting(make_app: MakeApp, clock: FakeClock) -> None:
    app = make_app(BEARER_ACCESS_SECONDS="60")

    async with logged_in(app) as alice:
        claims = claims_of(alice.access_token)
        clock.advance(seconds=60)
        late = await alice.get("/users/me")

    assert claims["exp"] - claims["iat"] == 60
    assert late.status_code == 401
