"""How a command reports a problem: one line on standard error, and the exit code."""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from io import TextIOWrapper

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
    """Turn a `Problem`, an `OSError` and Ctrl-C into one line and an exit code.

    Any other exception ends with Python's exit code 1, which from `bastion check` means that there are findings.

    Args:
        write: Writes the problems to standard output for a machine; JSON replaces the lines for people.
    """
    heed_signals()
    _escape_what_stdout_lacks()
    try:
        yield
    except Problem as problem:
        raise _told(problem, write) from problem
    except ModuleNotFoundError as missing:
        if str(missing.name).startswith("bastion"):
            raise
        raise _told(_not_installed(str(missing.name)), write) from missing
    except BrokenPipeError:  # the reader has closed the pipe; Typer ends quietly then
        raise
    except OSError as error:
        what = f"cannot use {error.filename}" if error.filename else "cannot go on"
        raise _told(Problem.of_the_system(what, error, "mend that, and try again"), write) from error
    except KeyboardInterrupt as interrupt:
        ignore_signals()
        typer.echo("bastion: stopped", err=True)
        raise typer.Exit(STOPPED_BY_SIGNAL + stopped_by()) from interrupt


def _escape_what_stdout_lacks() -> None:
    """Have standard output do as standard error does: names and lines of others may hold any character."""
    if isinstance(sys.stdout, TextIOWrapper) and sys.stdout.errors == "strict":
        sys.stdout.reconfigure(errors="backslashreplace")


def _not_installed(module: str) -> Problem:
    """Name the package to install for a module: the extra `proof`, or else the command itself."""
    from importlib.metadata import requires

    name = module.partition(".")[0].replace("_", "-")
    of_the_extra = [each for each in requires("fastapi-bastion") or [] if each.startswith(name) and "extra ==" in each]
    remedy = "install fastapi-bastion[proof]" if of_the_extra else "install fastapi-bastion and its dependencies again"
    return Problem(f"{module} is not installed", remedy)


def _told(problem: Problem, write: Write | None) -> typer.Exit:
    problems = [str(each) for each in each_of(problem)]
    heard = write is not None and _is_heard(write(problems))
    if not (heard and write is as_json):
        for each in problems:
            tell(visible(each))
    return typer.Exit(INVALID_INPUT)


def _is_heard(text: str) -> bool:
    """Write to standard output and say whether that was possible: its disk may be full, or it is closed."""
    try:
        typer.echo(text)
    except OSError:
        return False
    return sys.stdout is not None
