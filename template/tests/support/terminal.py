"""A command on a terminal of its own, as somebody sits in front of it. Windows has no such terminals."""

import os
import select
import subprocess
import sys
import time
from pathlib import Path

from tests.support.environment import environment_with

CTRL_C, CTRL_D = "\x03", "\x04"

_PATIENCE = 30
_LOOK_AT_THE_PROMPT = 0.2
"""What a person needs at least. A signal between Python's prompt and its read would not interrupt the read."""

_ON_A_TERMINAL = "import os, sys; os.login_tty(0); os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"
"""Ctrl-C reaches whom a terminal belongs to, and nobody else."""


def type_at(prompt: str, keys: str, *arguments: str, folder: Path, **variables: str) -> tuple[int, str]:
    """Run Python in `folder`, press `keys` at `prompt`; return its exit code and what was shown from then on."""
    ours, its = os.openpty()
    with subprocess.Popen(  # noqa: S603 - no shell, and nothing from outside
        [sys.executable, "-c", _ON_A_TERMINAL, *arguments],
        cwd=folder,
        env=environment_with(**variables),
        stdin=its,
        stdout=its,
        stderr=its,
    ) as process:
        os.close(its)
        try:
            _shown(ours, until=prompt)
            time.sleep(_LOOK_AT_THE_PROMPT)
            os.write(ours, keys.encode())
            shown = _shown(ours)
            return process.wait(timeout=_PATIENCE), shown
        finally:
            process.kill()
            os.close(ours)


def _shown(terminal: int, until: str | None = None) -> str:
    """Return what is shown until `until` is, or until whoever shows it has ended.

    Raises:
        AssertionError: neither happens within half a minute.
    """
    shown = ""
    while until is None or not shown.endswith(until):
        assert select.select([terminal], [], [], _PATIENCE)[0], f"nothing more within {_PATIENCE} seconds: {shown}"
        try:
            more = os.read(terminal, 4096)
        except OSError:
            # How Linux says that nobody is left at the other side.
            more = b""
        if not more:
            assert until is None, shown
            break
        shown += more.decode()
    return shown.replace("\r\n", "\n")
