"""The project's own `python -m app.manage check` of its settings: the only part that runs the project's code."""

import os
import re
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from bastion.checking.findings import SETTING, SETTINGS, Finding, Level
from bastion.env_file import settings_in
from bastion.git import environment
from bastion.regular import MOST_BYTES, read_regular

_PATIENCE_SECONDS = 60
_ENV_FILE = ".env"
_COUNT = re.compile(r"^(\d{1,6}) findings?$", re.MULTILINE)
_OF_THIS_MACHINE = {"local", "test"}


@dataclass(frozen=True)
class OwnCheck:
    """The findings of the project's own check, or the reason why there was no check."""

    findings: list[Finding] = field(default_factory=list)
    not_checked: str = ""


def own_check(folder: Path) -> OwnCheck:
    """Run the project's own check in the project's environment.

    Args:
        folder: The project.
    """
    try:
        return _own_check(folder)
    except OSError as error:
        what = error.filename or "its own check"
        return OwnCheck(not_checked=f"{what} cannot be run ({error.strerror or error}): run `uv sync` in the project")


def _own_check(folder: Path) -> OwnCheck:
    python = _python(folder)
    if not python.exists():
        return OwnCheck(not_checked=f"the project is not installed ({python} is missing): run `uv sync` in it")
    if not os.path.lexists(folder / _ENV_FILE) and "SECRET_KEY" not in os.environ:
        return OwnCheck(not_checked="there are no settings here, neither in .env nor in the environment")
    told, complaints = _output_of(python, folder)
    counted = list(_COUNT.finditer(told))
    if not counted:
        last = ((told + complaints).strip().splitlines() or ["it said nothing"])[-1]
        return OwnCheck(not_checked=f"its own check did not come to an end ({last[:200]})")
    level = Level.NOTE if _environment_of(folder) in _OF_THIS_MACHINE else Level.ERROR
    return OwnCheck([_finding(line, level) for line in _lines_above(counted[-1])])


def _lines_above(count: re.Match[str]) -> list[str]:
    """Return as many lines above the number of findings as it says: a slice may have printed lines further up."""
    number = int(count[1])
    return count.string[: count.start()].rstrip("\n").split("\n")[-number:] if number else []


def _python(folder: Path) -> Path:
    """Return the Python of the environment that uv is told to use, or else of the project's `.venv`."""
    program = "Scripts/python.exe" if sys.platform == "win32" else "bin/python"
    own = folder.absolute() / ".venv" / program
    named = folder.absolute() / (os.environ.get("UV_PROJECT_ENVIRONMENT") or ".venv") / program
    return named if named.exists() else own


def _output_of(python: Path, folder: Path) -> tuple[str, str]:
    """Run the command for a limited time; return its standard output and its standard error."""
    with TemporaryFile() as told, TemporaryFile() as complaints:
        running = subprocess.Popen(
            [python, "-m", "app.manage", "check"],
            cwd=folder,
            env={**environment(), "PYTHONDONTWRITEBYTECODE": "1", "PYTHONIOENCODING": "utf-8"},
            stdin=subprocess.DEVNULL,
            stdout=told,
            stderr=complaints,
            start_new_session=True,
        )
        try:
            running.wait(_PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            return "", f"not after {_PATIENCE_SECONDS} seconds"
        finally:
            _end(running)
        return _beginning_of(told), _beginning_of(complaints)


def _beginning_of(output: IO[bytes]) -> str:
    """Return what was written first; on Windows a line ends with two characters, and here with one."""
    output.seek(0)
    return output.read(MOST_BYTES).decode(errors="backslashreplace").replace("\r\n", "\n")


def _end(running: "subprocess.Popen[bytes]") -> None:
    """End the process, and the processes that it has started."""
    with suppress(OSError):
        if sys.platform == "win32":
            running.kill()
        else:
            os.killpg(running.pid, signal.SIGKILL)
    running.wait()


def _environment_of(folder: Path) -> str:
    """Return the value of APP_ENV, which tells settings for this machine from those for production.

    Like the project itself, this ignores the case of the name, follows a link to the file, takes the last of several
    lines, and takes an empty value for none.
    """
    written: dict[str, str] = {}
    file = Path(os.path.realpath(folder / _ENV_FILE))
    with suppress(OSError, UnicodeDecodeError):
        written = settings_in(read_regular(file.parent, file.name).decode())
    given = {name.upper(): value for name, value in os.environ.items()}
    return given.get("APP_ENV", written.get("APP_ENV", ""))


def _finding(line: str, level: Level) -> Finding:
    return Finding(
        rule=SETTING,
        defence=SETTINGS,
        path=_ENV_FILE,
        what=line,
        remedy="change it before production" if level is Level.NOTE else "change it",
        level=level,
    )
