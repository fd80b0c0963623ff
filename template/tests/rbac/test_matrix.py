"""Every route x every role, and strangers, disabled accounts and somebody else's objects (OWASP API1, API5:2023).

The routes come from the application, what is to be expected from `tests/*/access.py`.
"""

import importlib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from app.core.application import Application
from app.core.routing import api_routes
from tests.rbac.conftest import Become
from tests.support.client import ApiClient
from tests.support.expectations import EVERY_ROLE, Row, path_with
from tests.support.passwords import id_of
from tests.support.people import Person, SignUp, pass_every_guard


def gathered() -> list[Row]:
    modules = [".".join(path.with_suffix("").parts) for path in sorted(Path("tests").glob("*/access*.py"))]
    return [row for module in modules for row in importlib.import_module(module).ROWS]


ROWS = gathered()


async def test_every_route_has_its_row_and_every_row_its_route(app: Application) -> None:
    served = Counter(f"{method} {path}" for method, path, _ in api_routes(app.routes))

    assert Counter(row.route for row in ROWS) == served


def test_each_part_of_a_path_is_named_by_an_id_of_its_own() -> None:
    assert path_with("/things/{thing_id}", "a") == "/things/a"
    assert path_with("/things/{thing_id}/parts/{part_id}/image", ("a", "b")) == "/things/a/parts/b/image"


@pytest.mark.parametrize("ids", ["a", ("a",), ("a", "b", "c"), ()])
def test_no_id_stands_for_two_and_none_is_left_over(ids: str | tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="argument"):
        path_with("/things/{thing_id}/parts/{part_id}", ids)


@pytest.fixture
def stage(as_user: SignUp, client: ApiClient, admin: Person, become: Become) -> "Stage":
    return Stage(as_user, client, admin, become)


@pytest.mark.asvs("V8.2.1", "V8.2.2", "V8.3.1")
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.route)
async def test_who_gets_through(stage: "Stage", row: Row) -> None:
    answered = {sender: await stage.send(row, sender) for sender in row.senders()}

    assert answered == {sender: row.expected(sender) for sender in row.senders()}


class Stage:
    """Brings everybody on who is to send a request."""

    def __init__(self, as_user: SignUp, stranger: ApiClient, admin: Person, become: Become) -> None:
        self._as_user = as_user
        self._stranger = stranger
        self._admin = admin
        self._become = become

    async def send(self, row: Row, sender: str) -> str | int:
        """Send the request of a row; return its status, or that it was answered with success."""
        name = sender.replace(" ", "-")
        person = await self._as_user.register(f"{name}@example.net")
        role = sender.removeprefix("foreign ")
        if role == "admin":
            await self._become(person, "admin")
        elif role != "anonymous" or row.names is not None:
            # A stranger too: what the path names has an owner.
            await person.log_in()
        method, path = row.route.split()
        if row.names is not None:
            is_owner = row.owned and role == sender
            owner = person if is_owner else await self._as_user(f"not-{name}@example.net")
            path = path_with(path, await row.names(owner))
        # Only now: whose rights go keeps what was made with them.
        if role in EVERY_ROLE - {"admin", "user"}:
            await self._become(person, role)
        if role == "disabled":
            await self._disable(person)
        client = self._stranger if role == "anonymous" else person
        await pass_every_guard(client)
        answer = await client.request(method, path, **body_of(row, name))
        return "success" if answer.is_success else answer.status_code

    async def _disable(self, person: Person) -> None:
        user_id = await id_of(person.app, person.email)
        assert (await self._admin.post(f"/users/{user_id}/disable")).status_code == 204


def body_of(row: Row, role: str) -> dict[str, Any]:
    """Return what httpx is told to send."""
    body = {
        name: value.replace("{role}", role) if isinstance(value, str) else value
        for name, value in (row.json or row.form or {}).items()
    }
    return {} if not body else {"json" if row.json else "data": body}
