"""How a command tells what went wrong: one line on standard error, and the exit code."""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import typer

from bastion.choosing.wrapping import at_words
from bastion.mistakes import each_of
from bastion.problems import INVALID_INPUT, STOPPED_BY_SIGNAL, Problem
from bastion.stopping import heed_signals, ignore_signals, stopped_by
from bastion.visible import visible

Write = Callable[[Sequence[str]], str]
"""Writes problems in a form for machines."""


def tell(what: str) -> None:
    """Write something on standard error: one line, which is broken at words where a terminal shows it.

    Args:
        what: Without line breaks.
    """
    typer.echo(at_words(f"bastion: {what}", sys.stderr, indent="  "), err=True)


@contextmanager
def one_line_per_problem(*, as_json: bool = False, log: Write | None = None) -> Iterator[None]:
    """Turn a `Problem` and Ctrl-C into one line and an exit code.

    Args:
        as_json: Whether a machine reads standard output, and wants to find there what is wrong.
        log: Writes there the log that a machine wants besides: people read the lines.
    """
    heed_signals()
    try:
        yield
    except Problem as problem:
        raise _told(problem, as_json=as_json, log=log) from problem
    except ModuleNotFoundError as missing:
        if str(missing.name).startswith("bastion"):
            raise
        needed = Problem(f"{missing.name} is not installed", "install fastapi-bastion[proof]")
        raise _told(needed, as_json=as_json) from missing
    except KeyboardInterrupt as interrupt:
        ignore_signals()
        typer.echo("bastion: stopped", err=True)
        raise typer.Exit(STOPPED_BY_SIGNAL + stopped_by()) from interrupt


def _told(problem: Problem, *, as_json: bool = False, log: Write | None = None) -> typer.Exit:
    problems = [str(each) for each in each_of(problem)]
    if log:
        typer.echo(log(problems))
    if as_json:
        typer.echo(json.dumps({"problems": problems}, indent=2))
    else:
        for each in problems:
            tell(visible(each))
    return typer.Exit(INVALID_INPUT)
