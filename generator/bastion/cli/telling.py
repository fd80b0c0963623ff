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
    """Turn a `Problem`, what the system refuses, and Ctrl-C into one line and an exit code.

    Python's own exit code for what nobody expected is 1, and of `bastion check` that says that something was found.

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
        raise _told(_not_installed(str(missing.name)), write) from missing
    except BrokenPipeError:  # who reads has seen enough, which Typer knows how to end
        raise
    except OSError as error:
        what = f"cannot use {error.filename}" if error.filename else "cannot go on"
        raise _told(Problem.of_the_system(what, error, "mend that, and try again"), write) from error
    except KeyboardInterrupt as interrupt:
        ignore_signals()
        typer.echo("bastion: stopped", err=True)
        raise typer.Exit(STOPPED_BY_SIGNAL + stopped_by()) from interrupt


def _not_installed(module: str) -> Problem:
    """Name what brings a module: the extra for those who maintain a template, or else the command itself."""
    from importlib.metadata import requires

    name = module.partition(".")[0].replace("_", "-")
    of_the_extra = [each for each in requires("fastapi-bastion") or [] if each.startswith(name) and "extra ==" in each]
    remedy = "install fastapi-bastion[proof]" if of_the_extra else "install fastapi-bastion again, with all it needs"
    return Problem(f"{module} is not installed", remedy)


def _told(problem: Problem, write: Write | None) -> typer.Exit:
    problems = [str(each) for each in each_of(problem)]
    heard = write is not None and _is_heard(write(problems))
    if not (heard and write is as_json):
        for each in problems:
            tell(visible(each))
    return typer.Exit(INVALID_INPUT)


def _is_heard(text: str) -> bool:
    """Write on standard output, which may be the very thing that is full, and say whether that was possible."""
    try:
        typer.echo(text)
    except OSError:
        return False
    return True
