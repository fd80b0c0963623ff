"""git, as if nobody had started us from inside a repository."""

import os
import subprocess
from pathlib import Path

# A git hook and `git rebase --exec` set these, and each would lead us into the caller's repository.
_OF_THE_CALLER = {
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_DIR",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_WORK_TREE",
}


NO_HOOKS = ("core.hooksPath", os.devnull)
"""The setting that keeps the user's hooks for what the user does."""


def environment() -> dict[str, str]:
    """Return the environment without what names a repository."""
    return {name: value for name, value in os.environ.items() if name not in _OF_THE_CALLER}


def git(
    *arguments: str, cwd: Path, stdin: bytes = b"", undisturbed: bool = False
) -> "subprocess.CompletedProcess[bytes]":
    """Run one git command and say how it ended.

    Args:
        arguments: What follows `git`.
        cwd: Where to run it.
        stdin: What it reads.
        undisturbed: Whether it must not hear of a Ctrl-C, which a terminal sends to each process of its group.
    """
    return subprocess.run(
        ["git", "-c", "=".join(NO_HOOKS), *arguments],
        cwd=cwd,
        env=environment(),
        input=stdin,
        capture_output=True,
        check=False,
        start_new_session=undisturbed,
    )
