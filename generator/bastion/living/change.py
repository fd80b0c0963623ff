"""The dialogue behind `bastion add`, `remove`, `set` and `update`: show, ask, apply, tell what is next."""

from dataclasses import dataclass
from pathlib import Path

import typer

from bastion.living import showing
from bastion.living.plan import Plan
from bastion.living.repository import Repository
from bastion.living.wishes import Wish
from bastion.problems import Problem
from bastion.project import RenderedProject
from bastion.speaking import somebody_answers
from bastion.stopping import ignore_signals
from bastion.template import refuse_unreleased
from bastion.versions import own_tag
from bastion.visible import visible

DONE, UNDECIDED = 0, 1


@dataclass(frozen=True, kw_only=True)
class Order:
    """The user's order, flag by flag."""

    said: str
    """The command as a person would say it, like `add NAME`: the name of its commit and its migration."""

    folder: Path
    wish: Wish
    update: bool
    ref: str | None
    template: str | None
    dry_run: bool
    yes: bool
    yes_weaken: bool

    @property
    def asks(self) -> bool:
        """Whether somebody is there to be asked."""
        return not self.yes and somebody_answers()


def change(order: Order) -> int:
    """Change a project, or raise a `Problem` and leave it as it was.

    Args:
        order: The user's order.

    Returns:
        The exit code: 1 if the user has conflicts to solve, or said no.
    """
    project = RenderedProject.at(order.folder, order.template)
    repository = Repository.around(project.folder)
    plan = _made(order, project, repository)
    if plan is None:
        typer.echo(f"Nothing to do: `{order.said}` would not change the project, which is of {visible(project.ref)}.")
        return DONE
    showing.show(plan, order.said)
    needs_a_word = bool(plan.weakened) and not order.yes_weaken
    if order.dry_run:
        more = " Without --dry-run this needs --yes-weaken." if needs_a_word else ""
        typer.echo(f"\nA dry run: nothing was changed.{more}")
        return DONE
    if needs_a_word:
        raise Problem(showing.warning(plan), "add --yes-weaken if that is what you want")
    if order.asks and not _agreed():
        typer.echo("Nothing was changed.")
        return UNDECIDED
    # From here on the change is made: a late Ctrl-C must not look as if it had stopped the change.
    ignore_signals()
    unswept = repository.apply(plan.outcome)
    showing.tell_what_is_next(plan, order.said, repository, project.folder, unswept)
    return UNDECIDED if plan.outcome.conflicts else DONE


def _made(order: Order, project: RenderedProject, repository: Repository) -> Plan | None:
    refuse_unreleased(order.ref, order.template)
    target = (order.ref or own_tag()) if order.update else project.ref
    with project.template(target) as template:
        from bastion.living.making import Change, make

        return make(
            Change(
                project=project,
                repository=repository,
                template=template,
                wish=order.wish,
                asks=order.asks and not order.dry_run,
            )
        )


def _agreed() -> bool:
    try:
        return typer.confirm("\nMake these changes?", default=True)
    except typer.Abort as stopped:
        raise KeyboardInterrupt from stopped
