"""The folder that a project is made in: rendered beside it, then moved into place in one step or not at all."""

import errno
import os
import stat
import unicodedata
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path

from bastion.absolute import absolute
from bastion.problems import Problem
from bastion.stopping import unstoppable
from bastion.temporary import CLAIM, claimed, temporary_folder

# Control characters, separators of lines and paragraphs, and the surrogates that Python makes of undecodable bytes. A
# path is printed, quoted for a shell and written into text files.
_UNPRINTABLE = {"Cc", "Zl", "Zp", "Cs"}

# Characters that a folder's name may contain, although no project works in such a folder.
_MISREAD = {os.pathsep: "uv takes for the end of the path", "%": "Alembic takes for the start of a variable"}


@dataclass(frozen=True)
class Destination:
    """A folder that is empty or does not exist yet.

    Attributes:
        path: The folder.
        exists: Whether it is there already.
    """

    path: Path
    exists: bool

    @classmethod
    def at(cls, given: str) -> "Destination":
        """Refuse a destination that cannot become a new project.

        Args:
            given: The path as the user wrote it.

        Raises:
            Problem: The path cannot be used, or something other than an empty folder is there.
        """
        if not given.strip():
            raise Problem("the destination is empty", "name the folder to create, like: bastion new my-api")
        whole = str(absolute(Path(given)))
        if not _is_line_of_text(whole):
            raise Problem(f"the destination {whole!a} is no line of text", "choose a path of ordinary characters")
        path = _expanded(given)
        for character, how in _MISREAD.items():
            if character in str(path):
                raise Problem(f"the destination {path} contains {character!r}, which {how}", "choose a path without it")
        try:
            obstacle, exists = _obstacle(path), path.exists()
        except OSError as error:
            raise Problem.of_the_system(f"cannot use {given}", error, "choose another folder") from error
        if obstacle:
            raise Problem(f"{given} {obstacle}", "choose a folder that is empty or does not exist yet")
        return cls(path, exists)

    @contextmanager
    def staging(self) -> Iterator[Path]:
        """Give a folder on the same file system to build the project in; it is removed with the end of the block."""
        with self._home() as home, temporary_folder(".bastion-", home) as folder:
            yield folder / (self.path.name or "project")

    def receive(self, project: Path) -> None:
        """Move the finished project into place, or leave everything as it was."""
        move = _move_into if self.exists else _move_to
        try:
            with unstoppable():
                move(self.path, project)
        except OSError as error:
            remedy = "see what appeared there, and retry"
            raise Problem.of_the_system(f"cannot write {self.path}", error, remedy) from error

    def _home(self) -> AbstractContextManager[Path]:
        if not self.exists:
            return nullcontext(self._nearest_folder())
        # The folder may be a mount, and beside it another file system. And the project moves into it entry by entry:
        # two runs at once would mix two projects.
        return claimed(self.path)

    def _nearest_folder(self) -> Path:
        for folder in self.path.parents:
            if os.path.lexists(folder):
                return folder
        raise Problem(f"there is no {self.path.anchor}", "choose a destination on a drive that exists")


def _move_to(path: Path, project: Path) -> None:
    missing = [folder for folder in path.parents if not os.path.lexists(folder)]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        project.rename(path)
    except OSError:
        for folder in missing:
            with suppress(OSError):
                folder.rmdir()
        raise


def _move_into(folder: Path, project: Path) -> None:
    if {entry.name for entry in folder.iterdir()} != {CLAIM, project.parent.name}:
        raise OSError(errno.ENOTEMPTY, os.strerror(errno.ENOTEMPTY))
    entries = sorted(project.iterdir())
    try:
        for entry in entries:
            entry.rename(folder / entry.name)
    except OSError:
        for moved in filter(os.path.lexists, (folder / entry.name for entry in entries)):
            moved.rename(project / moved.name)
        raise


def _is_line_of_text(path: str) -> bool:
    return not any(unicodedata.category(character) in _UNPRINTABLE for character in path)


def _expanded(given: str) -> Path:
    try:
        # As a path, `./~api` is `~api`.
        path = Path(given).expanduser() if given.startswith("~") else Path(given)
    except RuntimeError as error:
        remedy = f"write ./{given} for a folder of that name"
        raise Problem(f"{given} begins with the home of an unknown user", remedy) from error
    # `..` is resolved first: a project is named like its folder, and `new/..` has no such name.
    return absolute(path)


def _obstacle(path: Path) -> str | None:
    """Say why a path is neither an empty folder nor a new one."""
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return "is a link that leads nowhere" if path.is_symlink() else None
    if not stat.S_ISDIR(mode):
        return "is a file"
    # A claim means that another run is writing here; `claimed` reports that with its own message.
    return "is not empty" if any(path.iterdir()) and not (path / CLAIM).exists() else None
