"""Messages beside the results of a command: on standard error, and broken at words in a terminal."""

import sys
from contextlib import AbstractContextManager, nullcontext

import typer

from bastion.choosing.wrapping import at_words
from bastion.terminals import is_terminal


def tell(what: str) -> None:
    """Write one line.

    Args:
        what: The line, without line breaks.
    """
    typer.echo(at_words(f"bastion: {what}", sys.stderr, indent="  "), err=True)


def somebody_answers() -> bool:
    """Tell whether a question can be seen and answered: standard input and output are both terminals."""
    return is_terminal(sys.stdin) and is_terminal(sys.stdout)


def progress(doing: str) -> AbstractContextManager[object]:
    """Show that something takes a while, for as long as the block lasts, where somebody can see it.

    Args:
        doing: The name of the step.
    """
    if not is_terminal(sys.stderr):
        return nullcontext()
    from rich.console import Console  # noqa: PLC0415 - a pipe needs nothing of it, and it takes long to load

    return Console(stderr=True, highlight=False).status(doing)
