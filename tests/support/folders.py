"""Folders that other users of the machine may read."""

import tempfile
from pathlib import Path


def open_folder(name: str) -> Path:
    """Make a folder outside of pytest's own, and open it to other users.

    Started by root, PostgreSQL runs as another user; pytest closes its folder to others whenever a run begins, and the
    tests of a render are such runs.
    """
    folder = Path(tempfile.mkdtemp(prefix=f"bastion-{name}-"))
    folder.chmod(0o755)
    return folder
