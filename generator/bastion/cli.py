"""The `bastion` command: its flags, its help, its exit codes.

Heavy imports wait until a command runs, so that help and completion answer at once.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from bastion.problems import INTERRUPTED, INVALID_INPUT, Problem

app = typer.Typer(name="bastion", no_args_is_help=True, pretty_exceptions_enable=False)


def _show_version(wanted: bool) -> None:  # noqa: FBT001 - how an option calls back
    if wanted:
        from importlib.metadata import version

        typer.echo(f"bastion {version('fastapi-bastion')}")
        raise typer.Exit


@app.callback()
def bastion(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Render a secured FastAPI project: what you ask for, tested, and nothing else."""


@app.command()
def new(  # noqa: PLR0913 - one parameter per flag
    dest: Annotated[str, typer.Argument(help="The folder to create.", show_default=False)],
    *,
    defaults: Annotated[bool, typer.Option("--defaults", help="Ask nothing; take the default answers.")] = False,
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
        typer.Option(metavar="REF", help="A tag, branch or commit of the template.", show_default=False),
    ] = None,
    git: Annotated[bool, typer.Option("--git/--no-git", help="Make a git repository with a first commit.")] = True,
    install: Annotated[bool, typer.Option("--install/--no-install", help="Install the project with uv.")] = True,
) -> None:
    """Create a new project in DEST.

    In a terminal it asks what the flags leave open. Elsewhere give --defaults, or --data for each question.
    Every answer is checked before anything is written, and DEST appears complete or not at all.
    """
    with _one_line_per_problem():
        from bastion.creation import Order, create

        create(
            Order(
                dest=dest,
                data=data or [],
                data_file=data_file,
                template=template,
                ref=ref,
                defaults=defaults,
                git=git,
                install=install,
            )
        )


@app.command()
def matrix(
    *,
    strength: Annotated[int, typer.Option(metavar="N", help="Any N answers meet in a row, if they can.")] = 2,
    shard: Annotated[str, typer.Option(metavar="I/N", help="Only the share of one of N machines.")] = "1/1",
    form: Annotated[str, typer.Option("--format", metavar="FORMAT", help="table, json or github.")] = "table",
    count: Annotated[bool, typer.Option("--count", help="Only count the valid combinations.")] = False,
    template: Annotated[
        Path | None, typer.Option(metavar="PATH", help="The folder of another template.", show_default=False)
    ] = None,
) -> None:
    """List the combinations of answers that stand for all: for those who maintain the template.

    Any two answers that can meet do meet in a row, and every condition of the template has each of its outcomes. As
    github it is the strategy.matrix of a workflow.
    """
    with _one_line_per_problem():
        from bastion.proof.showing import count_of, rows_of

        typer.echo(count_of(template) if count else rows_of(template, strength, shard, form))


@app.command()
def prove(  # noqa: PLR0913 - one parameter per flag
    *,
    strength: Annotated[int, typer.Option(min=1, help="Any so many answers meet in some row.")] = 2,
    everything: Annotated[bool, typer.Option("--all", help="Prove every valid combination.")] = False,
    only: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY=VALUE", help="Only rows with this answer; repeat it for more.", show_default=False),
    ] = None,
    shard: Annotated[str, typer.Option(metavar="I/N", help="The share of one of N machines.")] = "1/1",
    jobs: Annotated[
        int | None, typer.Option(min=1, help="How many rows at a time.", show_default="half the cores")
    ] = None,
    keep_going: Annotated[bool, typer.Option("--keep-going", help="Go on when a row has failed.")] = False,
    static: Annotated[bool, typer.Option("--static", help="Read every combination instead; nothing is run.")] = False,
    cached: Annotated[
        bool, typer.Option("--cache/--no-cache", help="Trust what was shown and cannot have changed.")
    ] = True,
    cache_dir: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Where environments and results are kept.", show_default="the user's cache"),
    ] = None,
    report: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write proof.json, JUnit and proof.html.", show_default=False)
    ] = None,
    template: Annotated[
        Path | None, typer.Option(metavar="PATH", help="The folder of another template.", show_default=False)
    ] = None,
) -> None:
    """Prove that combinations of answers work: for those who maintain the template.

    Each row is rendered, installed, held to its own checks and tests, and started with its real servers. The exit code
    is 1 when a row fails.
    """
    with _one_line_per_problem():
        from bastion.proof.prove import Order, prove
        from bastion.proof.selection import Wish

        raise typer.Exit(
            prove(
                Order(
                    wish=Wish(strength=strength, everything=everything, only=only or (), shard=shard),
                    jobs=jobs,
                    keep_going=keep_going,
                    static=static,
                    use_cache=cached,
                    cache=cache_dir,
                    template=template,
                    report=report,
                )
            )
        )


@contextmanager
def _one_line_per_problem() -> Iterator[None]:
    try:
        yield
    except Problem as problem:
        raise _told(problem) from problem
    except ModuleNotFoundError as missing:
        if str(missing.name).startswith(__package__):
            raise
        raise _told(Problem(f"{missing.name} is not installed", "install fastapi-bastion[proof]")) from missing
    except KeyboardInterrupt as interrupt:
        typer.echo("bastion: stopped", err=True)
        raise typer.Exit(INTERRUPTED) from interrupt


def _told(problem: Problem) -> typer.Exit:
    typer.echo(f"bastion: {problem}", err=True)
    return typer.Exit(INVALID_INPUT)
