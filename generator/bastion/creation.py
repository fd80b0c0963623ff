"""`bastion new`, step by step."""

import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import typer

from bastion import finishing
from bastion.answers import Answers, read_answers
from bastion.destination import Destination
from bastion.template import open_template


@dataclass(frozen=True, kw_only=True)
class Order:
    """What the user asked for, flag by flag."""

    dest: str
    data: Sequence[str] = ()
    data_file: Path | None = None
    template: str | None = None
    ref: str | None = None
    defaults: bool = False
    git: bool = True
    install: bool = True


def create(order: Order) -> None:
    """Create the project, or raise a `Problem` and leave nothing behind.

    Args:
        order: What the user asked for.
    """
    destination = Destination.at(order.dest)
    answers = read_answers(order.data, order.data_file)
    with destination.staging() as project:
        _render(order, answers, project)
        finishing.close_secret(project)
        locked = order.install and finishing.lock(project)
        if order.git:
            finishing.commit(project)
        destination.receive(project)
    if order.install and not (locked and finishing.sync(destination.path)):
        remedy = "run `uv sync` in it (`python3 -m pip install uv` brings uv)"
        typer.echo(f"bastion: the project is complete but not installed: {remedy}", err=True)
    _say_what_is_next(order)


def _render(order: Order, answers: Answers, project: Path) -> None:
    with open_template(order.template, order.ref) as template:
        from bastion import rendering

        questionnaire = rendering.read_questionnaire(template)
        understood = questionnaire.understand(answers)
        not_asked = rendering.not_asked(template, understood)
        questionnaire.refuse_needless(understood, not_asked)
        ask = not order.defaults and sys.stdin.isatty()
        if not ask and not order.defaults:
            questionnaire.require_all(understood, not_asked)
        not_asked = rendering.render(template, project, understood, defaults=not ask)
        # What was answered in the terminal may have settled a question that a flag had answered.
        questionnaire.refuse_needless(understood, not_asked)


def _say_what_is_next(order: Order) -> None:
    typer.echo(f"\n{order.dest} is ready. Next:\n")
    for command in (
        f"cd {shlex.quote(order.dest)}",
        "uv run pytest",
        "uv run python -m app.manage dev",
    ):
        typer.echo(f"    {command}")
