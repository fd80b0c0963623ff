"""Temporary folders, removed even after an error or a signal, unless a file in them stays busy for five seconds."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from bastion.problems import Problem
from bastion.stopping import stoppable, unstoppable

CLAIM = ".bastion-claim"
"""The mark that a run makes in a folder to work there. Of several runs only one can make it."""

_ELSEWHERE = "choose a folder you may write to"
_TRIES, _PAUSE_SECONDS = 100, 0.05


@contextmanager
def temporary_folder(prefix: str, parent: Path | None = None) -> Iterator[Path]:
    """Have a folder for as long as the block lasts.

    Args:
        prefix: The beginning of its name.
        parent: The folder around it; None means this machine's folder for temporary files.

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
def claimed(folder: Path) -> Iterator[Path]:
    """Keep other runs out of a folder for as long as the block lasts.

    Args:
        folder: An existing folder.

    Raises:
        Problem: Another run has claimed the folder, or nothing can be written there.
    """
    with unstoppable():
        mark = _mark(folder)
        try:
            with stoppable():
                yield folder
        finally:
            mark.rmdir()


def _mark(folder: Path) -> Path:
    mark = folder / CLAIM
    try:
        mark.mkdir()
    except FileExistsError as error:
        remedy = f"let it end, or remove {mark} if no other is running"
        raise Problem(f"another `bastion` is at work in {folder}", remedy) from error
    except OSError as error:
        raise Problem.of_the_system(f"cannot write to {folder}", error, _ELSEWHERE) from error
    return mark


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
