"""A database that is in use, with rows and with a migration of the user's: it gains what it needs and loses nothing."""

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.living.conftest import Project as ProjectOf
from tests.support.commands import run
from tests.support.living import Living
from tests.support.projects import Project, prepare
from tests.support.servers import database_of, running

ADA = {"email": "ada@example.org", "password": "correct horse battery staple 42"}

ALL_ROWS = """
import asyncio, json, os, sys
from sqlalchemy import MetaData, select
from app.main import DATABASE

async def rows():
    engine, metadata = DATABASE.connect(os.environ["DATABASE_URL"], pool_size=1, timeout=30), MetaData()
    async with engine.connect() as connection:
        await connection.run_sync(metadata.reflect)
        found = {}
        for table in metadata.sorted_tables:
            found[table.name] = sorted(repr(dict(row._mapping)) for row in await connection.execute(select(table)))
    await engine.dispose()
    return found

json.dump(asyncio.run(rows()), sys.stdout)
"""

GREETINGS = '''"""Greetings: a slice of the user's own."""

from app.core.slices import Slice
from app.greetings.models import Greeting

SLICE = Slice(name="greetings", install=lambda _kernel, _settings: None)
__all__ = ["SLICE", "Greeting"]
'''
GREETING = '''"""What is said."""

from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Base


class Greeting(Base):
    """A greeting."""

    __tablename__ = "greetings"

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]
'''
SAY_HELLO = """
import asyncio, os
from sqlalchemy import insert
from app.greetings.models import Greeting
from app.main import DATABASE

async def hello():
    engine = DATABASE.connect(os.environ["DATABASE_URL"], pool_size=1, timeout=30)
    async with engine.execution_options(**DATABASE.writing).begin() as connection:
        await connection.execute(insert(Greeting).values(id=1, text="hello"))
    await engine.dispose()

asyncio.run(hello())
"""


@dataclass
class InUse:
    """A project with a database."""

    living: Living
    project: Project
    settings: Mapping[str, str]
    scratch: Path
    environments: Path

    def manage(self, *words: str, stdin: str = "") -> None:
        command = ("uv", "run", "--frozen", "python", "-m", "app.manage", *words)
        variables = self.project.variables(self.settings)
        finished = run(*command, cwd=self.project.folder, env=variables, stdin=stdin)
        assert finished.returncode == 0, f"{finished.stdout}\n{finished.stderr}"

    def python(self, code: str) -> str:
        return self.project.succeed("python", "-c", code, env=self.settings)

    @property
    def rows(self) -> dict[str, list[str]]:
        """Every row of every table, but what a migration notes for itself."""
        found: dict[str, list[str]] = json.loads(self.python(ALL_ROWS))
        return {table: rows for table, rows in found.items() if table != "alembic_version"}

    @property
    def revisions(self) -> list[str]:
        return sorted(path.name for path in (self.project.folder / "migrations/versions").glob("*.py"))

    @contextmanager
    def client(self) -> Iterator[httpx.Client]:
        log = self.scratch / "log.txt"
        with running(self.project, self.settings, log) as address, httpx.Client(base_url=address) as client:
            yield client

    def changed(self, *words: str) -> str:
        """Commit what is there, change the project, and install what it needs now."""
        self.living.commit()
        said = self.living.change(*words)
        self.project = prepare(self.living.folder, self.environments)
        return said

    def is_in_step(self) -> None:
        self.project.succeed("alembic", "check", env=self.settings)
        self.project.succeed("pytest", "-q", "-n0", "tests/core/test_migrations.py")


@pytest.fixture(params=["sqlite", "postgresql"])
def in_use(request: pytest.FixtureRequest, project: ProjectOf, environments: Path, tmp_path: Path) -> Iterator[InUse]:
    living = project(database=request.param, features=[])
    living.write("app/greetings/__init__.py", GREETINGS)
    living.write("app/greetings/models.py", GREETING)
    living.replace("app/main.py", "    headers,\n", "    greetings,\n    headers,\n")
    living.replace("app/main.py", "    docs.SLICE,\n", "    docs.SLICE,\n    greetings.SLICE,\n")
    (living.folder / ".env").unlink()
    with database_of(request.param, tmp_path) as url:
        settings = {"DATABASE_URL": url, "APP_ENV": "local", "SECRET_KEY": "0123456789abcdef" * 4}
        settings |= {"REGISTRATION": "open", "COOKIES_OVER_HTTP": "true"}
        used = InUse(living, prepare(living.folder, environments), settings, tmp_path, environments)
        used.manage("migrate")
        used.manage("migrate", "-m", "greetings")
        used.python(SAY_HELLO)
        yield used


