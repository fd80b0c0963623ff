"""Small disks, in memory: they are soon full, and nobody removes the folder that one of them stands in."""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import pytest

from tests.support.commands import run, succeed

REQUIRED = "BASTION_REQUIRE_DISK" in os.environ


@contextmanager
def small_disk(folder: Path, **limits: int | str) -> Iterator[Path]:
    """Have a folder be a disk of its own, which belongs to us; where none can be mounted, the test is skipped.

    Args:
        folder: An existing one. What is in it is hidden meanwhile.
        limits: What `mount` knows for `tmpfs`, like `size` and `nr_inodes`.
    """
    if sys.platform != "linux" or not shutil.which("mount"):
        _without("there is no tmpfs")
    as_root = _as_root()
    options = {**limits, "uid": os.geteuid(), "gid": os.getegid(), "mode": "0700"}
    given = ",".join(f"{name}={value}" for name, value in options.items())
    mounted = run(*as_root, "mount", "-t", "tmpfs", "-o", given, "tmpfs", str(folder), cwd=folder.parent)
    if mounted.returncode:
        _without(mounted.stderr.partition("\n")[0])
    try:
        yield folder
    finally:
        succeed(*as_root, "umount", str(folder), cwd=folder.parent)


def _as_root() -> tuple[str, ...]:
    """Give what makes a command root's: nothing for root; for others sudo, where it asks for no password."""
    if os.geteuid() == 0:
        return ()
    if not shutil.which("sudo"):
        _without("that takes root, and there is no sudo")
    return ("sudo", "-n")


def _without(reason: str) -> NoReturn:
    said = f"no small disk can be mounted here: {reason}"
    if REQUIRED:
        pytest.fail(said)
    pytest.skip(said)
