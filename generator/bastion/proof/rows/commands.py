"""The commands that rows run: each in a group of its own, measured, and ended with everything that it started."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock, Timer, local

import psutil

GRACE_SECONDS = 10.0
"""How long a command may take to end when it is asked to; its servers have to be stopped by then."""

KILL = signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL


class Stopped(Exception):  # noqa: N818 - nothing went wrong, the work is no longer wanted
    """The proof is ending: by Ctrl-C, or because a row failed."""


@dataclass(frozen=True)
class Finished:
    """How a command ended."""

    code: int
    output: str

    def last_lines(self, count: int = 40) -> str:
        """Return the end of what it printed, where a tool says what is wrong."""
        return "\n".join(self.output.rstrip().splitlines()[-count:])


class Commands:
    """All commands that run at a time, of every row."""

    def __init__(self) -> None:
        """Start with none."""
        self._spent = local()
        self._running: set[subprocess.Popen[bytes]] = set()
        self._lock = Lock()
        self._stopping = False

    def run(
        self, command: Sequence[str], *, cwd: Path, env: Mapping[str, str], log: Path, limit_seconds: float = 1800
    ) -> Finished:
        """Run a command to its end.

        Args:
            command: The program and its arguments.
            cwd: Where it runs.
            env: Its whole environment.
            log: Where its output goes.
            limit_seconds: When it is killed. A row that hangs is a row that fails.

        Raises:
            Stopped: the proof is ending.
        """
        process = self.start(command, cwd=cwd, env=env, log=log)
        limit = Timer(limit_seconds, _signal, (process, KILL))
        limit.start()
        try:
            self.wait(process)
        finally:
            limit.cancel()
        self.must_go_on()
        return Finished(process.returncode, log.read_text(encoding="utf-8", errors="replace"))

    def start(
        self, command: Sequence[str], *, cwd: Path, env: Mapping[str, str], log: Path
    ) -> "subprocess.Popen[bytes]":
        """Start a command that goes on until it is ended; `wait` has to follow."""
        with self._lock, log.open("wb") as output:
            self.must_go_on()
            # A group of its own: Ctrl-C in the terminal reaches us alone, and we end the commands in order.
            process = subprocess.Popen(
                command,
                cwd=cwd,
                env=dict(env),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            self._running.add(process)
        return process

    @property
    def stopping(self) -> bool:
        """Whether the proof is ending."""
        return self._stopping

    @property
    def spent(self) -> float:
        """The seconds of a core that this thread and everything it has waited for have taken."""
        return float(getattr(self._spent, "seconds", 0.0)) + time.thread_time()

    def wait(self, process: "subprocess.Popen[bytes]") -> None:
        """Wait for a command's end."""
        try:
            self._spent.seconds = getattr(self._spent, "seconds", 0.0) + _wait(process)
        finally:
            with self._lock:
                self._running.discard(process)

    def end(self, process: "subprocess.Popen[bytes]") -> None:
        """End a command as a supervisor does."""
        _signal(process, signal.SIGTERM, group=False)
        limit = Timer(GRACE_SECONDS, _signal, (process, KILL))
        limit.start()
        try:
            self.wait(process)
        finally:
            limit.cancel()

    def must_go_on(self) -> None:
        """Raise Stopped if the proof is ending: what a command said is then not to be believed."""
        if self._stopping:
            raise Stopped

    def stop(self) -> None:
        """Let nothing start any more, and end whatever runs: first by asking, then by force."""
        with self._lock:
            self._stopping = True
            running = list(self._running)
        for process in running:
            _signal(process, signal.SIGINT)
        give_up = time.monotonic() + GRACE_SECONDS
        while self._running and time.monotonic() < give_up:
            time.sleep(0.05)
        for process in list(self._running):
            _signal(process, KILL)


def _wait(process: "subprocess.Popen[bytes]") -> float:
    """Wait for a command's end and return the seconds of a core that it and its children have taken."""
    if sys.platform == "win32":
        process.wait()
        return 0.0
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return usage.ru_utime + usage.ru_stime


def _signal(process: "subprocess.Popen[bytes]", number: int, *, group: bool = True) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if sys.platform == "win32":
            process.terminate()
        elif group:
            os.killpg(process.pid, number)
        else:
            os.kill(process.pid, number)


def end_all_in(folder: Path) -> list[str]:
    """End every process that works in a folder, and name what it was.

    A daemon has left its group and its parent, and a server like PostgreSQL overwrites its environment. But where it
    works stays the same: in the project, or in the folder for temporary files that we gave it.
    """
    found = [process for process in psutil.process_iter() if _works_in(process, folder)]
    named = [_named(process) for process in found]
    for number in (signal.SIGINT, KILL):
        for process in found:
            with contextlib.suppress(psutil.Error):
                process.send_signal(number)
        _, found = psutil.wait_procs(found, timeout=GRACE_SECONDS / 2)
    return named


def _works_in(process: psutil.Process, folder: Path) -> bool:
    try:
        return Path(process.cwd()).is_relative_to(folder)
    except (psutil.Error, OSError):
        return False


def _named(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())[:200] or process.name()
    except psutil.Error:
        return str(process.pid)
