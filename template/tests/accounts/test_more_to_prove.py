"""More than the password is asked for: who proves no more gets no session, and is no guesser either."""

from functools import partial

import httpx
import pytest
from fastapi import Response
from fastapi.responses import JSONResponse
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.throttle import FREE_FAILURES
from app.core.application import Application
from app.core.login import Challenge, InvalidCredentials, Proven
from app.core.models import AuthSession
from tests.accounts.test_password_change import while_a_password_is_checked
from tests.support.carrying import REFUSED, Way, each_way
from tests.support.passwords import disable, kernel_of
from tests.support.people import PASSWORD, Person, SignUp, log_in, try_login

EMAIL = "alice@example.com"
OFTEN = 2 * FREE_FAILURES


class SecondFactor:
    """A step as a slice would add it: whoever has proven no `otp` is asked for one."""

    def __init__(self, app: Application) -> None:
        self.asked: list[Proven] = []
        kernel_of(app).login.steps.append(self)

    async def __call__(self, _db: AsyncSession, proven: Proven) -> Challenge | None:
        if "otp" in proven.methods:
            return None
        self.asked.append(proven)
        return Challenge(method="otp")


@pytest.fixture
def second_factor(app: Application) -> SecondFactor:
    """A second factor that every login is asked for from now on."""
    return SecondFactor(app)


async def methods_of_sessions(app: Application) -> list[str]:
    async with kernel_of(app).store.reading() as db:
        return list(await db.scalars(select(AuthSession.methods)))


def take(person: Person, answer: Response) -> None:
    person.take(httpx.Response(answer.status_code, headers=answer.raw_headers, content=bytes(answer.body)))


@each_way
@pytest.mark.asvs("V6.3.4")
async def test_the_right_password_alone_opens_nothing_and_is_no_failed_guess(
    as_user: SignUp, second_factor: SecondFactor, app: Application
) -> None:
    alice = await as_user.register(EMAIL)

    answers = [await log_in(alice, EMAIL, PASSWORD) for _ in range(OFTEN)]

    assert {answer.status_code for answer in answers} == {403}
    assert "interaction_required" in answers[0].text
    assert len(second_factor.asked) == OFTEN
    assert await methods_of_sessions(app) == []


@each_way
async def test_nor_is_it_one_where_the_carrier_asks_for_more(
    as_user: SignUp, second_factor: SecondFactor, app: Application, way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def ask(challenge: Challenge, proven: Proven) -> Response:
        return JSONResponse({"missing": challenge.method, "proven": proven.methods})

    monkeypatch.setattr(kernel_of(app).login.carriers[way.name], "deliver_challenge", ask)
    alice = await as_user.register(EMAIL)

    answers = [await log_in(alice, EMAIL, PASSWORD) for _ in range(OFTEN)]

    assert {answer.status_code for answer in answers} == {200}
    assert answers[0].json() == {"missing": "otp", "proven": ["pwd"]}
    assert second_factor.asked
    assert await methods_of_sessions(app) == []


@pytest.mark.asvs("V6.3.1")
async def test_who_has_one_factor_forgives_no_failure(as_user: SignUp, second_factor: SecondFactor) -> None:
    alice = await as_user.register(EMAIL)
    statuses = []
    for _ in range(FREE_FAILURES):
        statuses += [await try_login(alice, EMAIL, PASSWORD), await try_login(alice, EMAIL, "not the password")]

    assert statuses == [403, REFUSED] * FREE_FAILURES
    assert await try_login(alice, EMAIL, PASSWORD) == 429
    assert len(second_factor.asked) == FREE_FAILURES


@each_way
@pytest.mark.asvs("V6.3.4")
async def test_whoever_proves_the_rest_is_let_in_and_the_session_says_by_what(
    as_user: SignUp, second_factor: SecondFactor, app: Application, way: Way
) -> None:
    alice = await as_user.register(EMAIL)
    await try_login(alice, EMAIL, PASSWORD)

    take(alice, await kernel_of(app).login.resume(second_factor.asked[0], "otp", carrier=way.name))

    assert await alice.is_in()
    assert await methods_of_sessions(app) == ["pwd otp"]


@pytest.mark.asvs("V6.3.8", "V7.4.2")
async def test_an_account_that_is_disabled_is_refused_and_not_asked(
    as_user: SignUp, second_factor: SecondFactor, app: Application, way: Way
) -> None:
    alice = await as_user.register(EMAIL)
    await try_login(alice, EMAIL, PASSWORD)
    while_a_password_is_checked(app, partial(disable, app, EMAIL))

    assert await try_login(alice, EMAIL, PASSWORD) == REFUSED
    assert len(second_factor.asked) == 1
    with pytest.raises(InvalidCredentials):
        await kernel_of(app).login.resume(second_factor.asked[0], "otp", carrier=way.name)
