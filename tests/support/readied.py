"""Has `bastion` run by a process that is ready for it: see `tests/support/ready.py`."""

import atexit
import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

_ROOT = Path(__file__).resolve().parents[2]
_COMMANDS = frozenset({"new", "features", "explain", "add", "remove", "set", "update", "check"})
# What counts when Python starts, or when a library is imported that is imported already.
_READ_AT_THE_START = ("PYTHON", "LC_", "LANG", "LD_", "DYLD_", "TYPER_", "FORCE_COLOR", "NO_COLOR")


class Readied:
    """A process that is ready, started when it is needed first. One order at a time: not for several threads."""

    def __init__(self, usual: Mapping[str, str]) -> None:
        self._usual = dict(usual)
        self._process: subprocess.Popen[str] | None = None

    def would_do_the_same(self, arguments: Sequence[str], variables: Mapping[str, str]) -> bool:
        """Ask whether nobody could tell the difference to a start of its own."""
        known = bool(arguments) and arguments[0] in _COMMANDS
        return hasattr(os, "fork") and known and _at_the_start(variables) == _at_the_start(self._usual)

    def run(
        self, command: Sequence[str], cwd: Path, variables: Mapping[str, str], *, seconds: float, stdin: str
    ) -> "subprocess.CompletedProcess[str]":
        """Run the command as `subprocess.run` would.

        Raises:
            subprocess.TimeoutExpired: It took too long.
        """
        with TemporaryDirectory(prefix="streams-") as folder:
            streams = [Path(folder, name) for name in ("stdin", "stdout", "stderr")]
            for stream, text in zip(streams, (stdin, "", ""), strict=True):
                stream.write_text(text, encoding="utf-8", newline="")
            order = {"command": command, "cwd": str(cwd), "env": dict(variables), "streams": list(map(str, streams))}
            code = self._answer_in(seconds, json.dumps(order))
            _, output, complaint = (stream.read_text(encoding="utf-8") for stream in streams)
        if code is None:
            raise subprocess.TimeoutExpired(command, seconds, output, complaint)
        return subprocess.CompletedProcess(command, code, output, complaint)

    def _answer_in(self, seconds: float, order: str) -> int | None:
        """Give the exit code; what needs longer is ended, with all that it started."""
        if not self._process:
            self._process = self._started()
        orders, answers = self._process.stdin, self._process.stdout
        assert orders
        assert answers
        orders.write(f"{order}\n")
        orders.flush()
        if select.select([answers], [], [], seconds)[0]:
            return int(answers.readline())
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._end()
        return None

    def _started(self) -> "subprocess.Popen[str]":
        atexit.register(self._end)
        return subprocess.Popen(
            (sys.executable, "-m", "tests.support.ready"),
            cwd=_ROOT,
            env=self._usual,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            start_new_session=True,
        )

    def _end(self) -> None:
        if self._process:
            self._process.communicate()
            self._process = None


def _at_the_start(variables: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in variables.items() if name.startswith(_READ_AT_THE_START)}
