"""`bastion matrix` and `bastion prove`: for those who maintain the template."""

from pathlib import Path
from typing import Annotated

import typer

from bastion.cli.telling import one_line_per_problem


def matrix(
    *,
    strength: Annotated[int, typer.Option(metavar="N", help="Any N answers meet in a row, if they can.")] = 2,
    shard: Annotated[str, typer.Option(metavar="I/N", help="Only share I of N, for one of N machines.")] = "1/1",
    form: Annotated[str, typer.Option("--format", metavar="FORMAT", help="table, json or github.")] = "table",
    count: Annotated[
        bool, typer.Option("--count", help="Only count the valid combinations; as a table or json.")
    ] = False,
    template: Annotated[
        Path | None, typer.Option(metavar="PATH", help="The folder of another template.", show_default=False)
    ] = None,
) -> None:
    """For maintainers: list the combinations that stand for all.

    Any two answers that can meet do meet in a row, and every condition of the template has each of its outcomes.
    With --format github it is the strategy.matrix of a workflow.
    """
    with one_line_per_problem():
        from bastion.proof.selection import Wish
        from bastion.proof.showing import count_of, rows_of

        typer.echo((count_of if count else rows_of)(template, Wish(strength=strength, shard=shard), form))


def prove(  # noqa: PLR0913 - one parameter per flag
    *,
    strength: Annotated[int, typer.Option(metavar="N", help="Any N answers meet in a row, if they can.")] = 2,
    everything: Annotated[bool, typer.Option("--all", help="Prove every valid combination.")] = False,
    only: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY=VALUE", help="Only rows with this answer; repeat it for more.", show_default=False),
    ] = None,
    shard: Annotated[str, typer.Option(metavar="I/N", help="Only share I of N, for one of N machines.")] = "1/1",
    jobs: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="How many rows at a time.", show_default="one for each core")
    ] = None,
    keep_going: Annotated[bool, typer.Option("--keep-going", help="Go on when a row has failed.")] = False,
    static: Annotated[bool, typer.Option("--static", help="Read every combination instead; nothing is run.")] = False,
    cached: Annotated[bool, typer.Option("--cache/--no-cache", help="Reuse results that cannot have changed.")] = True,
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
    """For maintainers: prove that combinations of answers work.

    Each row is rendered, installed, checked, tested, and started with its real servers. The exit code is 1 when a row
    fails.
    """
    with one_line_per_problem():
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
