"""Whatever fails and whoever interrupts: the project is as it was, or as it was to become, and never in between."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.living.conftest import Project
from tests.support.commands import BASTION, bastion, environment, failed
from tests.support.gits import git_that_at
from tests.support.living import Living, Nursery

if sys.platform == "win32":
    pytest.skip("a console's Ctrl-C cannot be sent to one process there", allow_module_level=True)

INTERRUPTS_OF_ONE_TEST = 5

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

    for _ in range(INTERRUPTS_OF_ONE_TEST):
        ours.git("reset", "--quiet", "--hard")
        code = interrupted(ours, draw.uniform(0.1, takes * 1.05), env)
        assert (code, ours.state) in ((0, complete), (130, before))
        assert list((tmp_path / "temporary").iterdir()) == []


def test_a_full_disk(project: Project, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(disk)]
    if not shutil.which("mount") or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only an administrator may mount a small disk")
    try:
        ours = Living(disk / "project")
        shutil.copytree(project().folder, ours.folder)
        before = ours.state
        fill(disk / "ballast", keep_free=40_000)
        finished = bastion("add", "cors", cwd=ours.folder)
        (disk / "ballast").unlink()

        failed(finished)
        assert ours.state == before
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def fill(ballast: Path, *, keep_free: int) -> None:
    free = shutil.disk_usage(ballast.parent).free
    ballast.write_bytes(b"\0" * (free - keep_free))
