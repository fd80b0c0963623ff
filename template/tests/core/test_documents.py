"""What the documents say is true: names of settings, paths, commands, numbers and code."""

import ast
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import LargeBinary

from app.accounts import throttle
from app.accounts.policy import check_new_password
from app.accounts.service import RESET_CODE_LIFETIME
from app.accounts.settings import NIST_MIN_LENGTH, AccountsSettings
from app.core import project_commands
from app.core.database import Base
from app.core.errors import Problem
from app.core.routing import Router
from app.core.server import HEAD_WITHIN_SECONDS
from app.core.sessions import MOST_SESSIONS
from app.core.settings import CoreSettings
from app.main import SLICES, create_app
from tests.support.carrying import WAYS
from tests.support.client import ApiClient
from tests.support.clock import FakeClock
from tests.support.environment import fields_of_settings, names_of_settings
from tests.support.people import Person
from tests.support.source import SOURCES, names_of_events, tree_of

README = Path("README.md").read_text(encoding="utf-8")
SECURITY = Path("SECURITY.md").read_text(encoding="utf-8")
DOCUMENTS = {"README.md": README, "SECURITY.md": SECURITY, "AGENTS.md": Path("AGENTS.md").read_text(encoding="utf-8")}

EXAMPLE = Path(".env.example").read_text(encoding="utf-8")

each_document = pytest.mark.parametrize("name", DOCUMENTS)


@each_document
def test_every_setting_it_names_exists(name: str) -> None:
    named = set(re.findall(r"`([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)`", DOCUMENTS[name])) - {"SLICES"}

    assert named <= names_of_settings()


def _example_of(variable: str) -> re.Match[str] | None:
    """Return the line of `.env.example` about a setting: its own, or one like `# MOST_<THINGS>=3` for several."""
    lines = list(re.finditer(r"^(# )?([A-Z][A-Z0-9_<>]*)=(.*)$", EXAMPLE, re.MULTILINE))
    own = [found for found in lines if found[2] == variable]
    of_several = [found for found in lines if re.fullmatch(re.sub(r"<[A-Z]+>", "[A-Z0-9_]+", found[2]), variable)]
    return next(iter([*own, *of_several]), None)


def test_the_example_environment_names_every_setting_and_no_other() -> None:
    named = set(re.findall(r"^(?:# )?([A-Z][A-Z0-9_]*)=", EXAMPLE, re.MULTILINE))

    assert named <= names_of_settings()
    assert [each for each in sorted(names_of_settings()) if _example_of(each) is None] == []


