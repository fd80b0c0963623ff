"""Folders that are gone in the end, whatever happens and whoever interrupts."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from bastion.problems import Problem
from bastion.stopping import stoppable, unstoppable

_ELSEWHERE = "choose a folder you may write to"
_TRIES, _PAUSE_SECONDS = 100, 0.05


@contextmanager
def temporary_folder(prefix: str, parent: Path | None = None) -> Iterator[Path]:
    """Have a folder for as long as the block lasts.

    Args:
        prefix: What its name begins with.
        parent: Where it lies; without one, where this machine keeps what is temporary.

    Raises:
        Problem: The folder cannot be made there.
    """
    with unstoppable():
        folder = _made(prefix, parent)
        try:
            with stoppable():
                yield Path(folder.name)
        finally:
            _remove(folder)


@contextmanager
def claim(folder: Path) -> Iterator[Path]:
    """Make a folder, which only one of several processes can, and have it for as long as the block lasts.

    Args:
        folder: What to make.

    Raises:
        Problem: Another process has it, or it cannot be made there.
    """
    with unstoppable():
        _make(folder)
        try:
            with stoppable():
                yield folder
        finally:
            with suppress(OSError):
                folder.rmdir()


def _make(folder: Path) -> None:
    try:
        folder.mkdir()
    except FileExistsError as error:
        remedy = f"let it end, or remove {folder} if there is none"
        raise Problem(f"another `bastion` is at work in {folder.parent}", remedy) from error
    except OSError as error:
        raise Problem.of_the_system(f"cannot write to {folder.parent}", error, _ELSEWHERE) from error


def _made(prefix: str, parent: Path | None) -> "TemporaryDirectory[str]":
    try:
        return TemporaryDirectory(prefix=prefix, dir=parent, ignore_cleanup_errors=True)
    except NotADirectoryError as error:
        raise Problem(f"{parent} is a file", "choose a destination inside a folder") from error
    except OSError as error:
        what = f"cannot write to {parent}" if parent else "cannot keep temporary files"
        raise Problem.of_the_system(what, error, _ELSEWHERE) from error


def _remove(folder: "TemporaryDirectory[str]") -> None:
    """Remove a folder, also while a git that was stopped with us writes its last file there."""
    for _ in range(_TRIES):
        folder.cleanup()
        if not Path(folder.name).exists():
            return
        time.sleep(_PAUSE_SECONDS)
