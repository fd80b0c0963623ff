"""Make a project out of nothing, and press Ctrl-C at one instruction of it after the other, or at every nth.

`python -m tests.support.stopped_at_each_step FOLDER N` prints how many those were. Python looks for signals less often
than that, so this is stricter than life.
"""

import contextlib
import gc
import shutil
import signal
import sys
import tempfile
from pathlib import Path
from types import FrameType
from typing import Any

import typer

from bastion import destination, stopping, temporary
from bastion.cli.telling import one_line_per_problem
from bastion.destination import Destination

WATCHED = {module.__file__ for module in (contextlib, destination, shutil, stopping, temporary)}
COMPLETE = ["a-file", "a-folder"]


def main(folder: Path, stride: int) -> int:
    tempfile.tempdir = str(folder)
    tried = 0
    for exists in (False, True):
        step = 1
        while interrupted_at(step, folder / "project", exists=exists):
            step += stride
            tried += 1
    return tried


def interrupted_at(step: int, project: Path, *, exists: bool) -> bool:
    """Tell whether there is that step, and look at what is left when it is the last one."""
    # A process is stopped once, and this one lives on.
    stopping._Stop.by = None  # noqa: SLF001
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if exists:
        project.mkdir()
    countdown = Countdown(step)
    with contextlib.suppress(typer.Exit), one_line_per_problem():
        sys.settrace(countdown.trace)
        try:
            make(project)
        finally:
            sys.settrace(None)
    gc.collect()
    left = sorted(path.name for path in project.iterdir()) if project.exists() else []
    assert left in ([], COMPLETE), (step, left)
    assert [path.name for path in project.parent.iterdir()] in ([], [project.name]), step
    for name in left:
        (project / name).rmdir()
    if project.exists():
        project.rmdir()
    return countdown.left <= 0


def make(project: Path) -> None:
    place = Destination.at(str(project))
    with place.staging() as staged, temporary.temporary_folder("room-"):
        staged.mkdir()
        for name in COMPLETE:
            (staged / name).mkdir()
        place.receive(staged)


class Countdown:
    """Sends a signal at one instruction of the modules that make, move and remove."""

    def __init__(self, step: int) -> None:
        self.left = step

    def trace(self, frame: FrameType, event: str, _argument: Any) -> Any:  # noqa: ANN401 - as `sys.settrace` wants it
        if frame.f_code.co_filename not in WATCHED:
            return None
        frame.f_trace_opcodes = True
        if event == "opcode":
            self.left -= 1
            if self.left == 0:
                signal.raise_signal(signal.SIGINT)
        return self.trace


if __name__ == "__main__":
    sys.stdout.write(str(main(Path(sys.argv[1]), int(sys.argv[2]))))
