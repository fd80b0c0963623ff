"""How passwords are stored: slowly, salted, never cut off, and better at the next login when a hash is outdated."""

import re

import bcrypt
import pytest
from passlib.hash import argon2, bcrypt_sha256

from app.accounts.hashing import context_for
from app.accounts.settings import AccountsSettings, PasswordScheme
from app.core.application import Application
from tests.conftest import MakeApp
from tests.support.carrying import REFUSED
from tests.support.client import ApiClient
from tests.support.passwords import count_hashing, import_hash, stored_hash
from tests.support.people import PASSWORD, Person, SignUp, log_in, try_login

EMAIL = "person0@example.com"
BEYOND_BCRYPT = "boats and kettles " * 5


def of_bcrypt(password: str, variant: str = "2b") -> str:
    made = bcrypt.hashpw(password.encode()[:72], bcrypt.gensalt(4)).decode()
    return made.replace("$2b$", f"${variant}$")


OUTDATED = {
    "bcrypt": of_bcrypt(PASSWORD),
    "bcrypt 2a": of_bcrypt(PASSWORD, "2a"),
    "bcrypt 2y": of_bcrypt(PASSWORD, "2y"),
    "bcrypt_sha256": bcrypt_sha256.using(rounds=4).hash(PASSWORD),
    "weak argon2id": argon2.using(type="ID", memory_cost=8, rounds=1, parallelism=1).hash(PASSWORD),
    "argon2i": argon2.using(type="I", memory_cost=16, rounds=1, parallelism=1).hash(PASSWORD),
}


@pytest.mark.asvs("V11.4.2")
def test_the_shipped_parameters_are_at_least_owasps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PASSWORD_MEMORY_KIB")
    monkeypatch.delenv("PASSWORD_ROUNDS")
    shipped = AccountsSettings()

    encoded = context_for(shipped).hash(PASSWORD)

    found = re.fullmatch(r"\$argon2id\$v=19\$m=(\d+),t=(\d+),p=1\$([\w+/]+)\$([\w+/]+)", encoded)
    assert found is not None
    memory, rounds, salt, digest = int(found[1]), int(found[2]), found[3], found[4]
    assert (memory >= 47104 and rounds >= 1) or (memory >= 19456 and rounds >= 2)
    assert len(salt) * 6 >= 128
    assert len(digest) * 6 >= 256
    assert shipped.password_bcrypt_cost >= 10


async def test_equal_passwords_have_different_hashes(as_user: SignUp, app: Application) -> None:
    await as_user("alice@example.com")
    await as_user("bob@example.com")

    hashes = {await stored_hash(app, "alice@example.com"), await stored_hash(app, "bob@example.com")}

    assert len(hashes) == 2
    assert all(each.startswith("$argon2id$") and PASSWORD not in each for each in hashes)


@pytest.mark.asvs("V11.4.2", "V11.2.2")
@pytest.mark.parametrize("kind", OUTDATED)
async def test_an_outdated_hash_is_replaced_at_the_next_login_and_only_then(make_app: MakeApp, kind: str) -> None:
    app = make_app(PASSWORD_MEMORY_KIB="16")
    async with Person(app, EMAIL) as alice:
        await alice.register()
        await import_hash(app, EMAIL, OUTDATED[kind])

        wrong = await try_login(alice, EMAIL, "another sentence, not mine")
        kept = await stored_hash(app, EMAIL)
        right = await try_login(alice, EMAIL, PASSWORD)
        replaced = await stored_hash(app, EMAIL)
        again = await try_login(alice, EMAIL, PASSWORD)

        assert (wrong, right, again) == (REFUSED, 200, 200)
        assert kept == OUTDATED[kind]
        assert replaced.startswith("$argon2id$v=19$m=16,t=1,p=1$")
        assert await stored_hash(app, EMAIL) == replaced


