"""How a command tells what went wrong: one line on standard error, and the exit code."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer

from bastion.problems import INVALID_INPUT, STOPPED_BY_SIGNAL, Problem
from bastion.stopping import heed_signals, ignore_signals, stopped_by


@contextmanager
def one_line_per_problem() -> Iterator[None]:
    """Turn a `Problem` and Ctrl-C into one line and an exit code."""
    heed_signals()
    try:
        yield
    except Problem as problem:
        raise _told(problem) from problem
    except ModuleNotFoundError as missing:
        if str(missing.name).startswith("bastion"):
            raise
        raise _told(Problem(f"{missing.name} is not installed", "install fastapi-bastion[proof]")) from missing
    except KeyboardInterrupt as interrupt:
        ignore_signals()
        typer.echo("bastion: stopped", err=True)
        raise typer.Exit(STOPPED_BY_SIGNAL + stopped_by()) from interrupt


def _told(problem: Problem) -> typer.Exit:
    typer.echo(f"bastion: {problem}", err=True)
    return typer.Exit(INVALID_INPUT)
