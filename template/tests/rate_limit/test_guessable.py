"""What can be guessed has limits of its own, and no spelling of its path leads around them."""

import pytest

from app.core.application import Application
from app.core.database import READS_ONLY
from app.core.routing import Router, api_routes, guessable
from app.rate_limit.settings import name_of
from tests.conftest import MakeApp
from tests.rate_limit.guesses import guesses
from tests.support.client import ApiClient
from tests.support.limits import NAMES
from tests.support.planting import RawRequest, plant

MANY = {name: "2/minute" for name in NAMES if name != "RATE_LIMIT_GENERAL"}


async def policy_after_sixty(app: Application, router: Router) -> str:
    """Try sixty codes below `router` and one more; return the policy that refuses the last one."""
    plant(app, router, public=True)
    async with ApiClient(app) as client:
        answers = [await client.post(f"{router.prefix}/{number}") for number in range(61)]

    assert [answer.status_code for answer in answers] == [200] * 60 + [429]
    return answers[-1].headers["RateLimit-Policy"]


@pytest.mark.asvs("V2.4.1", "V6.3.1")
async def test_every_guess_answers_429_at_its_own_limit(make_app: MakeApp) -> None:
    app = make_app(**MANY)
    found = guesses(app)

    assert len(found) >= 5
    for number, (operation, action) in enumerate(found):
        async with ApiClient(app, network=f"198.51.100.{number}") as client:
            answers = [await client.send(operation.request(client)) for _ in range(3)]
        assert [answer.status_code == 429 for answer in answers] == [False, False, True], str(operation)
        assert answers[-1].headers["RateLimit-Policy"] == f'"{action}";q=2;w=60'


@pytest.mark.asvs("V6.3.1")
async def test_whatever_strangers_can_change_is_a_guess(app: Application) -> None:
    kernel = app.state.kernel
    forgotten = [
        f"{method} {path}"
        for method, path, route in api_routes(app.routes)
        if route.origin in kernel.public_routes and method not in READS_ONLY and route.origin not in kernel.guessable
    ]

    assert forgotten == []


async def test_each_action_has_its_setting(app: Application) -> None:
    assert {name_of(action) for action in app.state.kernel.guessable.values()} == NAMES - {"RATE_LIMIT_GENERAL"}


async def test_one_limit_reached_leaves_the_others(make_app: MakeApp) -> None:
    app = make_app(RATE_LIMIT_REGISTER="1/minute", RATE_LIMIT_GENERAL="2/minute")
    async with ApiClient(app) as client:
        registered = [(await client.post("/auth/register", json={})).status_code for _ in range(2)]
        others = [(await client.get("/users/me")).status_code for _ in range(3)]
        reset = await client.post("/auth/reset-password", json={})

    assert registered == [422, 429]
    assert others == [401, 401, 429]
    assert reset.status_code == 422


@pytest.mark.parametrize("path", ["/auth/register\n", "/auth/register/", "//auth/register", "/AUTH/register"])
async def test_another_spelling_of_the_path_reaches_nothing(make_app: MakeApp, path: str) -> None:
    app = make_app(RATE_LIMIT_REGISTER="1/minute")
    headers = [(b"host", b"localhost"), (b"content-type", b"application/json")]

    assert (await RawRequest("POST", path, headers, b"{}").send_to(app)).status == 404


async def test_a_guess_below_a_path_with_parameters_is_counted_as_one(make_app: MakeApp) -> None:
    app = make_app()
    router = Router(prefix="/coupons")

    @router.post("/{code}")
    @guessable("coupon")
    async def redeem(code: str) -> str:
        return code

    assert await policy_after_sixty(app, router) == '"coupon";q=60;w=60'


@pytest.mark.asvs("V6.3.1")
async def test_a_mark_above_the_routers_decorator_counts_too(make_app: MakeApp) -> None:
    app = make_app()
    router = Router(prefix="/vouchers")

    @guessable("voucher")
    @router.post("/{code}")
    async def redeem(code: str) -> str:
        return code

    assert await policy_after_sixty(app, router) == '"voucher";q=60;w=60'
