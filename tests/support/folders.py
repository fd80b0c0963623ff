"""Folders that other users of the machine may read, and what we may not."""

import os
import tempfile
from pathlib import Path

import pytest


def open_folder(name: str) -> Path:
    """Make a folder outside of pytest's own, and open it to other users.

    Started by root, PostgreSQL runs as another user; pytest closes its folder to others whenever a run begins, and the
    tests of a render are such runs.
    """
    folder = Path(tempfile.mkdtemp(prefix=f"bastion-{name}-"))
    folder.chmod(0o755)
    return folder


def closed_to_us(path: Path) -> None:
    """Take away every right to a file or folder; whoever may read everything all the same skips the test."""
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("whoever runs this may read everything")
