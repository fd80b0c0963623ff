"""Reads and changes `.env`: one line a setting, its comments kept, readable by its owner only."""

import os
import secrets
from io import StringIO
from pathlib import Path

from dotenv import dotenv_values
from dotenv.parser import parse_stream


def _blank_lines_before(entry: str) -> str:
    """Return what the parser counts to an entry although it stands before it."""
    return entry[: len(entry) - len(entry.lstrip())].rstrip(" \t")


def _ended(text: str) -> str:
    return text if not text or text.endswith("\n") else f"{text}\n"


def new_secret_key() -> str:
    """Return a root secret of 256 bits, as 64 hexadecimal digits."""
    return secrets.token_hex(32)


class EnvFile:
    """A file of `NAME=value` lines. Capitals make no difference in a name, as in the settings."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def get(self, name: str) -> str:
        """Return the value of `name`, empty when it is unset. Of several the last one counts."""
        return {key.upper(): value for key, value in dotenv_values(self.path).items()}.get(name) or ""

    def set(self, name: str, value: str) -> None:
        """Give `name` a value where its last one stood, or at the end. No other is left: it might be an old secret."""
        text = self.path.read_text(encoding="utf-8") if self.path.exists() else ""
        kept: list[str] = []
        place = None
        # By the parser that reads it: a value in quotes may go on over several lines.
        for entry in parse_stream(StringIO(text)):
            old = entry.original.string
            if (entry.key or "").upper() == name:
                old, place = _blank_lines_before(old), len(kept) + 1
            kept.append(_ended(old))
        kept.insert(len(kept) if place is None else place, f"{name}={value}\n")
        self._write("".join(kept))

    def keep_private(self) -> None:
        """Let nobody but its owner read the file, however it came here."""
        if self.path.exists():
            self.path.chmod(0o600)

    def create_from(self, example: Path) -> None:
        """Write the file as a copy of `example`."""
        self._write(example.read_text(encoding="utf-8"))

    def _write(self, text: str) -> None:
        """Replace the file in one step, with mode 0600 from the first byte on."""
        temporary = self.path.with_name(f"{self.path.name}.new")
        temporary.unlink(missing_ok=True)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        temporary.replace(self.path)
