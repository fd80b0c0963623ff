"""git, as if nobody had started us from inside a repository."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from bastion.problems import Problem

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


class GitKilled(Problem):
    """git was killed and could not tidy up: its lock may still be there."""


_OLDEST = (2, 31)
"""The first version that reads `GIT_CONFIG_COUNT`, by which an address leads to the template inside this package."""

NO_HOOKS = ("core.hooksPath", os.devnull)
"""The setting that keeps the user's hooks for the user's own commands."""

NO_SUBMODULES = ("submodule.recurse", "false")
"""The setting with which git leaves submodules alone: a worktree has none, and none of a project's files is in one."""

FOR_COPIER = (
    NO_HOOKS,
    NO_SUBMODULES,
    # An edit is put back as it is and where it was, whatever blanks it has.
    ("apply.whitespace", "nowarn"),
    ("apply.ignoreWhitespace", "no"),
    # A file that the user ignores everywhere would be missing where Copier compares.
    ("core.excludesFile", os.devnull),
    # Copier learns from `git status` which edits it could not put back.
    ("status.showUntrackedFiles", "normal"),
)
"""The settings of git that Copier's merge needs, whatever the user's are."""


def environment() -> dict[str, str]:
    """Return the environment without the variables that name a repository."""
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
        ["git", "-c", "=".join(NO_HOOKS), "-c", "=".join(NO_SUBMODULES), *arguments],
        cwd=cwd,
        env=environment(),
        input=stdin,
        capture_output=True,
        check=False,
        start_new_session=undisturbed,
    )


def must(purpose: str, *arguments: str, cwd: Path, remedy: str, stdin: bytes = b"", undisturbed: bool = False) -> str:
    """Run one git command that has to succeed, and return what it writes.

    Args:
        purpose: What it is for, as in "git cannot make the first commit".
        arguments: The command.
        cwd: Where to run it.
        remedy: What the user can do when it fails.
        stdin: What it reads.
        undisturbed: As for `git`.

    Raises:
        GitKilled: A signal ended it.
        Problem: It failed.
    """
    output = must_give(purpose, *arguments, cwd=cwd, remedy=remedy, stdin=stdin, undisturbed=undisturbed)
    return os.fsdecode(output)


def must_give(
    purpose: str, *arguments: str, cwd: Path, remedy: str, stdin: bytes = b"", undisturbed: bool = False
) -> bytes:
    """Run one git command as `must` does, and return its bytes, which need not be text."""
    finished = git(*arguments, cwd=cwd, stdin=stdin, undisturbed=undisturbed)
    if finished.returncode:
        kind = GitKilled if finished.returncode < 0 else Problem
        raise kind(f"git cannot {purpose} ({reason_of(finished.stderr)})", remedy)
    return finished.stdout


def require_git(what_for: str) -> None:
    """Refuse to go on without git, or with one that would not do as it is told.

    Args:
        what_for: Who needs it, as in "Copier needs it".

    Raises:
        Problem: It is not installed, or too old.
    """
    if not shutil.which("git"):
        raise Problem("git is not installed", f"install it from https://git-scm.com, {what_for}")
    told = git("--version", cwd=Path()).stdout.decode(errors="replace").strip()
    version = re.match(r"git version (\d{1,4})\.(\d{1,4})", told)
    if not version or (int(version[1]), int(version[2])) < _OLDEST:
        oldest = ".".join(map(str, _OLDEST))
        raise Problem(
            f"git {oldest} or newer is needed, and this one says {told!r}", "install one from https://git-scm.com"
        )


def reason_of(complaint: bytes | str) -> str:
    """Find the line with git's own reason: the lines after it are consequences and hints.

    Args:
        complaint: git's standard error, which is empty if git was killed.
    """
    said = complaint if isinstance(complaint, str) else complaint.decode(errors="replace")
    lines = said.splitlines() or ["it does not say why"]
    return next((line for line in lines if line.startswith(("error:", "fatal:"))), lines[0])