@pytest.mark.asvs("V11.2.2")
async def test_bcrypt_sha256_can_be_chosen_and_replaces_argon2(make_app: MakeApp) -> None:
    app = make_app(PASSWORD_SCHEME="bcrypt_sha256", PASSWORD_BCRYPT_COST="4")
    async with Person(app, EMAIL) as alice:
        alice.password = BEYOND_BCRYPT
        await alice.register()
        made = await stored_hash(app, EMAIL)
        beyond_72 = await try_login(alice, EMAIL, BEYOND_BCRYPT[:-1] + "!")
        right = await try_login(alice, EMAIL, BEYOND_BCRYPT)
        await import_hash(app, EMAIL, OUTDATED["weak argon2id"])

        await log_in(alice, EMAIL, PASSWORD)

        assert made.startswith("$bcrypt-sha256$")
        assert (beyond_72, right) == (REFUSED, 200)
        assert (await stored_hash(app, EMAIL)).startswith("$bcrypt-sha256$")


def test_plain_bcrypt_is_never_chosen_for_a_new_hash() -> None:
    assert {scheme.value for scheme in PasswordScheme} == {"argon2", "bcrypt_sha256"}


@pytest.mark.asvs("V6.2.8")
async def test_a_password_beyond_72_bytes_is_refused_by_a_plain_bcrypt_hash_and_no_500(
    as_user: SignUp, app: Application
) -> None:
    alice = await as_user(EMAIL)
    await import_hash(app, EMAIL, of_bcrypt(BEYOND_BCRYPT))

    tried = [await try_login(alice, EMAIL, BEYOND_BCRYPT[:72] + rest) for rest in ("", "!", BEYOND_BCRYPT[72:])]

    assert tried == [200, REFUSED, REFUSED]


async def test_a_hash_of_unknown_form_opens_nothing_and_is_no_500(as_user: SignUp, app: Application) -> None:
    alice = await as_user(EMAIL)

    for unknown in ("", "!", "plain text", "$5$rounds=1000$salt$digest", "$argon2id$v=19$m=8,t=1,p=1$bad"):
        await import_hash(app, EMAIL, unknown)

        assert await try_login(alice, EMAIL, PASSWORD) == REFUSED


async def test_passwords_that_the_library_raises_for_do_not_fit_and_are_no_500(as_user: SignUp) -> None:
    alice = await as_user(EMAIL)

    tried = [await try_login(alice, EMAIL, odd) for odd in ("x" * 1024, " ", "nul\0byte in the middle")]

    assert tried in ([REFUSED] * 3, [REFUSED, REFUSED, 400])


async def test_two_keyboards_one_password(client: ApiClient) -> None:
    composed = "caf\N{LATIN SMALL LETTER E WITH ACUTE} beside the harbour"
    decomposed = "cafe\N{COMBINING ACUTE ACCENT} beside the harbour"
    await client.post("/auth/register", json={"email": EMAIL, "password": composed})

    typed_apart = await try_login(client, EMAIL, decomposed)
    without_accent = await try_login(client, EMAIL, "cafe beside the harbour")

    assert (typed_apart, without_accent) == (200, REFUSED)


@pytest.mark.asvs("V6.2.8")
async def test_a_password_is_compared_exactly_as_typed(as_user: SignUp) -> None:
    alice = await as_user(EMAIL)

    for almost in (PASSWORD.upper(), f" {PASSWORD}", f"{PASSWORD} ", PASSWORD[:-1], PASSWORD + "\n"):
        assert await try_login(alice, EMAIL, almost) == REFUSED


@pytest.mark.asvs("V6.2.10")
async def test_a_year_old_password_still_works(as_user: SignUp, app: Application) -> None:
    alice = await as_user(EMAIL)
    counting = count_hashing(app)
    app.state.kernel.now.advance(days=3 * 366)

    assert await try_login(alice, EMAIL, PASSWORD) == 200
    assert counting.hashed == 0
