"""Where the project goes: rendered beside it, moved into place in one step, nothing left behind otherwise."""

import os
import stat
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bastion.problems import Problem

# Control characters, separators of lines and paragraphs, and the surrogates that stand for undecodable bytes: a path is
# printed, quoted for a shell and written into text files.
_UNPRINTABLE = {"Cc", "Zl", "Zp", "Cs"}


@dataclass(frozen=True)
class Destination:
    """A folder that is empty or does not exist yet."""

    path: Path

    @classmethod
    def at(cls, given: str) -> "Destination":
        """Refuse a destination that cannot become a new project.

        Args:
            given: The path as the user wrote it.
        """
        if not given.strip():
            raise Problem("the destination is empty", "name the folder to create, like: bastion new my-api")
        whole = str(Path(given).absolute())
        if not _is_line_of_text(whole):
            raise Problem(f"the destination {whole!a} is no line of text", "choose a path of ordinary characters")
        path = _expanded(given)
        try:
            obstacle = _obstacle(path)
        except OSError as error:
            raise Problem(f"cannot use {given} ({error.strerror})", "choose another folder") from error
        if obstacle:
            raise Problem(f"{given} {obstacle}", "choose a folder that is empty or does not exist yet")
        return cls(path)

    @contextmanager
    def staging(self) -> Iterator[Path]:
        """Give a folder on the same file system to build the project in; whatever is left there vanishes."""
        # An existing folder may be a mount, so that beside it is another file system.
        home = next(folder for folder in (self.path, *self.path.parents) if os.path.lexists(folder))
        try:
            staging = TemporaryDirectory(prefix=".bastion-", dir=home)
        except NotADirectoryError as error:
            raise Problem(f"{home} is a file", "choose a destination inside a folder") from error
        except OSError as error:
            raise Problem(f"cannot write to {home} ({error.strerror})", "choose a folder you may write to") from error
        with staging as folder:
            yield Path(folder) / (self.path.name or "project")

    def receive(self, project: Path) -> None:
        """Move the finished project into place."""
        try:
            if self.path.is_dir():
                for entry in list(project.iterdir()):
                    entry.rename(self.path / entry.name)
            else:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                project.rename(self.path)
        except OSError as error:
            raise Problem(
                f"cannot write {self.path} ({error.strerror})", "see what appeared there, and retry"
            ) from error


def _is_line_of_text(path: str) -> bool:
    return not any(unicodedata.category(character) in _UNPRINTABLE for character in path)


def _expanded(given: str) -> Path:
    try:
        return Path(given).expanduser().absolute()
    except RuntimeError as error:
        remedy = f"write ./{given} for a folder of that name"
        raise Problem(f"{given} begins with the home of nobody known here", remedy) from error


def _obstacle(path: Path) -> str | None:
    """Say what keeps a path from being an empty folder or a new one."""
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return "is a link that leads nowhere" if path.is_symlink() else None
    if not stat.S_ISDIR(mode):
        return "is a file"
    return "is not empty" if any(path.iterdir()) else None
