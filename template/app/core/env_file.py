"""Reads and changes `.env`: one line a setting, its comments kept, and open to nobody who was not meant to read it."""

import os
import secrets
import stat
import sys
from contextlib import suppress
from io import StringIO
from pathlib import Path

from dotenv import dotenv_values
from dotenv.parser import parse_stream

from app.core.settings import SettingsError

_TOO_OPEN = stat.S_IWGRP | stat.S_IROTH | stat.S_IWOTH


class EnvFileError(SettingsError):
    """`.env` cannot be used. Its text is one line that says what to do, and quotes nothing of the file."""


def _blank_lines_before(entry: str) -> str:
    """Return what the parser counts to an entry although it stands before it."""
    return entry[: len(entry) - len(entry.lstrip())].rstrip(" \t")


def _ended(text: str) -> str:
    return text if not text or text.endswith("\n") else f"{text}\n"


def new_secret_key() -> str:
    """Return a root secret of 256 bits, as 64 hexadecimal digits."""
    return secrets.token_hex(32)


def _mode_to_keep(found: os.stat_result) -> int:
    """Return the mode that a file should have: its owner's alone, and readable by a group that was chosen for it.

    The group was chosen if it is not the one that whatever we write gets anyway.
    """
    if sys.platform == "win32":
        return 0o600
    chosen = (found.st_uid, found.st_gid) != (os.geteuid(), os.getegid())
    return 0o600 | (found.st_mode & stat.S_IRGRP if chosen else 0)


def _keep_owner(descriptor: int, found: os.stat_result) -> None:
    """Give a new file the owner, the group and the mode of the one that it replaces, as far as we may.

    Root would otherwise take the file from the service that reads it. What cannot be kept leaves it closed to others.
    """
    if sys.platform == "win32":
        return
    # Only root gives a file away; its owner may still give it to another group that they are in.
    for owner in (found.st_uid, -1):
        with suppress(OSError):
            os.fchown(descriptor, owner, found.st_gid)
            os.fchmod(descriptor, _mode_to_keep(found))
            return


class EnvFile:
    """A file of `NAME=value` lines. Capitals make no difference in a name, as in the settings.

    Where `path` is a link, this is the file that it leads to: a new secret in the place of the link would leave the old
    one there, and others who read that file without the new one.
    """

    def __init__(self, path: Path) -> None:
        # `Path.resolve` raises for a link that leads to itself; this leaves it to be said by whoever reads.
        self.path = Path(os.path.realpath(path))
        self._name = path

    def is_missing(self) -> bool:
        """Return whether there is no file yet."""
        return self._status() is None

    def read(self) -> str:
        """Return the whole text, empty when there is no file yet.

        Raises:
            EnvFileError: it is no text in UTF-8, no file, or not for us to read.
        """
        try:
            if self.path.is_dir():
                # Docker makes one where it has to mount a file that is missing.
                message = f"{self._name} is a folder: put a file in its place"
                raise EnvFileError(message)
            return self.path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return ""
        except UnicodeDecodeError:
            message = f"{self._name} is not in UTF-8: save it in this encoding"
        except OSError as error:
            message = f"{self._name} cannot be read ({error.strerror}): see who owns it, its mode and where it leads"
        # Raised out here, it does not carry the decoder's error along, which holds the file's text.
        raise EnvFileError(message)

    def get(self, name: str) -> str:
        """Return the value of `name`, empty when it is unset. Of several the last one counts.

        Raises:
            EnvFileError: the file cannot be read.
        """
        values = dotenv_values(stream=StringIO(self.read()))
        return {key.upper(): value for key, value in values.items()}.get(name) or ""

    def set(self, name: str, value: str) -> None:
        """Give `name` a value where its last one stood, or at the end. No other is left: it might be an old secret.

        Raises:
            EnvFileError: the file cannot be read or replaced.
        """
        text = self.read()
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

    def keep_private(self) -> str:
        """Close the file, if it is ours, to all but its owner and a group that it was given to.

        Nobody else's is touched, not even by root: a service may read by its group what does not belong to it.

        Returns:
            A warning if it stays open to more than these, else nothing.
        """
        found = self._status()
        if sys.platform == "win32" or found is None or not stat.S_ISREG(found.st_mode):
            return ""
        if found.st_uid == os.geteuid():
            # On a disk that is mounted for reading only this fails, and the warning has to do.
            with suppress(OSError):
                self.path.chmod(_mode_to_keep(found))
            found = self._status() or found
        if not found.st_mode & _TOO_OPEN:
            return ""
        return f"Everybody may read {self._name}, or others change it. Its owner should: chmod g-w,o= {self._name}"

    def create_from(self, example: Path) -> None:
        """Write the file as a copy of `example`.

        Raises:
            EnvFileError: there is no example that can be read, or the file cannot be written.
        """
        source = EnvFile(example)
        if source.is_missing():
            message = f"{example} is missing: run this in the folder of the project, or write {self._name} by hand"
            raise EnvFileError(message)
        self._write(source.read())

    def _status(self) -> os.stat_result | None:
        try:
            return self.path.stat()
        except OSError:
            return None

    def _write(self, text: str) -> None:
        """Replace the file in one step. Nobody reads what is written who could not read what is replaced."""
        found = self._status()
        if found is not None and not stat.S_ISREG(found.st_mode):
            message = f"{self._name} is no regular file: put one in its place"
            raise EnvFileError(message)
        temporary = self.path.with_name(f"{self.path.name}.new")
        try:
            temporary.unlink(missing_ok=True)
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
                if found is not None:
                    _keep_owner(descriptor, found)
                file.write(text)
            temporary.replace(self.path)
        except OSError as error:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
            why = f"{self._name} cannot be replaced ({error.strerror})"
            message = f"{why}: its folder must be there and ours to write, and the file no mount"
            raise EnvFileError(message) from None
