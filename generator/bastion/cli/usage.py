"""A mistake in the flags is bad input like any other: one line that says what to do, and exit code 2."""

import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from typer.core import TyperGroup
from typer.exceptions import TyperException

from bastion.problems import INVALID_INPUT
from bastion.speaking import tell


class OneLineUsage(TyperGroup):
    """A group of commands that tells a mistake in one line, where Typer takes four."""

    def main(self, args: Sequence[str] | None = None, *given: Any, **more: Any) -> NoReturn:  # noqa: ANN401 - handed on
        """Run a command, or show the help if none is named, and leave with the exit code.

        Args:
            args: The words behind `bastion`; None means the arguments of this process.
            given: Handed on to Typer.
            more: The same.
        """
        asked = list(sys.argv[1:] if args is None else args) or ["--help"]
        try:
            code = super().main(asked, *given, **{**more, "standalone_mode": False})
        except TyperException as mistake:
            _tell(mistake)
            code = INVALID_INPUT
        sys.exit(code)


def _tell(mistake: TyperException) -> None:
    context = getattr(mistake, "ctx", None)
    said = " ".join(mistake.format_message().split()).rstrip(".")
    asked_for = getattr(mistake, "option_name", "")
    command = context.command_path if context else "bastion"
    remedy = f"`{command} --help` lists what there is"
    if said.startswith("Missing argument"):
        remedy = _with_argument(command, getattr(mistake, "param", None), remedy)
    if asked_for.startswith("-") and not asked_for.startswith("--"):
        remedy += f"; write a folder of that name as ./{asked_for}"
    tell(f"{said}{'' if said.endswith('?') else ':'} {remedy}")


def _with_argument(command: str, missing: object, remedy: str) -> str:
    """Say how the command is written, and which command shows the words for its argument."""
    name = getattr(missing, "metavar", None) or getattr(missing, "name", "")
    meaning = str(getattr(missing, "help", None) or "")
    shown = "`bastion " in meaning
    where = f", {meaning[0].lower()}{meaning[1:].rstrip('.')}" if shown else f"; {remedy}"
    return f"write `{command} {name}`{where}"
