"""The steps after rendering: the secret's mode, a lock file, the first commit, the environment."""

import os
import shutil
import subprocess
from pathlib import Path

from bastion.git import git, must, reason_of

_OF_ANOTHER_PROJECT = {"VIRTUAL_ENV", "UV_PROJECT", "UV_WORKING_DIR", "UV_WORKING_DIRECTORY"}
"""Variables that lead uv to another project: `uv run bastion` sets `VIRTUAL_ENV`, a shell may set the others."""

NO_UV = "there is no uv"

_ENVIRONMENT = "UV_PROJECT_ENVIRONMENT"


def close_secret(project: Path) -> None:
    """Let only its owner read `.env`: neither git nor the template can store that mode of a file."""
    env = project / ".env"
    # Through a link, a template that is not ours would choose the file whose mode changes.
    if env.is_file() and not env.is_symlink():
        env.chmod(0o600)


def lock(project: Path) -> str:
    """Write `uv.lock`, so that the first commit has it; return the reason if that failed, or an empty string."""
    return _uv(project, "lock", "--quiet", stderr=subprocess.PIPE)


def sync(project: Path) -> str:
    """Create the project's environment; return the reason if that failed, or an empty string.

    uv prints more about it to standard error.
    """
    return _uv(project, "sync")


def commit(project: Path) -> None:
    """Make a repository with one commit, also for somebody who never told git their name."""
    # Copier, which changes the project later, takes no other names of objects.
    _must(project, "init", "--quiet", "--initial-branch=main", "--object-format=sha1")
    # Also files that the user ignores everywhere, like `*.lock`: they are part of the project.
    _must(project, "-c", f"core.excludesFile={os.devnull}", "add", "--all")
    identity = [] if _knows_its_user(project) else ["-c", "user.name=bastion", "-c", "user.email=bastion@localhost"]
    message = "feat: start from fastapi-bastion"
    # The user's hooks and signing key are for the user's own commits.
    _must(project, *identity, "commit", "--quiet", "--no-verify", "--no-gpg-sign", f"--message={message}")


def _uv(project: Path, *arguments: str, stderr: int | None = None) -> str:
    uv = os.environ.get("UV") or shutil.which("uv")
    if uv is None:
        return NO_UV
    try:
        ended = subprocess.run([uv, *arguments], cwd=project, env=_environment(), stderr=stderr, check=False)
    except OSError as error:  # `UV` names no program
        return f"{uv}: {error.strerror or error}"
    if not ended.returncode:
        return ""
    return f"uv {arguments[0]} failed" if ended.stderr is None else reason_of(ended.stderr)


def _environment() -> dict[str, str]:
    """Return the variables under which uv works on the new project and in an environment of its own."""
    variables = {name: value for name, value in os.environ.items() if name not in _OF_ANOTHER_PROJECT}
    # An absolute path is shared with other projects, and `uv sync` would remove their packages from it.
    if Path(variables.get(_ENVIRONMENT, "")).is_absolute():
        del variables[_ENVIRONMENT]
    return variables


def _knows_its_user(project: Path) -> bool:
    identities = ("GIT_AUTHOR_IDENT", "GIT_COMMITTER_IDENT")
    return all(git("var", identity, cwd=project).returncode == 0 for identity in identities)


def _must(project: Path, *arguments: str) -> None:
    must("make the first commit", *arguments, cwd=project, remedy="mend that, or add --no-git")
