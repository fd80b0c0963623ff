"""Whatever is guessed against an account is throttled, a second factor of your own too, and each by itself."""

from functools import cache

import pytest
from fastapi import Request

from app.accounts.throttle import MOST_FAILURES
from app.core.application import Application
from app.core.context import RequestContext, answering
from app.core.errors import Problem
from app.core.openapi import problems
from app.core.routing import Router
from tests.accounts.test_throttle_moves import move
from tests.accounts.test_throttle_networks import WRONG, login_from
from tests.support.carrying import REFUSED
from tests.support.client import ApiClient
from tests.support.passwords import NEW_PASSWORD, kernel_of, reset, reset_code
from tests.support.people import PASSWORD, SignUp
from tests.support.planting import plant

EMAIL = "alice@example.com"
HOME = "198.51.100.7"


async def try_pin(app: Application, network: str = HOME, email: str = EMAIL, *, fits: bool = False) -> int:
    """Try a PIN as a slice would that adds one: nothing but `attempt` stands before it."""
    with answering(RequestContext(request_id="", client=network)):
        try:
            async with kernel_of(app).login.attempt("pin", email):
                if not fits:
                    raise Problem(403, "wrong_pin", "The PIN is wrong.")
        except Problem as refusal:
            return refusal.status_code
    return 200


@cache
def pins() -> Router:
    """Return a route that takes a PIN and only reads."""
    router = Router(prefix="/planted")

    @router.get("/pin/{pin}", responses=problems(403, 429))
    async def see(pin: str, request: Request) -> None:
        async with request.app.state.kernel.login.attempt("pin", EMAIL):
            if pin != "right":
                raise Problem(403, "wrong_pin", "The PIN is wrong.")

    return router


@pytest.mark.asvs("V6.3.1")
async def test_an_action_that_nobody_has_named_is_throttled(app: Application) -> None:
    assert [await try_pin(app) for _ in range(6)] == [403] * 5 + [429]
    assert await try_pin(app, fits=True) == 429


@pytest.mark.asvs("V6.3.1")
async def test_another_spelling_of_the_address_is_no_other_account(app: Application) -> None:
    spellings = (EMAIL, "Alice@example.com", "ALICE@EXAMPLE.COM", "aLiCe@example.com", "alice@Example.com")

    assert [await try_pin(app, email=each) for each in spellings] == [403] * 5
    assert await try_pin(app, email="alicE@example.com", fits=True) == 429


@pytest.mark.asvs("V6.3.1")
async def test_it_is_counted_and_forgiven_also_by_a_request_that_only_reads(app: Application) -> None:
    plant(app, pins(), public=True)

    async with ApiClient(app, network=HOME) as client:
        tried = ["wrong"] * 4 + ["right"] + ["wrong"] * 6
        answers = [await client.get(f"/planted/pin/{pin}") for pin in tried]

    assert [answer.status_code for answer in answers] == [403] * 4 + [200] + [403] * 5 + [429]


@pytest.mark.asvs("V6.3.1")
async def test_nor_is_it_guessed_from_many_networks(app: Application) -> None:
    sprayed = [await try_pin(app, f"203.0.113.{i // 5}") for i in range(MOST_FAILURES)]

    assert sprayed == [403] * MOST_FAILURES
    assert await try_pin(app, "203.0.113.200", fits=True) == 429


async def test_who_knows_the_password_does_not_thereby_guess_on(as_user: SignUp, app: Application) -> None:
    await as_user(EMAIL, network=HOME)
    tried = []
    for _ in range(6):
        tried += [await try_pin(app), await login_from(app, HOME, PASSWORD)]

    assert tried == [403, 200] * 5 + [429, 200]


async def test_who_knows_the_second_factor_does_not_thereby_guess_passwords(as_user: SignUp, app: Application) -> None:
    await as_user(EMAIL, network=HOME)
    tried = []
    for _ in range(6):
        tried += [await login_from(app, HOME, WRONG), await try_pin(app, fits=True)]

    assert tried == [REFUSED, 200] * 5 + [429, 200]


async def test_a_new_password_forgives_nothing_but_guesses_at_the_old(as_user: SignUp, app: Application) -> None:
    alice = await as_user(EMAIL, network=HOME)
    for _ in range(5):
        await try_pin(app)

    await reset(alice, await reset_code(app, EMAIL), NEW_PASSWORD)

    assert await try_pin(app, fits=True) == 429


async def test_another_address_takes_all_failures_along(as_user: SignUp, app: Application) -> None:
    alice = await as_user(EMAIL, network=HOME)
    for _ in range(5):
        await try_pin(app)

    await move(alice, "alice@example.net")

    assert await try_pin(app, email="alice@example.net", fits=True) == 429
