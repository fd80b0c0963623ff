"""Files of somebody else's folder, read so that none of them leads elsewhere, waits for ever or fills the memory."""

import os
import stat
from pathlib import Path, PurePosixPath

MOST_BYTES = 1024 * 1024
"""Ten times the largest file of the template."""

# A pipe is opened without waiting for who writes to it, and a link is not followed at all.
_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


class IrregularFileError(OSError):
    """Something else is in the place of a file; the text says what."""


def read_regular(folder: Path, name: str, most: int = MOST_BYTES) -> bytes:
    """Read a file.

    Args:
        folder: A folder, which itself may be a link.
        name: The path of a file in it, with slashes.
        most: The largest number of bytes that it may have.

    Raises:
        FileNotFoundError: Nothing is there.
        IrregularFileError: It is no regular file inside this folder, or too large.
    """
    try:
        _refuse_links(folder, name)
        opened = os.open(folder / name, _FLAGS)
    except (FileNotFoundError, IrregularFileError):
        raise
    except NotADirectoryError as error:
        raise FileNotFoundError(name) from error
    except OSError as error:
        raise IrregularFileError(f"cannot be opened ({error.strerror})") from error
    try:
        _refuse_others(os.fstat(opened), most)
        return os.read(opened, most)
    finally:
        os.close(opened)


def _refuse_others(found: os.stat_result, most: int) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise IrregularFileError("is no file")
    if found.st_size > most:
        raise IrregularFileError(f"is larger than any file of the template, {found.st_size:,} bytes")


def _refuse_links(folder: Path, name: str) -> None:
    path = PurePosixPath(name)
    for part in (*reversed(path.parents[:-1]), path):
        if stat.S_ISLNK(os.lstat(folder / part).st_mode):
            raise IrregularFileError("is a link" if part == path else f"is behind a link, {part}")
