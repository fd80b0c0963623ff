"""The recording in the README, of a real session in a terminal: `python -m tests.support.recording`.

Somebody types the command, takes a preset, answers, looks at the summary and agrees. What the terminal shows in the end
is written between two markers; a test fails when the command shows something else.
"""

import re
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.support.checkout import ROOT, questions
from tests.support.commands import BASTION, environment
from tests.support.screens import CONTROL_U, DOWN, ENTER, Terminal

BEGIN, END = "<!-- recording: written by `python -m tests.support.recording` -->", "<!-- /recording -->"

_BLOCK = re.compile(re.escape(BEGIN) + r".*?" + re.escape(END), re.DOTALL)
_COLUMNS = 120
_COMMAND = ("new", "shop", "--no-install")
_KEYS = {"project_name": CONTROL_U + "Shop" + ENTER, "rate_limit": ENTER}
_TWICE_DOWN_TO_SPA = DOWN + DOWN + ENTER


def recorded() -> str:
    """Go through a session and give what the terminal shows in the end."""
    with TemporaryDirectory() as folder:
        terminal = Terminal(*BASTION, *_COMMAND, cwd=Path(folder), env=environment(), columns=_COLUMNS)
        terminal.wait_for("Which preset")
        terminal.send(_TWICE_DOWN_TO_SPA)
        for name in ("project_name", "database", "rate_limit", "ci"):
            terminal.wait_for(questions()[name]["help"].splitlines()[0])
            terminal.send(_KEYS.get(name, ENTER))
        terminal.wait_for("Create shop, with a git repository?")
        terminal.send(ENTER)
        assert terminal.end() == 0
    return "\n".join((f"$ bastion {' '.join(_COMMAND)}", *terminal.lines()))


def replaced(readme: str) -> str:
    """Return the README with a new recording."""
    block = f"{BEGIN}\n\n```\n{recorded()}\n```\n\n{END}"
    return _BLOCK.sub(lambda _: block, readme)


def main() -> None:
    readme = ROOT / "README.md"
    readme.write_text(replaced(readme.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
