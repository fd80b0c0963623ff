"""Files of somebody else's folder, read so that none of them leads elsewhere, waits for ever or fills the memory."""

import os
import stat
from pathlib import Path, PurePosixPath

MOST_BYTES = 1024 * 1024
"""Ten times the largest file of the template."""

# A pipe is opened without waiting for who writes to it, and a link is not followed at all.
_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


class IrregularFileError(OSError):
    """In the place of a file there is something else; the text says what."""


def read_regular(folder: Path, name: str) -> bytes:
    """Read a file.

    Args:
        folder: A folder, which itself may be a link.
        name: The path of a file in it, with slashes.

    Raises:
        FileNotFoundError: Nothing is there.
        IrregularFileError: What is there is no regular file of at most `MOST_BYTES` inside this folder.
    """
    try:
        _refuse_links(folder, name)
        opened = os.open(folder / name, _FLAGS)
    except (FileNotFoundError, IrregularFileError):
        raise
    except OSError as error:
        raise IrregularFileError(f"cannot be opened ({error.strerror})") from error
    with open(opened, "rb") as file:  # noqa: PTH123 - a path cannot open what is open
        found = os.fstat(opened)
        if not stat.S_ISREG(found.st_mode):
            raise IrregularFileError("is no file")
        if found.st_size > MOST_BYTES:
            raise IrregularFileError(f"is larger than any file of the template, {found.st_size:,} bytes")
        return file.read(MOST_BYTES)


def _refuse_links(folder: Path, name: str) -> None:
    path = PurePosixPath(name)
    for part in (*reversed(path.parents[:-1]), path):
        mode = os.lstat(folder / part).st_mode
        if stat.S_ISLNK(mode):
            raise IrregularFileError("is a link" if part == path else f"is behind a link, {part}")
        if part != path and not stat.S_ISDIR(mode):
            raise FileNotFoundError(name)
