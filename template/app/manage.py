"""`python -m app.manage <command>`: one door to everything, the same on Linux, macOS and Windows."""

import asyncio
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterable

from app.core import project_commands
from app.core.kernel import Kernel
from app.core.settings import SettingsError
from app.core.slices import Command
from app.core.start import install_all, load_settings
from app.main import DATABASE, NAME, SLICES

ProjectCommand = tuple[str, str, Callable[[ArgumentParser], object], Callable[[Namespace], int]]


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return its exit code."""
    slice_commands = _slice_commands()
    given = _parser(slice_commands).parse_args(arguments)
    try:
        for name, _, _, run in project_commands.COMMANDS:
            if name == given.command:
                return run(given)
        return asyncio.run(_run(slice_commands[given.command], given))
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 1


def _slice_commands() -> dict[str, Command]:
    return {command.name: command for each in SLICES for command in each.commands}


def _parser(slice_commands: dict[str, Command]) -> ArgumentParser:
    parser = ArgumentParser(prog="python -m app.manage", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    project: Iterable[ProjectCommand] = project_commands.COMMANDS
    for name, text, add_arguments, _ in project:
        add_arguments(commands.add_parser(name, help=text, description=text))
    for command in slice_commands.values():
        command.arguments(commands.add_parser(command.name, help=command.help, description=command.help))
    return parser


async def _run(command: Command, given: Namespace) -> int:
    kernel = Kernel(name=NAME, settings=load_settings(SLICES, DATABASE), database=DATABASE)
    install_all(SLICES, kernel)
    try:
        return await command.run(kernel, given)
    finally:
        await kernel.flush()
        await kernel.store.engine.dispose()


if __name__ == "__main__":
    sys.exit(main())
