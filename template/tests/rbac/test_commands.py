"""The operator's commands: the first admin, and what roles may."""

import pytest
from sqlalchemy import func, select

from app.core.application import Application
from app.core.events import SecurityEvent
from app.core.kernel import Kernel
from app.core.models import User
from tests.conftest import MakeApp
from tests.rbac.conftest import NO_ROLE
from tests.support.clock import FakeClock
from tests.support.manage import Manage, in_this_process
from tests.support.passwords import disable, kernel_of
from tests.support.people import PASSWORD, Person, SignUp

pytestmark = pytest.mark.usefixtures("things")

EMAIL = "boss@example.com"


@pytest.fixture
def clock() -> FakeClock:
    """A clock that shows the time of day, since commands read no other."""
    return FakeClock.of_today()


@pytest.fixture
def run_manage(app: Application, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Manage:
    """Run a command on the database of `app`; return its exit code and what it printed, without the last newline."""
    assert app
    run = in_this_process(monkeypatch, capsys)

    async def run_command(*arguments: str, typed: str = f"{PASSWORD}\n") -> tuple[int, str, str]:
        code, out, err = await run(*arguments, typed=typed)
        return code, out.removesuffix("\n"), err

    return run_command


@pytest.fixture
async def boss(app: Application) -> Person:
    """Who is to be the admin; whether there is such an account is another thing."""
    return Person(app, EMAIL)


async def test_create_admin_makes_an_account_and_its_owner_an_admin(run_manage: Manage, boss: Person) -> None:
    code, out, err = await run_manage("create-admin", EMAIL)

    made, now = out.splitlines()
    assert (code, err) == (0, "")
    assert made.startswith(f"made {EMAIL} (")
    assert now == f"{EMAIL} is an admin now"
    assert PASSWORD not in out
    await boss.log_in()
    assert (await boss.get("/users")).json()[0]["roles"] == ["admin"]


async def test_create_admin_twice_is_create_admin_once(run_manage: Manage, boss: Person) -> None:
    await run_manage("create-admin", EMAIL)
    await boss.log_in()

    again = await run_manage("create-admin", EMAIL.upper())

    assert again == (0, f"{EMAIL.upper()} is an admin already", "")
    assert (await boss.get("/users")).status_code == 200


async def test_create_admin_raises_an_account_whose_password_the_operator_knows(
    run_manage: Manage, as_user: SignUp
) -> None:
    boss = await as_user(EMAIL)

    code, out, _ = await run_manage("create-admin", EMAIL)

    assert (code, out) == (0, f"{EMAIL} is an admin now")
    assert (await boss.get("/users/me")).status_code == 401
    await boss.log_in()
    assert (await boss.get("/users")).json()[0]["roles"] == ["admin"]


@pytest.mark.asvs("V8.2.1")
async def test_nobody_becomes_an_admin_by_registering_the_address_first(run_manage: Manage, as_user: SignUp) -> None:
    squatter = await as_user(EMAIL)

    code, out, err = await run_manage("create-admin", EMAIL, typed="seven lamps and a copper kettle\n")

    assert (code, out) == (1, "")
    assert err == "The address has an account: disabled, or with another password.\n"
    assert (await squatter.get("/users/me")).status_code == 200
    assert (await squatter.get("/users")).status_code == 403


async def test_create_admin_makes_no_admin_of_a_disabled_account(
    run_manage: Manage, as_user: SignUp, app: Application
) -> None:
    await as_user(EMAIL)
    await disable(app, EMAIL)

    code, _, err = await run_manage("create-admin", EMAIL)

    assert (code, err.count("\n")) == (1, 1)


@pytest.mark.parametrize(
    ("email", "typed", "complaint"),
    [
        ("no address", f"{PASSWORD}\n", "Write an e-mail address"),
        ("", f"{PASSWORD}\n", "at least 3 characters"),
        ("a\0@example.com", f"{PASSWORD}\n", "Write an e-mail address"),
        (EMAIL, "too short\n", "at least 15 characters"),
        (EMAIL, "passwordpassword\n", "tried first"),
        (EMAIL, "", "at least 1 character"),
        (EMAIL, "a harbour \udcff of quiet boats\n", "valid string"),
    ],
)
async def test_create_admin_refuses_in_a_line_what_registration_refuses(
    app: Application, run_manage: Manage, email: str, typed: str, complaint: str
) -> None:
    code, out, err = await run_manage("create-admin", email, typed=typed)

    assert (code, out, err.count("\n")) == (1, "", 1)
    assert complaint in err
    async with kernel_of(app).store.reading() as db:
        assert await db.scalar(select(func.count()).select_from(User)) == 0


async def test_create_admin_works_while_registration_is_closed(
    make_app: MakeApp, run_manage: Manage, boss: Person
) -> None:
    make_app(REGISTRATION="closed")

    code, _, _ = await run_manage("create-admin", EMAIL)

    assert code == 0
    await boss.log_in()


async def test_what_a_role_may_changes_for_the_next_request(run_manage: Manage, as_user: SignUp) -> None:
    alice = await as_user()
    assert (await alice.get("/things")).status_code == 200

    forbidden = await run_manage("forbid", "user", "things:read")
    again = await run_manage("forbid", "user", "things:read")
    after = await alice.get("/things")
    permitted = await run_manage("permit", "user", "things:read")
    twice = await run_manage("permit", "user", "things:read")

    assert forbidden == again == (0, "user may not things:read", "")
    assert after.status_code == 403
    assert permitted == twice == (0, "user may things:read", "")
    assert (await alice.get("/things")).status_code == 200


async def test_what_was_forbidden_stays_forbidden_after_a_restart(run_manage: Manage, make_app: MakeApp) -> None:
    await run_manage("forbid", "user", "things:write")
    async with Person(make_app(), "late@example.com") as late:
        await late.register()
        await late.log_in()

        assert (await late.post("/things", json={"title": "x"})).status_code == 403


async def test_a_permission_that_nobody_declares_cannot_be_given(run_manage: Manage) -> None:
    for permission in ("things:raed", "", "users:*", "things:read "):
        code, out, err = await run_manage("permit", "guest", permission)

        assert (code, out) == (1, "")
        assert err.startswith("no such permission; there are: ")
        assert "things:read, things:write, users:read, users:write" in err


@pytest.mark.parametrize("role", ["admin", NO_ROLE, ""])
async def test_admins_hold_everything_and_nothing_can_be_taken_from_them(run_manage: Manage, role: str) -> None:
    with pytest.raises(SystemExit) as ended:
        await run_manage("forbid", role, "users:write")

    assert ended.value.code == 2


async def test_commands_tell_what_an_operator_did(
    run_manage: Manage, boss: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[SecurityEvent] = []

    def tell(_kernel: Kernel, event: SecurityEvent) -> None:
        heard.append(event)

    monkeypatch.setattr(Kernel, "tell", tell)
    await run_manage("create-admin", EMAIL)
    await run_manage("permit", "guest", "things:write")
    await run_manage("forbid", "guest", "things:write")

    told = [event.written().split(":", maxsplit=1) for event in heard]
    assert [name for name, _ in told] == [
        "user_created",
        "session_ended",
        "authz_change",
        "authz_admin",
        "privilege_permissions_changed",
        "privilege_permissions_changed",
    ]
    assert told[2][1].endswith(",user,admin")
    assert told[-1][1] == "operator,guest,things:write,may,may not"
    assert boss
