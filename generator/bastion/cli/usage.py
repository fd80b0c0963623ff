"""A mistake in the flags is bad input like any other: one line that says what to do, and exit code 2."""

import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from typer.core import TyperGroup
from typer.exceptions import TyperException

from bastion.cli.telling import tell
from bastion.problems import INVALID_INPUT


class OneLineUsage(TyperGroup):
    """A group of commands that tells a mistake in one line, where Typer takes four."""

    def main(self, args: Sequence[str] | None = None, *given: Any, **more: Any) -> NoReturn:  # noqa: ANN401 - handed on
        """Run a command, or help whoever names none, and leave with the exit code.

        Args:
            args: What was written behind `bastion`; None means what was given to this process.
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
        missing = getattr(mistake, "param", None)
        remedy = f"write `{command} {getattr(missing, 'metavar', None) or getattr(missing, 'name', '')}`; {remedy}"
    if asked_for.startswith("-") and not asked_for.startswith("--"):
        remedy += f"; a folder of that name is ./{asked_for}"
    tell(f"{said}{'' if said.endswith('?') else ':'} {remedy}")
