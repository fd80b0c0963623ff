"""A place of one's own for a run of `bastion`: what it leaves where is seen."""

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.support.commands import BASTION, Finished, environment


@dataclass(frozen=True)
class Sandbox:
    """Where a run begins, and where it may keep what is temporary."""

    home: Path
    temporary: Path

    @classmethod
    def below(cls, folder: Path) -> "Sandbox":
        sandbox = cls(folder / "home", folder / "temporary")
        sandbox.home.mkdir(parents=True)
        sandbox.temporary.mkdir()
        return sandbox

    def start(self, *arguments: str, env: Mapping[str, str] | None = None) -> "subprocess.Popen[str]":
        """Start `bastion` as a terminal does: with what it starts it is a group of processes of its own."""
        return subprocess.Popen(
            [*BASTION, *arguments],
            cwd=self.home,
            env=environment({"TMPDIR": str(self.temporary), **(env or {})}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments: str, env: Mapping[str, str] | None = None) -> Finished:
        return ended(self.start(*arguments, env=env))


def ended(child: "subprocess.Popen[str]") -> Finished:
    """Wait for the end of a run."""
    output, complaint = child.communicate(timeout=300)
    return subprocess.CompletedProcess(child.args, child.returncode, output, complaint)


def signal_group(child: "subprocess.Popen[str]", number: int) -> None:
    """Send a signal as a terminal does, to a run and to all that it started; none if it has ended."""
    if child.poll() is None:
        os.killpg(child.pid, number)
