"""`python -m app.manage`, run in the process of the tests."""

import io
from collections.abc import Awaitable, Callable

import pytest
from anyio import to_thread

from app import manage

Manage = Callable[..., Awaitable[tuple[int, str, str]]]
"""Takes the arguments of a command, and `typed` for what stands on its input; gives exit code, output and errors.

The errors are without the log, which stands among them.
"""


def in_this_process(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Manage:
    """Return what runs a command on the database of the test."""

    async def run_command(*arguments: str, typed: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        capsys.readouterr()
        code = await to_thread.run_sync(manage.main, list(arguments))
        shown = capsys.readouterr()
        return code, shown.out, "".join(line for line in shown.err.splitlines(keepends=True) if line[0] != "{")

    return run_command
