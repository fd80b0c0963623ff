"""Whether an account exists is told neither by the answer nor by the work done for it: shown by counting."""

import bcrypt
import httpx
import pytest

from app.core.application import Application
from tests.conftest import MakeApp
from tests.support.carrying import REFUSED, each_way
from tests.support.passwords import count_hashing, disable, import_hash, take_password_away
from tests.support.people import PASSWORD, Person, SignUp, log_in, try_login

WRONG = "not the password of anyone"


def seen(answer: httpx.Response) -> tuple[int, bytes, dict[str, str]]:
    headers = {name: value for name, value in answer.headers.items() if name != "x-request-id"}
    return answer.status_code, answer.content.replace(answer.headers["X-Request-ID"].encode(), b""), headers


@each_way
@pytest.mark.asvs("V6.3.8")
async def test_every_failed_login_looks_and_costs_the_same(as_user: SignUp, app: Application) -> None:
    alice, disabled, without = [await as_user(f"{name}@example.com") for name in ("alice", "disabled", "without")]
    await disable(app, disabled.email)
    await take_password_away(app, without.email)
    counting = count_hashing(app)

    failures = [
        await log_in(alice, "nobody@example.com", WRONG),
        await log_in(alice, "no address at all", WRONG),
        await log_in(alice, alice.email, WRONG),
        await log_in(alice, disabled.email, PASSWORD),
        await log_in(alice, disabled.email, WRONG),
        await log_in(alice, without.email, PASSWORD),
    ]
    work = counting.verified.copy()
    success = await log_in(alice, alice.email, PASSWORD)

    assert [seen(answer) for answer in failures] == [seen(failures[0])] * len(failures)
    assert alice.way.refuses(failures[0])
    assert success.status_code == 200
    assert len(work) == len(failures)
    assert len(counting.verified) == len(failures) + 1
    assert set(counting.verified) == {"$argon2id$v=19$m=8,t=1,p=1"}
    assert counting.hashed == 0


@pytest.mark.asvs("V6.3.8")
async def test_the_chosen_scheme_is_the_one_that_nobody_is_verified_against(make_app: MakeApp) -> None:
    app = make_app(PASSWORD_SCHEME="bcrypt_sha256", PASSWORD_BCRYPT_COST="4")
    async with Person(app, "alice@example.com") as alice:
        await alice.register()
        counting = count_hashing(app)

        await log_in(alice, alice.email, WRONG)
        await log_in(alice, "nobody@example.com", WRONG)

        assert counting.verified == ["$bcrypt-sha256$v=2,t=2b,r=4"] * 2


async def test_the_first_login_of_a_process_makes_no_hash_for_nobody(make_app: MakeApp) -> None:
    app = make_app()
    async with app.router.lifespan_context(app), Person(app, "nobody@example.com") as nobody:
        counting = count_hashing(app)

        await log_in(nobody, nobody.email, WRONG)

        assert (len(counting.verified), counting.hashed) == (1, 0)


@pytest.mark.asvs("V6.3.8")
async def test_a_password_too_long_for_an_imported_hash_costs_what_nobodys_does(
    as_user: SignUp, app: Application
) -> None:
    alice = await as_user("alice@example.com")
    await import_hash(app, alice.email, bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode())
    counting = count_hashing(app)

    failures = [await log_in(alice, email, "p" * 73) for email in (alice.email, "nobody@example.com")]

    assert seen(failures[0]) == seen(failures[1])
    assert counting.finished == ["$argon2id$v=19$m=8,t=1,p=1"] * 2


@pytest.mark.asvs("V6.3.8")
async def test_the_throttle_treats_accounts_that_do_not_exist_alike(as_user: SignUp, app: Application) -> None:
    alice = await as_user("alice@example.com")
    counting = count_hashing(app)
    answers = {}

    for email in (alice.email, "nobody@example.com"):
        for _ in range(5):
            await log_in(alice, email, WRONG)
        answers[email] = await log_in(alice, email, WRONG)

    known, unknown = answers.values()
    assert known.status_code == unknown.status_code == 429
    assert known.headers["Retry-After"] == unknown.headers["Retry-After"] == "30"
    assert without_instance(known) == without_instance(unknown)
    assert len(counting.verified) == 10


def without_instance(answer: httpx.Response) -> dict[str, str]:
    return {name: value for name, value in answer.json().items() if name != "instance"}


@pytest.mark.asvs("V6.3.2")
async def test_there_are_no_accounts_to_begin_with(make_app: MakeApp) -> None:
    app = make_app()
    async with Person(app, "") as anyone:
        answers = [
            await try_login(anyone, name, password)
            for name in ("admin", "root", "sa", "test", "admin@example.com", "admin@localhost")
            for password in ("admin", "password")
        ]

    assert set(answers) == {REFUSED}
