"""`bastion add`, `remove`, `set` and `update`: for a project that was rendered before."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from bastion.cli.telling import one_line_per_problem

Features = Annotated[
    list[str],
    typer.Argument(metavar="FEATURE...", help="Names of features, which `bastion features` shows.", show_default=False),
]
Project = Annotated[Path, typer.Option(metavar="DIR", help="The project's folder.", show_default="the current folder")]
Source = Annotated[
    str | None,
    typer.Option("--template", metavar="SRC", help="The project's template, if you trust it and it is not this one."),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would change, and change nothing.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing.")]
Weaken = Annotated[bool, typer.Option("--yes-weaken", help="Take away a defence that users may rely on.")]

HERE = Path()


def add(  # noqa: PLR0913 - one parameter per flag
    features: Features,
    *,
    project: Project = HERE,
    template: Source = None,
    dry_run: DryRun = False,
    yes: Yes = False,
    yes_weaken: Weaken = False,
) -> None:
    """Add features to a project, your edits kept.

    The git tree has to be clean. It is changed in one step, or not at all; what changed is staged, for you to commit.
    """
    _change("add", features, project, template, dry_run=dry_run, yes=yes, yes_weaken=yes_weaken)


def remove(  # noqa: PLR0913 - one parameter per flag
    features: Features,
    *,
    project: Project = HERE,
    template: Source = None,
    dry_run: DryRun = False,
    yes: Yes = False,
    yes_weaken: Weaken = False,
) -> None:
    """Remove features from a project, your edits elsewhere kept.

    Tables of what is removed stay in the database, and what is in them. A file of it that you edited goes; git has it.
    """
    _change("remove", features, project, template, dry_run=dry_run, yes=yes, yes_weaken=yes_weaken)


def set_(  # noqa: PLR0913 - one parameter per flag
    pairs: Annotated[
        list[str], typer.Argument(metavar="KEY=VALUE...", help="Questions and other answers.", show_default=False)
    ],
    *,
    project: Project = HERE,
    template: Source = None,
    dry_run: DryRun = False,
    yes: Yes = False,
    yes_weaken: Weaken = False,
) -> None:
    """Answer questions of a project anew, your edits kept.

    A question that the new answers settle is forgotten; one that they open is asked, or has its default. No data moves.
    """
    _change("set", pairs, project, template, dry_run=dry_run, yes=yes, yes_weaken=yes_weaken)


def update(  # noqa: PLR0913 - one parameter per flag
    *,
    ref: Annotated[
        str | None,
        typer.Option(metavar="REF", help="The version to bring it to.", show_default="this command's"),
    ] = None,
    project: Project = HERE,
    template: Source = None,
    dry_run: DryRun = False,
    yes: Yes = False,
    yes_weaken: Weaken = False,
) -> None:
    """Bring a project to a later version, your edits kept.

    It is a version of its template. Questions that are new there are asked in a terminal, and have their default
    elsewhere.
    """
    words = ["to", ref] if ref else []
    _change("update", words, project, template, ref=ref, dry_run=dry_run, yes=yes, yes_weaken=yes_weaken)


def _change(  # noqa: PLR0913 - one parameter per flag
    command: str,
    words: Sequence[str],
    project: Path,
    template: str | None,
    *,
    ref: str | None = None,
    dry_run: bool,
    yes: bool,
    yes_weaken: bool,
) -> None:
    with one_line_per_problem():
        from bastion.absolute import absolute
        from bastion.living.change import Order, change
        from bastion.living.wishes import WISHES

        raise typer.Exit(
            change(
                Order(
                    said=" ".join((command, *words)),
                    folder=absolute(project),
                    wish=WISHES[command](words),
                    update=command == "update",
                    ref=ref,
                    template=template,
                    dry_run=dry_run,
                    yes=yes,
                    yes_weaken=yes_weaken,
                )
            )
        )
