"""How far the proof is, for people who wait."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import Progress as RichProgress


class Progress(Protocol):
    """Somebody who is told."""

    def stage(self, name: str, steps: int) -> None:
        """Begin a stage of so many steps."""

    def advance(self, steps: int = 1) -> None:
        """Go on in the stage."""


class Silence:
    """Nobody is told."""

    def stage(self, name: str, steps: int) -> None:
        """Say nothing."""

    def advance(self, steps: int = 1) -> None:
        """Say nothing."""


class _Bar:
    """A bar of rich, one line for the stage that runs."""

    def __init__(self, bar: RichProgress) -> None:
        self._bar = bar
        self._task = bar.add_task("", total=None)

    def stage(self, name: str, steps: int) -> None:
        """Begin a stage."""
        self._bar.reset(self._task, description=name, total=steps)

    def advance(self, steps: int = 1) -> None:
        """Go on."""
        self._bar.advance(self._task, steps)


@contextmanager
def progress_bar() -> Iterator[Progress]:
    """Show a bar on standard error while the block runs; in no terminal, show nothing."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield Silence()
        return
    with RichProgress(console=console, transient=True) as bar:
        yield _Bar(bar)
