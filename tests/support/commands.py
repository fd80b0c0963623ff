"""Commands, run as a user runs them: in their own process, with their own standard streams.

`bastion` does without the start of Python where that makes no difference (`tests/support/ready.py`).
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.support.readied import Readied

Finished = subprocess.CompletedProcess[str]

_SCRIPTS = Path(sys.executable).parent

BASTION = (str(_SCRIPTS / "bastion"),)
COPIER = (str(_SCRIPTS / "copier"),)

# A test must not depend on who runs it, nor on the environment pytest itself runs in.
_PERSONAL = ("VIRTUAL_ENV", "UV_PROJECT_ENVIRONMENT", "PYTHONDONTWRITEBYTECODE", "GIT_DIR", "GIT_WORK_TREE")
_SOMEBODY = {
    "GIT_AUTHOR_NAME": "Somebody",
    "GIT_AUTHOR_EMAIL": "somebody@example.org",
    "GIT_COMMITTER_NAME": "Somebody",
    "GIT_COMMITTER_EMAIL": "somebody@example.org",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
}


def environment(changes: Mapping[str, str] | None = None) -> dict[str, str]:
    inherited = {
        name: value for name, value in os.environ.items() if name not in _PERSONAL and not name.startswith("PYTEST_")
    }
    return {**inherited, **_SOMEBODY, **(changes or {})}


READIED = Readied(environment())


def run(
    *command: str, cwd: Path, env: Mapping[str, str] | None = None, seconds: float = 600, stdin: str = ""
) -> Finished:
    variables = environment() if env is None else dict(env)
    if command[:1] == BASTION and READIED.would_do_the_same(command[1:], variables):
        return READIED.run(command, cwd, variables, seconds=seconds, stdin=stdin)
    return started(*command, cwd=cwd, env=variables, seconds=seconds, stdin=stdin)


def started(
    *command: str, cwd: Path, env: Mapping[str, str] | None = None, seconds: float = 600, stdin: str = ""
) -> Finished:
    """Run a command from its very start."""
    return subprocess.run(
        command,
        cwd=cwd,
        env=environment() if env is None else dict(env),
        input=stdin,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=seconds,
        check=False,
    )


def succeed(*command: str, cwd: Path, env: Mapping[str, str] | None = None, seconds: float = 600) -> str:
    """Run a command that has to succeed, and give what it wrote to standard output."""
    finished = run(*command, cwd=cwd, env=env, seconds=seconds)
    assert finished.returncode == 0, f"{' '.join(command)}\n{finished.stdout[-8000:]}\n{finished.stderr[-8000:]}"
    return finished.stdout


def refused(finished: Finished, *words: str) -> str:
    """Ask for the end of bad input: nothing is said but one line with these words, which is returned."""
    assert finished.stdout == ""
    return failed(finished, *words)


def failed(finished: Finished, *words: str) -> str:
    """Ask for the exit code of bad input, and one line with these words, whatever was said before."""
    assert finished.returncode == 2, finished
    assert finished.stderr.startswith("bastion: ")
    assert finished.stderr.count("\n") == 1, finished.stderr
    assert finished.stderr.removesuffix("\n").isprintable()
    assert [word for word in words if word not in finished.stderr] == [], finished.stderr
    return finished.stderr


def bastion(*arguments: str, cwd: Path, env: Mapping[str, str] | None = None) -> Finished:
    return run(*BASTION, *arguments, cwd=cwd, env=env)


def announced(*flags: str, cwd: Path) -> dict[str, Any]:
    """Give what `bastion new` would make; `tests/test_new_tells.py` shows that it is what is made."""
    return dict(json.loads(succeed(*BASTION, "new", "project", "--dry-run", "--json", *flags, cwd=cwd)))


def git(folder: Path, *arguments: str) -> str:
    return succeed("git", *arguments, cwd=folder)
