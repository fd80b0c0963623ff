"""A terminal as a person sees it: what is on the screen in the end, after all that was drawn over."""

import time
from collections.abc import Mapping
from pathlib import Path

import pexpect
import pyte

ENTER, DOWN, UP, SPACE, BACKSPACE = "\r", "\x1b[B", "\x1b[A", " ", "\x7f"
CONTROL_C, CONTROL_D, CONTROL_U = "\x03", "\x04", "\x15"
HIGH_ENOUGH_TO_SCROLL_NEVER = 300
TERM = "xterm-256color"


class _Screen(pyte.Screen):
    """What pyte draws, with a way back to the command."""

    def __init__(self, columns: int, child: "pexpect.spawn[bytes]") -> None:
        super().__init__(columns, HIGH_ENOUGH_TO_SCROLL_NEVER)
        self._child = child

    def write_process_input(self, data: str) -> None:
        """Answer the command: prompts ask the terminal where the cursor is."""
        self._child.send(data)


class Terminal:
    """A command in a terminal, and somebody in front of it."""

    def __init__(self, *command: str, cwd: Path, env: Mapping[str, str], columns: int = 100) -> None:
        self._child: pexpect.spawn[bytes] = pexpect.spawn(
            command[0],
            list(command[1:]),
            cwd=str(cwd),
            # The terminal's own size counts, whatever the one has in which the tests run.
            env={name: value for name, value in env.items() if name not in {"COLUMNS", "LINES"}} | {"TERM": TERM},
            dimensions=(HIGH_ENOUGH_TO_SCROLL_NEVER, columns),
        )
        self.received = b""
        self._screen = _Screen(columns, self._child)
        self._stream = pyte.ByteStream(self._screen)

    def lines(self) -> list[str]:
        """Give what is on the screen, up to the last line with something in it."""
        return "\n".join(line.rstrip() for line in self._screen.display).rstrip("\n").split("\n")

    def wait_for(self, text: str, seconds: float = 60) -> None:
        """Watch until a text is on the screen."""
        until = time.monotonic() + seconds
        while text not in "\n".join(self.lines()):
            assert self._watch(), "\n".join(self.lines())
            assert time.monotonic() < until, "\n".join(self.lines())

    def send(self, keys: str) -> None:
        """Press keys."""
        self._child.send(keys)

    def end(self, seconds: float = 600) -> int | None:
        """Watch until the command has ended, and give its exit code."""
        until = time.monotonic() + seconds
        while self._watch():
            assert time.monotonic() < until, "\n".join(self.lines())
        self._child.close()
        return self._child.exitstatus

    def _watch(self) -> bool:
        """Draw what has come; False when no more will."""
        try:
            content = self._child.read_nonblocking(65536, timeout=0.2)
        except pexpect.TIMEOUT:
            return True
        except pexpect.EOF:
            return False
        self.received += content
        self._stream.feed(content)
        return True
