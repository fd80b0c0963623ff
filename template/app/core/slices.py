"""What a slice is: one folder, one exported value, one line in `app/main.py`."""

from argparse import ArgumentParser, Namespace
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.core.settings import SliceSettings

if TYPE_CHECKING:
    from app.core.kernel import Kernel


@dataclass(frozen=True, kw_only=True)
class Command:
    """A command of `python -m app.manage`: its name, a line of help, its arguments and what it does.

    `run` gets the kernel of an application that is not serving; it returns the exit code.
    """

    name: str
    help: str
    run: Callable[["Kernel", Namespace], Awaitable[int]]
    arguments: Callable[[ArgumentParser], object] = lambda _parser: None


@dataclass(frozen=True, kw_only=True)
class Slice:
    """One defence or feature.

    `install` gets the kernel and this slice's own settings. Slices are installed in the order of `SLICES`, after the
    settings of all of them have been loaded.
    """

    name: str
    install: Callable[["Kernel", Any], None]
    settings: type[SliceSettings] | None = None
    commands: Sequence[Command] = ()
