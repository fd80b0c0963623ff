"""What a plan says of routes, read from the files before and after a change."""

from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from bastion.living.edits import Edits
from bastion.living.leftovers import Leftovers
from bastion.living.outcome import Outcome
from bastion.living.plan import Plan
from bastion.living.snapshot import Snapshot
from tests.support.checkout import PUBLIC_URL

ROUTER = """
router = APIRouter(prefix="/users")
@router.post("")
async def create(): ...
@router.get("/{name}")
async def read(): ...
"""
OTHER = ROUTER.replace("post", "put")
CONFLICT = ROUTER + "<<<<<<< ours\n=======\n>>>>>>> theirs\n"
ROUTER_FILE = "app/users.py"


def _snapshot(folder: Path, router: str, version_tag: str) -> Snapshot:
    (folder / "app").mkdir(parents=True, exist_ok=True)
    (folder / ".copier-answers.yml").write_text(yaml.safe_dump({"_src_path": PUBLIC_URL, "_commit": version_tag}))
    (folder / ROUTER_FILE).write_text(router)
    return Snapshot.of(folder)


@pytest.fixture
def plan(tmp_path: Path, version_tag: str) -> Plan:
    """From one route to another."""
    return Plan(
        outcome=Outcome("", "", {}, {}),
        before=_snapshot(tmp_path, ROUTER, version_tag),
        after=_snapshot(tmp_path, OTHER, version_tag),
        weakened={},
        edits=Edits([], {}),
        absent={},
        leftovers=Leftovers([], []),
        env={},
    )


def test_those_that_come_and_go(plan: Plan) -> None:
    assert (plan.new_routes, plan.retired_routes) == (["PUT /users"], ["POST /users"])


def test_nobody_can_say_which_are_in_a_file_with_a_conflict(plan: Plan, tmp_path: Path, version_tag: str) -> None:
    after = _snapshot(tmp_path, CONFLICT, version_tag)
    outcome = replace(plan.outcome, conflicts={f"services/api/{ROUTER_FILE}": {}})

    assert after.routes == {}
    assert replace(plan, after=after, outcome=outcome).retired_routes == []
