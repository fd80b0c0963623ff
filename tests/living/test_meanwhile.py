"""While a change is made beside the project, its owner may go on in it: what came between is kept, and told."""

import sys
from pathlib import Path

import pytest

from tests.living.conftest import Project
from tests.support.commands import environment
from tests.support.gits import git_that_at

if sys.platform == "win32":
    pytest.skip("a shell's script stands for git", allow_module_level=True)

COMMIT = '"$real" commit --quiet --allow-empty --message=theirs'
EDIT = "echo mine >> README.md"
FILE = "mkdir -p app/cors; echo mine > app/cors/guard.py"

MADE = "worktree remove"
LOOKED_AT = "update-index -q --refresh"
"""The last that git is asked before the change is written."""

MEANWHILE = {
    "a commit": (MADE, COMMIT, "another commit was checked out meanwhile"),
    "an edit": (MADE, EDIT, "README.md"),
    "a file": (MADE, FILE, "app/cors"),
    "an edit at the last moment": (LOOKED_AT, EDIT, "README.md"),
    "a file at the last moment": (LOOKED_AT, FILE, "app/cors/guard.py"),
}


@pytest.mark.parametrize(("command", "theirs", "told"), MEANWHILE.values(), ids=MEANWHILE)
def test_what_came_between_is_kept(project: Project, tmp_path: Path, command: str, theirs: str, told: str) -> None:
    ours = project()
    before = {path: ours.read(path) for path in ("README.md", "app/main.py")}
    once = f'[ -e "$0.once" ] || {{ touch "$0.once"; {theirs}; }}'
    env = environment(git_that_at(command, f'"$real" "$@"; {once}; exit 0', tmp_path))

    finished = ours.bastion("add", "cors", env=env)

    assert finished.returncode == 2, finished.stdout
    assert finished.stderr.count("\n") == 1
    assert told in finished.stderr
    assert ("mine\n" in ours.read("README.md")) == ("README.md" in theirs)
    assert {path: ours.read(path).replace("mine\n", "") for path in before} == before
    assert {each.name for each in ours.folder.glob("app/cors/*")} == ({"guard.py"} if "guard.py" in theirs else set())
