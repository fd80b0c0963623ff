"""`bastion new`, step by step."""

import json
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from bastion import finishing
from bastion.choosing.again import Source, next_commands, reproducing_command
from bastion.choosing.order import Order
from bastion.choosing.summary import Summary
from bastion.choosing.wrapping import at_words
from bastion.speaking import progress, tell
from bastion.template import Template, open_template, refuse_unreleased
from bastion.temporary import temporary_folder
from bastion.terminals import can_be_shown, is_terminal
from bastion.visible import visible

if TYPE_CHECKING:
    from bastion.choosing.choice import Choice, Chooser

__all__ = ["Order", "create"]

DECLINED = 1


def create(order: Order) -> None:
    """Create the project, or raise a `Problem` and leave nothing behind.

    Args:
        order: The user's order.
    """
    refuse_unreleased(order.ref, order.template)
    if order.dry_run:
        _preview(order)
    else:
        _create(order)


def _preview(order: Order) -> None:
    with open_template(order.template, order.ref) as template, temporary_folder("bastion-") as room:
        chooser = _chooser(order, template)
        project = room / chooser.destination.path.name
        choice = _render(chooser, template, project)
        summary = Summary.of(project, choice.told)
    if order.as_json:
        _tell_machines(order, choice, summary, created=False, installed=False)
        return
    from bastion.choosing.shown import show_summary, show_tree

    show_tree(order.dest, summary)
    show_summary(summary, choice.meanings)
    _tell_commands("Nothing was written. To create it:", [_again(order, choice)])


def _create(order: Order) -> None:
    with ExitStack() as until_placed:
        with open_template(order.template, order.ref) as template:
            chooser = _chooser(order, template)
            destination = chooser.destination
            project = until_placed.enter_context(destination.staging())
            choice = _render(chooser, template, project)
        _let_look(order, choice, project)
        summary = Summary.of(project, choice.told) if order.as_json else None
        why_not_locked = _finish(order, project)
        destination.receive(project)
    installed = order.install and _install(destination.path, why_not_locked)
    if summary:
        _tell_machines(order, choice, summary, created=True, installed=installed)
    else:
        _tell_commands(f"{order.dest} is ready. {_first(choice)}:", next_commands(order.dest))
        _tell_commands("To make the same again, elsewhere:", [_again(order, choice)])


def _chooser(order: Order, template: Template) -> "Chooser":
    from bastion.choosing.choice import Chooser

    return Chooser(order, template)


def _render(chooser: "Chooser", template: Template, project: Path) -> "Choice":
    from bastion import rendering

    choice = chooser.choose()
    with progress("Rendering"):
        rendering.render(template, project, choice.answers)
    return choice


def _let_look(order: Order, choice: "Choice", project: Path) -> None:
    """Show the project if somebody can see it, and ask whether to go on."""
    if is_terminal(sys.stdout) and not order.as_json:
        from bastion.choosing.shown import show_summary

        show_summary(Summary.of(project, choice.told), choice.meanings)
    if order.may_ask:
        from bastion.choosing.asked import ask_to_go_on

        if not ask_to_go_on(order.dest, git=order.git, install=order.install):
            typer.echo("Nothing was written.")
            raise typer.Exit(DECLINED)


def _finish(order: Order, project: Path) -> str:
    """Finish the project before it is moved into place; return the reason if its dependencies could not be locked."""
    finishing.close_secret(project)
    why_not = ""
    if order.install:
        with progress("Locking the dependencies"):
            why_not = finishing.lock(project)
    if order.git:
        finishing.commit(project)
    return why_not


def _install(project: Path, why_not_locked: str) -> bool:
    why_not = why_not_locked or finishing.sync(project)
    if why_not:
        way = ", `python3 -m pip install uv` brings it" if why_not == finishing.NO_UV else ""
        tell(f"the project is complete but not installed ({visible(why_not)}): run `uv sync` in it{way}")
    return not why_not


def _first(choice: "Choice") -> str:
    """Name the servers without which the project does not start, if there are any."""
    if not choice.servers:
        return "Next"
    them = "it" if len(choice.servers) == 1 else "them"
    return f"It needs {' and '.join(choice.servers)}; README.md says how to start {them}. Next"


def _again(order: Order, choice: "Choice") -> str:
    left_out = [flag for flag, wanted in (("--no-git", order.git), ("--no-install", order.install)) if not wanted]
    return reproducing_command(order.dest, Source(order.template, order.ref), left_out, choice.decisive)


def _tell_commands(heading: str, commands: Sequence[str]) -> None:
    """Show lines to be copied, unbroken whatever the width of the terminal."""
    typer.echo(f"\n{at_words(heading, sys.stdout)}\n")
    for command in commands:
        typer.echo(f"    {command}")
    if not can_be_shown("".join(commands), sys.stdout):
        tell(
            "standard output lacks a character of that line and shows its number: set PYTHONIOENCODING=utf-8 to copy it"
        )


def _tell_machines(order: Order, choice: "Choice", summary: Summary, *, created: bool, installed: bool) -> None:
    done = {
        "created": created,
        "installed": installed,
        "next": next_commands(order.dest),
        "reproduce": _again(order, choice),
    }
    typer.echo(json.dumps({**summary.as_data(), **done}, indent=2))
