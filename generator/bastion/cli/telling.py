"""How a command tells what went wrong: one line on standard error, and the exit code."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import typer

from bastion.mistakes import each_of
from bastion.problems import INVALID_INPUT, STOPPED_BY_SIGNAL, Problem
from bastion.speaking import tell
from bastion.stopping import heed_signals, ignore_signals, stopped_by
from bastion.visible import visible

Write = Callable[[Sequence[str]], str]
"""Writes problems in a form for machines."""


def as_json(problems: Sequence[str]) -> str:
    """Write problems as JSON.

    Args:
        problems: One line each.
    """
    return json.dumps({"problems": list(problems)}, indent=2)


@contextmanager
def one_line_per_problem(*, write: Write | None = None) -> Iterator[None]:
    """Turn a `Problem` and Ctrl-C into one line and an exit code.

    Args:
        write: Writes on standard output for a machine; JSON takes the place of the lines for people.
    """
    heed_signals()
    try:
        yield
    except Problem as problem:
        raise _told(problem, write) from problem
    except ModuleNotFoundError as missing:
        if str(missing.name).startswith("bastion"):
            raise
        needed = Problem(f"{missing.name} is not installed", "install fastapi-bastion[proof]")
        raise _told(needed, write) from missing
    except KeyboardInterrupt as interrupt:
        ignore_signals()
        typer.echo("bastion: stopped", err=True)
        raise typer.Exit(STOPPED_BY_SIGNAL + stopped_by()) from interrupt


def _told(problem: Problem, write: Write | None) -> typer.Exit:
    problems = [str(each) for each in each_of(problem)]
    if write:
        typer.echo(write(problems))
    if write is not as_json:
        for each in problems:
            tell(visible(each))
    return typer.Exit(INVALID_INPUT)
