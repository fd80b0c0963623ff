"""The command in a real terminal of the usual width."""

import re
import tempfile

from tests.support.commands import BASTION, environment

COLUMNS = 80
BARE_TERMINAL = {"TERM": "xterm", "PROMPT_TOOLKIT_NO_CPR": "1"}
"""One that does not say where its cursor is: prompts would wait a second for that, each time."""


def in_a_terminal(*arguments: str, **variables: str) -> str:
    """Run the command to its end, and give what the terminal was sent."""
    import pexpect  # noqa: PLC0415 - there are none on Windows

    child = pexpect.spawn(
        BASTION[0],
        list(arguments),
        cwd=tempfile.gettempdir(),
        env={**environment({"TERM": "xterm-256color"}), **variables},
        dimensions=(24, COLUMNS),
        encoding="utf-8",
        timeout=120,
    )
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0, child.before
    return str(child.before).replace("\r\n", "\n")


def without_colours(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text)
