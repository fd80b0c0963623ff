"""`bastion check`: its flags and its help."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from bastion.cli.telling import as_json as problems_as_json
from bastion.cli.telling import one_line_per_problem
from bastion.problems import Problem


def check(  # noqa: PLR0913 - one parameter per flag
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The project's folder.", show_default="here")] = Path(),
    *,
    run: Annotated[
        bool, typer.Option("--run/--no-run", help="Also run the project's own check of its settings, and so its code.")
    ] = True,
    offline: Annotated[bool, typer.Option("--offline", help="Do not look for a newer list of advisories.")] = False,
    advisories: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Read this list of advisories instead.", show_default=False)
    ] = None,
    template: Annotated[
        str | None,
        typer.Option(metavar="SRC", help="The fork that the project is from, if you trust it.", show_default=False),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False,
    as_sarif: Annotated[bool, typer.Option("--sarif", help="Write SARIF 2.1.0, for code scanning.")] = False,
) -> None:
    """Say whether a project is still as safe as its template.

    The files that carry a defence are compared with a fresh render; your own code is left alone. The answers file, the
    known advisories and the project's settings are checked too. This command writes nothing to the project. The
    project's own check may make `.env` readable by its owner only.

    The project judges its settings itself, in its own environment. With --no-run none of its code is run: use that for
    a project of people you do not trust.

    The exit code is 0 when there are no findings but notes, 1 when there are others, and 2 when nothing could be
    checked.
    """
    why_not = None if as_json == as_sarif else problems_as_json if as_json else _sarif
    with one_line_per_problem(write=why_not):
        from bastion.absolute import absolute
        from bastion.checking import sarif, telling
        from bastion.checking.check import Order, check

        if as_json and as_sarif:
            raise Problem("--json and --sarif are two forms of one report", "choose one")
        order = Order(folder=absolute(folder), template=template, advisories=advisories, offline=offline, run=run)
        report = check(order)
        write = telling.as_json if as_json else sarif.as_sarif if as_sarif else telling.as_text
        typer.echo(write(report))
        raise typer.Exit(0 if report.is_clean else 1)


def _sarif(problems: Sequence[str]) -> str:
    from bastion.checking.sarif import as_failure

    return as_failure(problems)
