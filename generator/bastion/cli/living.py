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
    typer.Option(
        "--template", metavar="SRC", help="The address of the project's template, if it is a fork that you trust."
    ),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would change, and change nothing.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing.")]
Weaken = Annotated[
    bool, typer.Option("--yes-weaken", help="Allow the change to take away a defence that users may rely on.")
]

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

    The git tree has to be clean. It is changed in one step, or not at all; the changes are staged for you to commit.
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

    The tables of a removed feature stay in the database, with their rows. Files of the feature are deleted even if you
    edited them; git still has them.
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

    An old answer is forgotten if its question is not asked any more. New questions are asked in a terminal; without one
    they get their default. No data are moved between databases.
    """
    _change("set", pairs, project, template, dry_run=dry_run, yes=yes, yes_weaken=yes_weaken)


def update(  # noqa: PLR0913 - one parameter per flag
    *,
    ref: Annotated[
        str | None,
        typer.Option(metavar="REF", help="The version to bring the project to.", show_default="this command's"),
    ] = None,
    project: Project = HERE,
    template: Source = None,
    dry_run: DryRun = False,
    yes: Yes = False,
    yes_weaken: Weaken = False,
) -> None:
    """Bring a project to a later version, your edits kept.

    The version is a release of the project's template. New questions are asked in a terminal; without one they get
    their default.
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