def test_what_the_example_environment_says_behind_a_hash_holds_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A default that is written down and another one in the code: whoever reads the file sets what is set already."""
    examples = {each: _example_of(each) for each in names_of_settings()}
    defaults = {each: line[3] for each, line in examples.items() if line is not None and line[1]}
    for variable, value in defaults.items():
        monkeypatch.setenv(variable, value)

    others = [
        f"{variable}={value!r}"
        for variable, cls, field in fields_of_settings()
        if variable in defaults
        and (value := cls.model_fields[field].get_default(call_default_factory=True)) != getattr(cls(), field)
    ]

    assert others == []


@each_document
def test_every_path_it_names_is_there(name: str) -> None:
    named = re.findall(r"`((?:app|tests|migrations)/[\w/.]+)`", DOCUMENTS[name])

    assert [path for path in named if not Path(path).exists() and "notes" not in path] == []


@each_document
def test_every_command_it_names_is_there(name: str) -> None:
    known = {command.name for command in project_commands.COMMANDS}
    known |= {command.name for each in SLICES for command in each.commands}
    named = set(re.findall(r"app\.manage ([a-z-]+)", DOCUMENTS[name]))

    assert named - {"--help"} <= known


def test_every_defence_stands_in_the_table_of_what_protects_me() -> None:
    shipped = {"headers", "hosts", "body_limit", "accounts", *(way.slice for way in WAYS)}

    assert [name for name in sorted(shipped) if f"`app/{name}`" not in README] == []


def test_the_security_document_lists_every_event_and_no_other() -> None:
    section = SECURITY.partition("## What the log tells")[2].partition("\n## ")[0]
    listed = re.findall(r"`(\w+)`", " ".join(line.split("|")[1] for line in section.splitlines() if "|" in line))
    names = [name for path in SOURCES for name in names_of_events(tree_of(path))]

    assert sorted(listed) == sorted({str(name.value) for name in names if isinstance(name, ast.Constant)})


@pytest.mark.asvs("V6.1.1", "V7.1.1", "V7.1.2")
def test_the_numbers_in_the_security_document_are_those_of_the_code() -> None:
    stated = [
        f"{MOST_SESSIONS} logins at a time",
        f"Passwords have at least {NIST_MIN_LENGTH} characters",
        f"After {throttle.FREE_FAILURES} failures at an account a network waits, from {throttle.FIRST_DELAY.seconds} s",
        f"after {throttle.MOST_FAILURES} the account is closed",
        f"networks without a login of the last {throttle.KEPT_FOR.days} days",
        f"a login of the last {CoreSettings().reauthenticate_within_seconds // 60} minutes",
    ]

    assert [statement for statement in stated if statement not in SECURITY] == []


def section_of_security(title: str) -> str:
    assert f"\n## {title}\n" in SECURITY
    return SECURITY.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


@pytest.mark.asvs("V6.1.2")
def test_the_security_document_names_the_words_that_no_password_is_made_of() -> None:
    assert "nor made of the parts of their account's address or of the name of this project" in SECURITY
    for word in ("winter", "alice.winter", "shop.example.com", "harbour-api", "harbour"):
        with pytest.raises(Problem) as refused:
            check_new_password(f"{word}-2026", shortest=1, email="alice.winter@shop.example.com", service="harbour-api")
        assert refused.value.errors[0]["code"] == "context_word"


def test_each_deviation_from_the_standard_says_from_which_requirement_and_of_which_level() -> None:
    deviations = [line for line in section_of_security("What is decided").splitlines() if "deviation" in line]

    assert len(deviations) >= 4
    assert [line for line in deviations if not re.search(r"ASVS V\d+\.\d+\.\d+ \(level [123]\)", line)] == []


CRYPTOGRAPHY = re.compile(r"^(?:from|import) (?:cryptography|hashlib|hmac|passlib|secrets)\b", re.MULTILINE)


@pytest.mark.asvs("V11.1.1", "V11.1.2", "V11.2.1")
def test_the_security_document_lists_each_key_and_each_module_that_uses_cryptography() -> None:
    section = section_of_security("How secrets are kept")
    source = {path.as_posix(): path.read_text(encoding="utf-8") for path in SOURCES}
    used = [path for path, text in source.items() if CRYPTOGRAPHY.search(text)]
    purposes = {each for text in source.values() for each in re.findall(r'derive\(f?"([a-z-]+/[A-Za-z0-9-]+/\d)', text)}

    assert [path for path in used if f"`{path}`" not in section] == []
    assert set(re.findall(r"`([a-z-]+/[A-Za-z0-9-]+/\d)`", section)) == purposes
    assert f"good for {RESET_CODE_LIFETIME.seconds // 60} minutes" in section


@pytest.mark.asvs("V14.1.1", "V14.1.2", "V8.1.2")
def test_the_security_document_says_of_each_table_which_columns_are_secret() -> None:
    lines = [line for line in section_of_security("What is stored").splitlines() if "|" in line]
    row_of = {name: line for line in lines for name in re.findall(r"`(\w+)`", line.split("|")[1])}
    columns = [each for table in Base.metadata.sorted_tables for each in table.columns]
    hashes = [each for each in columns if isinstance(each.type, LargeBinary) or "hash" in each.name]

    assert {each.table.name for each in columns} - row_of.keys() == set()
    assert [str(each) for each in hashes if f"`{each.name}`" not in row_of[each.table.name]] == []


@pytest.mark.asvs("V13.1.1")
def test_the_security_document_names_each_address_that_is_called() -> None:
    section = section_of_security("What it talks to, and what costs most")

    assert [name for name in names_of_settings() if name.endswith("_URL") and f"`{name}`" not in section] == []


@pytest.mark.asvs("V2.1.3", "V15.1.3")
def test_the_numbers_of_what_costs_most_are_those_of_the_code() -> None:
    accounts = AccountsSettings()
    section = section_of_security("What it talks to, and what costs most")

    assert f"{accounts.password_threads} at once, {accounts.password_queue} more wait" in section


def test_a_silent_connection_is_held_as_long_as_the_readme_says() -> None:
    assert f"for {HEAD_WITHIN_SECONDS:g} seconds without a byte" in README


@pytest.mark.parametrize("block", range(2), ids=["route", "slice"])
def test_the_slice_of_the_readme_passes_the_linter_of_this_project(block: int) -> None:
    code = re.findall(r"```python\n(.*?)```", README, re.DOTALL)[block]
    ruff = (sys.executable, "-m", "ruff")
    file = str(Path("app", "greetings", "__init__.py"))
    where = ("--stdin-filename", file, "--config", "lint.isort.known-first-party = ['app']")

    for said in (("check",), ("format", "--check")):
        judged = subprocess.run(  # noqa: S603 - our own linter, and no shell
            [*ruff, *said, *where, "-"],
            input=code,
            capture_output=True,
            text=True,
            check=False,
        )
        assert judged.returncode == 0, judged.stdout


async def test_the_protected_route_of_the_readme_works_as_it_says(
    database_url: str, monkeypatch: pytest.MonkeyPatch, clock: FakeClock
) -> None:
    # Under another path, since whoever follows the README has this route already.
    in_readme = README.replace("greetings", "greetings-of-the-readme")
    route, _slice, as_a_user = re.findall(r"```python\n(.*?)```", in_readme, re.DOTALL)
    written: dict[str, Any] = {"__name__": "app.greetings"}
    exec(compile(route, "README.md", "exec"), written)  # noqa: S102 - the README's own code
    exec(compile(as_a_user, "README.md", "exec"), written)  # noqa: S102 - the README's own code
    router = written["router"]
    assert isinstance(router, Router)
    monkeypatch.setenv("DATABASE_URL", database_url)
    app = create_app(now=clock)
    kernel = app.state.kernel
    kernel.mount(router)
    app.include_router(router)
    people: list[Person] = []

    async def as_user(email: str) -> Person:
        people.append(Person(app, email))
        await people[-1].register()
        await people[-1].log_in()
        return people[-1]

    await written["test_greets_me"](as_user)
    await people[0].aclose()
    async with ApiClient(app) as client:
        anonymous = await client.get("/greetings-of-the-readme")
    await kernel.close()

    assert anonymous.status_code == 401
