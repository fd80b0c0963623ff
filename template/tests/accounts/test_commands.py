"""The commands of operators, on a real database: no password in an argument, and the same rules as over HTTP."""

import json
import os
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import pytest
from anyio import to_thread
from sqlalchemy import func, select

from app import manage
from app.accounts.throttle import Throttle
from app.core.application import Application
from app.core.models import AuthSession, User
from tests.support.client import ApiClient
from tests.support.clock import FakeClock
from tests.support.manage import Manage, in_this_process
from tests.support.passwords import NEW_PASSWORD, id_of, kernel_of, reset
from tests.support.people import PASSWORD, SignUp, log_in, try_login
from tests.support.production import GOOD_SECRET
from tests.support.terminal import CTRL_C, CTRL_D, type_at

EMAIL = "alice@example.com"
REFUSED = (
    (EMAIL, "too short\n", "password: Use at least 15 characters"),
    (EMAIL, "passwordpassword\n", "tried first"),
    (EMAIL, "", "password: String should have at least 1 character"),
    (EMAIL, "a harbour \udcff of quiet boats\n", "valid string"),
    ("no address", f"{PASSWORD}\n", "email: Write an e-mail address"),
    ("taken@example.com", f"{PASSWORD}\n", "already has an account"),
    ("TAKEN@example.com", f"{PASSWORD}\n", "already has an account"),
)

Typing = Callable[[str], Awaitable[tuple[int, str]]]
on_a_terminal = pytest.mark.skipif(os.name == "nt", reason="Windows has no terminal that a test could type at")


@pytest.fixture
def clock() -> FakeClock:
    """A clock that shows the time of day, since commands read no other."""
    return FakeClock.of_today()


