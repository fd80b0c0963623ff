"""`bastion new`: its flags and its help."""

from pathlib import Path
from typing import Annotated

import typer

from bastion.cli import telling
from bastion.cli.telling import one_line_per_problem


def _presets() -> list[str]:
    from bastion.template import own_data

    return [file.stem for file in (own_data() / "presets").glob("*.yml")]


def new(  # noqa: PLR0913 - one parameter per flag
    dest: Annotated[str, typer.Argument(help="The folder to create.", show_default=False)],
    *,
    defaults: Annotated[bool, typer.Option("--defaults", help="Ask nothing; take the default answers.")] = False,
    preset: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="Start from the answers of a preset (see `bastion features`); --data-file and --data win.",
            autocompletion=_presets,
            show_default=False,
        ),
    ] = None,
    data: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY=VALUE", help="Answer a question; repeat it for more.", show_default=False),
    ] = None,
    data_file: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Answer questions from a YAML file; --data wins.", show_default=False),
    ] = None,
    template: Annotated[
        str | None,
        typer.Option(metavar="SRC", help="Another template, by folder or git address.", show_default=False),
    ] = None,
    ref: Annotated[
        str | None,
        typer.Option(
            metavar="REF",
            help="A release of the template; with --template also a branch or commit.",
            show_default=False,
        ),
    ] = None,
    git: Annotated[bool, typer.Option("--git/--no-git", help="Make a git repository with a first commit.")] = True,
    install: Annotated[bool, typer.Option("--install/--no-install", help="Install the project with uv.")] = True,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be created, and write nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Ask nothing, and write one JSON object.")] = False,
) -> None:
    """Create a new project in DEST.

    In a terminal it asks for a preset and for the answers that are missing, and shows what it will write. Without a
    terminal give --defaults, or --data for each question. Every answer is checked before anything is written, and DEST
    appears complete or not at all.
    """
    with one_line_per_problem(write=telling.as_json if as_json else None):
        from bastion.creation import Order, create

        create(
            Order(
                dest=dest,
                presets=preset or [],
                data=data or [],
                data_file=data_file,
                template=template,
                ref=ref,
                defaults=defaults,
                git=git,
                install=install,
                dry_run=dry_run,
                as_json=as_json,
            )
        )
