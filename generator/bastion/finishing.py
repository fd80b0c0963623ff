"""What follows rendering: a lock file, the first commit, the environment. The project is complete without each."""

import os
import shutil
import subprocess
from pathlib import Path

from bastion.problems import Problem


def lock(project: Path) -> bool:
    """Write `uv.lock`, so that the first commit holds it; False when that was impossible."""
    return _uv(project, "lock", "--quiet")


def sync(project: Path) -> bool:
    """Create the project's environment; False when that was impossible."""
    return _uv(project, "sync")


def commit(project: Path) -> None:
    """Make a repository with one commit, also for somebody who never told git their name."""
    _git(project, "init", "--quiet", "--initial-branch=main")
    _git(project, "add", "--all")
    identity = [] if _knows_its_user(project) else ["-c", "user.name=bastion", "-c", "user.email=bastion@localhost"]
    message = "feat: start from fastapi-bastion"
    # The user's hooks and signing key are for what the user writes.
    _git(project, *identity, "commit", "--quiet", "--no-verify", "--no-gpg-sign", f"--message={message}")


def _uv(project: Path, *arguments: str) -> bool:
    uv = os.environ.get("UV") or shutil.which("uv")
    if uv is None:
        return False
    # `uv run bastion` has its own environment active, and the project needs another one.
    environment = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    return subprocess.run([uv, *arguments], cwd=project, env=environment, check=False).returncode == 0


def _knows_its_user(project: Path) -> bool:
    asked = subprocess.run(["git", "var", "GIT_COMMITTER_IDENT"], cwd=project, check=False, capture_output=True)
    return asked.returncode == 0


def _git(project: Path, *arguments: str) -> None:
    finished = subprocess.run(["git", *arguments], cwd=project, check=False, capture_output=True, text=True)
    if finished.returncode:
        raise Problem(f"git cannot make the first commit ({finished.stderr.strip()})", "mend that, or add --no-git")