@pytest.fixture
def run_manage(app: Application, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Manage:
    """Run a command in this process, on the database of `app`; return its exit code and what it printed."""
    assert app
    return in_this_process(monkeypatch, capsys)


@pytest.fixture
def at_the_prompt(app: Application, database_url: str, tmp_path: Path) -> Typing:
    """Run create-user, press keys at its prompt; return its exit code and what was shown from then on."""
    assert app
    settings = {"APP_ENV": "test", "SECRET_KEY": GOOD_SECRET, "DATABASE_URL": database_url, "REGISTRATION": "closed"}
    settings["PASSWORD_MEMORY_KIB"] = "8"

    async def press(keys: str) -> tuple[int, str]:
        command = ("-m", "app.manage", "create-user", EMAIL)
        return await to_thread.run_sync(partial(type_at, "Password: ", keys, *command, folder=tmp_path, **settings))

    return press


async def count_users(app: Application) -> int:
    async with kernel_of(app).store.reading() as db:
        return await db.scalar(select(func.count()).select_from(User)) or 0


async def test_create_user_reads_the_password_from_stdin_also_while_registration_is_closed(
    app: Application, run_manage: Manage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REGISTRATION", "closed")

    code, out, err = await run_manage("create-user", EMAIL, typed=f"{PASSWORD}\n")

    assert (code, err) == (0, "")
    assert out.startswith(f"made {EMAIL} (")
    assert PASSWORD not in out
    async with ApiClient(app) as client:
        assert await try_login(client, EMAIL, PASSWORD) == 200


@on_a_terminal
@pytest.mark.parametrize(
    ("keys", "left"),
    [
        (f"half a pass{CTRL_C}", (130, "\n")),
        (CTRL_D, (1, "\npassword: No password was given.\n")),
    ],
    ids=["Ctrl-C", "Ctrl-D"],
)
async def test_whoever_leaves_the_password_prompt_leaves_the_command(
    app: Application, at_the_prompt: Typing, keys: str, left: tuple[int, str]
) -> None:
    """At the first try: the event loop would keep Ctrl-C to itself until a password has been typed."""
    assert await at_the_prompt(keys) == left
    assert await count_users(app) == 0


@on_a_terminal
async def test_a_password_that_is_typed_is_not_shown(app: Application, at_the_prompt: Typing) -> None:
    code, shown = await at_the_prompt(f"{PASSWORD}\n")

    assert (code, await count_users(app)) == (0, 1)
    assert shown.startswith(f"\nmade {EMAIL} (")
    assert PASSWORD not in shown


async def test_create_user_refuses_in_a_line_what_registration_refuses(
    as_user: SignUp, app: Application, run_manage: Manage
) -> None:
    await as_user("taken@example.com")

    for email, typed, complaint in REFUSED:
        code, out, err = await run_manage("create-user", email, typed=typed)

        assert (code, out, err.count("\n")) == (1, "", 1), complaint
        assert complaint in err
        assert typed.strip() == "" or typed.strip() not in err
    assert await count_users(app) == 1


@pytest.mark.asvs("V6.4.6")
async def test_reset_password_prints_a_code_and_nothing_else_on_stdout(as_user: SignUp, run_manage: Manage) -> None:
    alice = await as_user(EMAIL)

    code, out, err = await run_manage("reset-password", EMAIL.upper())
    changed = await reset(alice, out.strip())

    assert (code, changed.status_code) == (0, 204)
    assert out.count("\n") == 1
    assert "15 minutes" in err
    assert await try_login(alice, EMAIL, NEW_PASSWORD) == 200


@pytest.mark.parametrize("asked", ["stra\u00dfe@example.com", "\uff53trasse@example.com"], ids=["sharp s", "wide s"])
async def test_reset_password_gives_no_code_to_whoever_asks_from_another_spelling(
    as_user: SignUp, run_manage: Manage, asked: str
) -> None:
    await as_user("strasse@example.com")

    code, out, err = await run_manage("reset-password", asked)

    assert (code, out) == (1, "")
    assert "strasse@example.com" in err


async def test_reset_password_of_nobody_is_an_error(run_manage: Manage) -> None:
    assert await run_manage("reset-password", EMAIL) == (1, "", "no account has this address\n")


async def test_unlock_lets_the_owner_try_again(as_user: SignUp, run_manage: Manage) -> None:
    alice = await as_user(EMAIL)
    for _ in range(6):
        waiting = await log_in(alice, EMAIL, "not the password of anyone")

    code, out, _ = await run_manage("unlock", "ALICE@example.com")

    assert waiting.status_code == 429
    assert (code, out) == (0, "its failed logins are forgotten\n")
    assert await try_login(alice, EMAIL, PASSWORD) == 200


async def test_unlock_says_that_nothing_is_counted_against_an_address_that_is_misspelt(
    as_user: SignUp, run_manage: Manage
) -> None:
    alice = await as_user(EMAIL)
    await log_in(alice, EMAIL, "not the password of anyone")

    misspelt = await run_manage("unlock", "alise@example.com")
    once, again = await run_manage("unlock", EMAIL), await run_manage("unlock", EMAIL)

    assert misspelt == again == (0, "no failed login is counted against this address\n", "")
    assert once == (0, "its failed logins are forgotten\n", "")


@pytest.mark.asvs("V16.3.1")
async def test_what_an_operator_did_is_told_beside_what_is_printed(
    as_user: SignUp, app: Application, capsys: pytest.CaptureFixture[str]
) -> None:
    """A script takes the code from the output; a code opens the account, and so does an end to the waiting."""
    alice = await as_user(EMAIL)
    await log_in(alice, EMAIL, "not the password of anyone")
    capsys.readouterr()

    for command in (("reset-password", EMAIL), ("unlock", EMAIL), ("unlock", EMAIL), ("unlock", "nobody@example.com")):
        assert await to_thread.run_sync(manage.main, list(command)) == 0

    shown = capsys.readouterr()
    told = [json.loads(line) for line in shown.err.splitlines() if line.startswith("{")]
    of_address = kernel_of(app).provided(Throttle).account_key(EMAIL).hex()[:12]
    assert [line["event"] for line in told] == [
        f"authz_admin:operator,reset-password,{await id_of(app, EMAIL)}",
        f"authz_admin:operator,unlock,{of_address}",
    ]
    assert {line["level"] for line in told} == {"warning"}
    code, *unlocked = shown.out.splitlines()
    assert "{" not in shown.out
    assert len(unlocked) == 3
    assert code not in shown.err


async def test_purge_deletes_what_has_expired_and_nothing_else(
    as_user: SignUp, app: Application, run_manage: Manage, clock: FakeClock
) -> None:
    clock.advance(days=-31)
    alice = await as_user(EMAIL)
    await log_in(alice, "nobody@example.com", PASSWORD)
    clock.advance(days=31)
    await alice.log_in()

    code, out, _ = await run_manage("purge")

    assert (code, out) == (0, "deleted 1 sessions that are over and 2 codes and counters\n")
    assert (await alice.get("/users/me")).status_code == 200
    async with kernel_of(app).store.reading() as db:
        assert await db.scalar(select(func.count()).select_from(AuthSession)) == 1


async def test_purge_deletes_a_session_that_was_ended_though_it_has_not_expired(
    as_user: SignUp, run_manage: Manage
) -> None:
    alice = await as_user(EMAIL)
    await alice.post("/auth/logout")
    await alice.log_in()

    _, out, _ = await run_manage("purge")

    assert out == "deleted 1 sessions that are over and 0 codes and counters\n"
    assert (await alice.get("/users/me")).status_code == 200