def bearer(client: httpx.Client) -> dict[str, str]:
    form = {"username": ADA["email"], "password": ADA["password"], "grant_type": "password"}
    answer = client.post("/auth/token", data=form)
    assert answer.status_code == 200, answer.text
    renewed = client.post("/auth/refresh", json={"refresh_token": answer.json()["refresh_token"]})
    return {"Authorization": f"Bearer {renewed.json()['access_token']}"}


def cookie_user(client: httpx.Client) -> None:
    def token() -> dict[str, str]:
        return {"X-CSRF-Token": client.get("/auth/csrf").json()["csrf_token"], "Sec-Fetch-Site": "same-origin"}

    assert client.post("/auth/login", json=ADA, headers=token()).is_success
    assert client.get("/users/me").json()["email"] == ADA["email"]
    assert client.post("/notes", json={"title": "by cookie"}, headers=token()).status_code == 201


def kept(before: dict[str, list[str]], after: dict[str, list[str]], *, besides: tuple[str, ...] = ()) -> None:
    for table in before.keys() - set(besides):
        assert after.get(table) == before[table], table


@pytest.mark.long
def test_features_come_and_go_and_every_row_stays(in_use: InUse) -> None:
    with in_use.client() as client:
        assert client.post("/auth/register", json=ADA).status_code == 201
        user = bearer(client)
        assert client.post("/notes", headers=user, json={"title": "Milk"}).status_code == 201
        assert client.get("/users", headers=user).status_code == 404

    rows = in_use.rows
    assert {table: len(rows[table]) for table in ("users", "notes", "greetings")} == {
        "users": 1,
        "notes": 1,
        "greetings": 1,
    }
    assert "migrate -m 'add rbac'" in in_use.changed("add", "rbac")
    in_use.manage("migrate", "-m", "add rbac")
    in_use.is_in_step()
    kept(rows, in_use.rows)
    in_use.manage("create-admin", ADA["email"], stdin=f"{ADA['password']}\n")
    with in_use.client() as client:
        found = client.get("/users", headers=bearer(client)).json()
        assert ADA["email"] in json.dumps(found)

    _becomes_an_application_for_browsers(in_use)
    _loses_its_roles_and_has_them_again(in_use)


def _becomes_an_application_for_browsers(in_use: InUse) -> None:
    rows = in_use.rows
    assert rows["user_roles"]
    assert rows["spent_refresh_tokens"]
    in_use.changed("set", "auth=both")
    in_use.manage("migrate", "-m", "both")
    in_use.is_in_step()
    kept(rows, in_use.rows)
    with in_use.client() as client:
        assert client.get("/users/me", headers=bearer(client)).is_success
        cookie_user(client)

    rows = in_use.rows
    assert "spent_refresh_tokens" in in_use.changed("set", "auth=cookie", "--yes-weaken")
    in_use.manage("migrate")
    in_use.is_in_step()
    kept(rows, in_use.rows)
    with in_use.client() as client:
        cookie_user(client)
        assert client.post("/auth/token", data={}).is_client_error


def _loses_its_roles_and_has_them_again(in_use: InUse) -> None:
    rows, revisions = in_use.rows, in_use.revisions
    in_use.changed("remove", "rbac", "--yes-weaken")
    in_use.manage("migrate", "-m", "remove rbac")
    in_use.is_in_step()
    kept(rows, in_use.rows)
    with in_use.client() as client:
        cookie_user(client)

    in_use.changed("add", "rbac")
    in_use.manage("migrate", "-m", "add rbac again")
    in_use.is_in_step()
    assert in_use.revisions == revisions
    kept(rows, in_use.rows, besides=("auth_sessions", "notes", "login_throttles"))
    with in_use.client() as client:
        cookie_user(client)
        assert client.get("/users").is_success


@pytest.mark.long
@pytest.mark.parametrize("in_use", ["sqlite"], indirect=True)
def test_a_table_without_a_model_goes_only_when_its_owner_names_it(in_use: InUse) -> None:
    """As `bastion remove` says: it stays, with all that is in it, until it is named in DROPPED."""
    ours, rows = in_use.living, in_use.rows
    ours.replace("app/main.py", "    greetings,\n    headers,\n", "    headers,\n")
    ours.replace("app/main.py", "    docs.SLICE,\n    greetings.SLICE,\n", "    docs.SLICE,\n")
    shutil.rmtree(ours.folder / "app/greetings")

    in_use.manage("migrate", "-m", "without greetings")
    assert in_use.rows == rows
    ours.replace("migrations/env.py", "frozenset()", 'frozenset({"greetings"})')
    in_use.manage("migrate", "-m", "drop greetings")

    assert rows["greetings"]
    assert in_use.rows == {table: each for table, each in rows.items() if table != "greetings"}
