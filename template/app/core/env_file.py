"""Reads and changes `.env`: one line a setting, its comments kept, readable by its owner only."""

import os
import secrets
from pathlib import Path

from dotenv import dotenv_values


def new_secret_key() -> str:
    """Return a root secret of 256 bits, as 64 hexadecimal digits."""
    return secrets.token_hex(32)


class EnvFile:
    """A file of `NAME=value` lines."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def get(self, name: str) -> str:
        """Return the value of `name`, empty when it is unset."""
        return dotenv_values(self.path).get(name) or ""

    def set(self, name: str, value: str) -> None:
        """Give `name` a value, in its own line or a new one at the end."""
        lines = self.path.read_text(encoding="utf-8").splitlines() if self.path.exists() else []
        line = f"{name}={value}"
        places = [i for i, old in enumerate(lines) if old.partition("=")[0].strip() == name]
        if places:
            # Of several lines the last one counts.
            lines[places[-1]] = line
        else:
            lines.append(line)
        self._write("\n".join(lines) + "\n")

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
