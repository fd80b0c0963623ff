"""Where the project goes: rendered beside it, moved into place in one step, nothing left behind otherwise."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bastion.problems import Problem


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
        path = Path(given).expanduser().absolute()
        if not given.strip():
            raise Problem("the destination is empty", "name the folder to create, like: bastion new my-api")
        if os.path.lexists(path) and not path.is_dir():
            raise Problem(f"{given} is a file", "choose a folder that does not exist yet")
        if path.is_dir() and any(path.iterdir()):
            raise Problem(f"{given} is not empty", "choose a folder that is empty or does not exist yet")
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
