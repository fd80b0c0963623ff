"""Whatever fails and whoever interrupts: the project is as it was, or as it was to become, and never in between."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.living.conftest import Project
from tests.support.commands import BASTION, bastion, environment, failed
from tests.support.disks import small_disk
from tests.support.gits import git_that_at
from tests.support.living import Living, Nursery

if sys.platform == "win32":
    pytest.skip("a console's Ctrl-C cannot be sent to one process there", allow_module_level=True)

INTERRUPTS_OF_ONE_TEST = 5
STOPPED = (130, -signal.SIGINT, 1)
"""Before its first line Python is stopped in its own way."""

DIES = "kill -9 $$"
FAILURES = {
    "before the worktree": ("worktree add", DIES),
    "after the worktree": ("worktree add", f'"$real" "$@"; {DIES}'),
    "while the worktree is filled": ("read-tree --reset", DIES),
    "while it is recorded": ("write-tree", DIES),
    "while it is compared": ("diff-tree -r -z", DIES),
    "before the tree is written": ("read-tree -m", DIES),
    "in the middle of writing": (
        "read-tree -m",
        f"mkdir -p app/cors; echo half > app/cors/guard.py; echo half > README.md; rm app/main.py; {DIES}",
    ),
    "with the index locked": ("read-tree -m", f"echo half > README.md; touch .git/index.lock; {DIES}"),
    "after the tree is written": ("read-tree -m", f'"$real" "$@"; {DIES}'),
    "after the conflicts are noted": ("update-index -z", f'"$real" "$@"; {DIES}'),
    "with a reason": ("read-tree -m", "echo 'error: No space left on device' >&2; exit 1"),
}


OVER_AN_EDIT = {
    "that puts the edit back": 'checkout "*" -- SECURITY.md',
    "that reads a version": "cat-file blob",
    "that keeps a version": "hash-object -w",
}


@pytest.mark.parametrize("command", OVER_AN_EDIT.values(), ids=OVER_AN_EDIT)
def test_a_git_that_fails_over_an_edit_does_not_lose_it(project: Project, tmp_path: Path, command: str) -> None:
    """It would be told that theirs was kept, and have the template's."""
    ours = project()
    ours.write("SECURITY.md", b"\0ours")
    ours.commit()
    before = ours.state
    env = environment(git_that_at(command, "echo 'error: no space' >&2; exit 1", tmp_path))

    failed(ours.bastion("add", "cors", env=env), "no space", "nothing was changed")
    assert ours.state == before


CANNOT_GO_BACK = {"by its index": '*" read-tree --reset "[0-9a-f]*', "by its files": '*" checkout-index "*'}


@pytest.mark.parametrize("command", CANNOT_GO_BACK.values(), ids=CANNOT_GO_BACK)
def test_what_could_not_be_taken_back_is_told(project: Project, tmp_path: Path, command: str) -> None:
    """Whoever reads that nothing was changed commits the half of it."""
    ours = project()
    script = f""""$real" "$@"; echo 'error: first' >&2; exit 1;; {command}) echo 'error: second' >&2; exit 1"""
    env = environment(git_that_at("read-tree -m -u", script, tmp_path))

    finished = ours.bastion("add", "cors", env=env)

    failed(finished, "second", "git reset --hard", ".copier-answers.yml and ")
    assert "nothing was changed" not in finished.stderr
    ours.git("reset", "--quiet", "--hard")
    assert ours.git("status", "--porcelain") == ""


def test_what_cannot_be_swept_away_afterwards_is_told(project: Project) -> None:
    """A container that ran as root has left it there; the change itself is made."""
    ours = project()
    ours.write("app/rbac/__pycache__/router.cpython-311.pyc", b"\0")

    with not_to_be_removed(ours.folder / "app/rbac/__pycache__"):
        finished = ours.bastion("remove", "rbac", "--yes-weaken")

    assert (finished.returncode, finished.stderr) == (0, "")
    assert "app/rbac/ could not be removed. It has only bytecode, which Python still imports" in finished.stdout
    assert "\n    git diff --staged\n" in finished.stdout


