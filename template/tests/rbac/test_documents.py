"""What the documents say of roles is true."""

import re
from pathlib import Path

from app.core.application import Application
from app.core.settings import CoreSettings
from app.rbac import grants
from app.rbac.models import Role
from tests.support.expectations import Row

README = Path("README.md").read_text(encoding="utf-8")
SECURITY = Path("SECURITY.md").read_text(encoding="utf-8")


def test_it_stands_in_the_table_of_what_protects_me() -> None:
    assert "| `app/rbac` | `tests/rbac` |" in README


def test_each_role_that_is_named_is_one_and_the_other_way_round() -> None:
    section = README.partition("## Decide who may what")[2].partition("\n## ")[0]

    assert {name for name in re.findall(r"`([\w-]+)`", section) if name in set(Role)} == set(Role)
    assert grants.granted_by_default.__name__ in section
    assert eval(re.findall(r"`ROWS = ([^`]+)`", section)[0], {"Row": Row})  # noqa: S307 - the README's own code


async def test_each_document_says_that_no_address_is_proven_before_a_role_is_given(app: Application) -> None:
    """Who registers the address of a new admin first is promoted by somebody who goes by addresses."""
    route = app.openapi()["paths"]["/users/{user_id}/roles"]["put"]

    for said in (README, SECURITY, route["description"]):
        assert (
            "No address is proven: before you give a role that may more, have its owner show you the account's id from "
            "`GET /users/me`"
        ) in " ".join(said.split())


def test_the_time_in_the_security_document_is_that_of_the_code() -> None:
    minutes = CoreSettings().reauthenticate_within_seconds // 60

    assert f"ending somebody's sessions need a login of the last {minutes} minutes" in SECURITY
