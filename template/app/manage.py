"""`python -m app.manage <command>`: one door to everything, the same on Linux, macOS and Windows."""

import asyncio
import os
import sys
from argparse import ArgumentParser, Namespace

from sqlalchemy.exc import ProgrammingError

from app.core import project_commands
from app.core.env_file import EnvFile
from app.core.errors import NOT_REACHED
from app.core.kernel import Kernel
from app.core.settings import ENV_FILE, SettingsError
from app.core.slices import Command
from app.core.start import install_all, load_settings
from app.core.terminal import complain
from app.main import DATABASE, NAME, SLICES

_REMEDY = "Is DATABASE_URL right? Then bring it up to date: python -m app.manage migrate"
_INTERRUPTED = 128 + 2
"""What a shell says of a command that Ctrl-C has ended."""


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return its exit code."""
    # What is written from here on, `.env` and a database in a file among it, is nobody else's to read.
    os.umask(0o077)
    warning = EnvFile(ENV_FILE).keep_private()
    if warning:
        complain(warning)
    of_project = {command.name: command for command in project_commands.COMMANDS}
    of_slices = {command.name: command for each in SLICES for command in each.commands}
    parser = _parser([*of_project.values(), *of_slices.values()])
    given, given.rest = parser.parse_known_args(arguments)
    if given.rest and given.command != "test":
        parser.error(f"unrecognized arguments: {' '.join(given.rest)}")
    try:
        if given.command in of_project:
            return of_project[given.command].run(given)
        return asyncio.run(_run(of_slices[given.command], given))
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
    except (*NOT_REACHED, ProgrammingError) as error:
        # What the driver says may quote the address it was given, password included.
        sys.stderr.write(f"The database cannot be used: {type(error).__name__}. {_REMEDY}\n")
    except KeyboardInterrupt:
        return _INTERRUPTED
    return 1


def _parser(known: list[project_commands.ProjectCommand | Command]) -> ArgumentParser:
    parser = ArgumentParser(prog="python -m app.manage", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command in known:
        command.arguments(commands.add_parser(command.name, help=command.help, description=command.help))
    return parser


async def _run(command: Command, given: Namespace) -> int:
    kernel = Kernel(name=NAME, settings=load_settings(SLICES, DATABASE), database=DATABASE)
    # Whoever runs `reset-password` in a script takes the code from the output, and nothing else may stand there.
    install_all(SLICES, kernel, log_to=sys.stderr)
    try:
        await kernel.prepared()
        return await command.run(kernel, given)
    finally:
        await kernel.flush()
        await kernel.close()


if __name__ == "__main__":
    sys.exit(main())
