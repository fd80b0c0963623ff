"""The command in a real terminal, and what somebody in front of it is sent."""

import re
import tempfile
from collections.abc import Mapping
from pathlib import Path

import pexpect

from tests.support.commands import BASTION, environment

COLUMNS, LINES = 80, 60
WIDE = 200
"""Wide enough for what is expected to stand on one line."""

BARE_TERMINAL = {"TERM": "xterm", "PROMPT_TOOLKIT_NO_CPR": "1"}
"""One that does not say where its cursor is: prompts would wait a second for that, each time."""


def open_terminal(
    *command: str, cwd: Path, env: Mapping[str, str] | None = None, columns: int = WIDE
) -> "pexpect.spawn[str]":
    """Start a command in a terminal; there are none on Windows."""
    return pexpect.spawn(
        command[0],
        list(command[1:]),
        cwd=str(cwd),
        env=environment(BARE_TERMINAL if env is None else env),
        dimensions=(LINES, columns),
        encoding="utf-8",
        timeout=120,
    )


def end_of(child: "pexpect.spawn[str]") -> int | None:
    """Wait for the end of a command, and give its exit code."""
    child.expect(pexpect.EOF)
    child.close()
    return child.exitstatus


def in_a_terminal(*arguments: str, **variables: str) -> str:
    """Run `bastion` to its end in a terminal of the usual width, and give what that was sent."""
    env = {"TERM": "xterm-256color", **variables}
    child = open_terminal(*BASTION, *arguments, cwd=Path(tempfile.gettempdir()), env=env, columns=COLUMNS)
    assert end_of(child) == 0, child.before
    return str(child.before).replace("\r\n", "\n")


def without_colours(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text)
