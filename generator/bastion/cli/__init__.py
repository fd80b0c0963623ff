"""The `bastion` command: its help, and one module for each family of commands with their flags.

Heavy imports wait until a command runs, so that help and completion answer at once.
"""

from typing import Annotated

import typer

from bastion.cli.checking import check
from bastion.cli.knowing import explain, features
from bastion.cli.living import add, remove, set_, update
from bastion.cli.new import new
from bastion.cli.proof import matrix, prove
from bastion.cli.usage import OneLineUsage

# Without Rich: drawing its frames would make help take three times as long.
app = typer.Typer(name="bastion", cls=OneLineUsage, pretty_exceptions_enable=False, rich_markup_mode=None)


def _show_version(wanted: bool) -> None:  # noqa: FBT001 - how an option calls back
    if wanted:
        from bastion.versions import own_version

        typer.echo(f"bastion {own_version()}")
        raise typer.Exit


@app.callback()
def bastion(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Render a secured FastAPI project: what you ask for, tested, and nothing else."""


for command in (new, features, explain, add, remove, set_, update, check, matrix, prove):
    app.command(command.__name__.rstrip("_"))(command)