@contextmanager
def not_to_be_removed(folder: Path) -> Iterator[None]:
    """Keep a folder from everybody: for root it has to be a disk of its own."""
    if os.geteuid() == 0:
        with small_disk(folder, size="1m"):
            yield
        return
    folder.chmod(0o500)
    try:
        yield
    finally:
        folder.chmod(0o700)


@pytest.mark.long
@pytest.mark.parametrize(("command", "script"), FAILURES.values(), ids=FAILURES)
def test_a_git_that_dies(project: Project, tmp_path: Path, command: str, script: str) -> None:
    ours = project()
    before = ours.state
    env = environment(git_that_at(command, script, tmp_path))

    finished = ours.bastion("add", "cors", env=env)

    failed(finished)
    assert ours.state == before
    assert ours.git("status", "--porcelain") == ""


def test_the_lock_of_somebody_elses_git_stays(project: Project, tmp_path: Path) -> None:
    """An editor asks git all the time, also between our last look and our writing."""
    ours = project()
    before = ours.state
    env = environment(git_that_at("read-tree -m", "touch .git/index.lock", tmp_path))

    finished = ours.bastion("add", "cors", env=env)

    failed(finished)
    lock = ours.folder / ".git" / "index.lock"
    assert lock.exists()
    lock.unlink()
    assert ours.state == before


def test_a_git_that_dies_while_it_applies_edits_loses_none(project: Project, tmp_path: Path) -> None:
    """Copier does not look whether it succeeded."""
    ours = project()
    ours.write("app/core/clock.py", ours.read("app/core/clock.py") + "# ours\n")
    ours.replace("README.md", "`app/notes` shows a whole slice. ", "")
    ours.commit()
    env = environment(git_that_at("apply --reject", DIES, tmp_path))

    finished = ours.bastion("add", "cors", env=env)

    assert finished.returncode == 1
    assert ours.read("app/core/clock.py").endswith("# ours\n")
    assert "shows a whole slice" not in ours.read("README.md")
    assert set(ours.git("diff", "--name-only", "--diff-filter=U").split()) == {"README.md", "app/core/clock.py"}


def interrupted(ours: Living, seconds: float, env: dict[str, str]) -> int:
    """Press Ctrl-C after so many seconds, and give the exit code."""
    child = subprocess.Popen(
        [*BASTION, "add", "cors"],
        cwd=ours.folder,
        env=env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        return child.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGINT)
        return child.wait(timeout=60)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(4))
def test_control_c_at_random_moments(nursery: Nursery, tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)  # noqa: S311 - a moment, not a secret
    ours = nursery.project(tmp_path / "project", {})
    (tmp_path / "temporary").mkdir()
    env = environment({"TMPDIR": str(tmp_path / "temporary")})
    before = ours.state
    began = time.monotonic()
    assert ours.bastion("add", "cors", env=env).returncode == 0
    takes, complete = time.monotonic() - began, ours.state

    codes: list[int] = []
    # More often only until one has met the command at work: it may be faster now than it was above.
    while len(codes) < INTERRUPTS_OF_ONE_TEST or (130 not in codes and len(codes) < 4 * INTERRUPTS_OF_ONE_TEST):
        ours.git("reset", "--quiet", "--hard")
        codes.append(interrupted(ours, draw.uniform(0.1, takes * 1.05), env))
        assert (codes[-1], ours.state) in ((0, complete), *((each, before) for each in STOPPED))
        assert list((tmp_path / "temporary").iterdir()) == []
    assert 130 in codes


def test_a_full_disk(project: Project, tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    with small_disk(tmp_path / "disk", size="12m") as disk:
        ours = Living(disk / "project")
        shutil.copytree(project().folder, ours.folder)
        before = ours.state
        # At the last moment before it is written: in a part of it there is room for.
        fills = f'cat /dev/zero > "{disk}/ballast" 2> "{os.devnull}"; truncate -s -20K "{disk}/ballast"'
        env = environment(git_that_at("read-tree --dry-run", fills, tmp_path))
        finished = bastion("add", "cors", cwd=ours.folder, env=env)
        (disk / "ballast").unlink()

        failed(finished, "git cannot write the change")
        assert ours.state == before
