"""What was shown before and need not be shown again: outcomes, by everything that could change them."""

import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import bastion
from bastion.proof.rows.outcome import Outcome
from bastion.proof.rows.places import ROWS

PARTS = ("proof", "space")
"""The folders of the prover."""

SHARED = ("compiling.py", "finishing.py", "git.py", "rendering.py", "source_facts.py", "template.py")
"""What the prover shares with other commands, and results depend on: how a row is rendered, and how Python is read.

Not the whole package: a message of `bastion add` that is reworded would void every row.
"""


class Store:
    """Outcomes of rows that passed. A row that failed is tried again: somebody is mending it."""

    def __init__(self, folder: Path, *, used: bool) -> None:
        """Keep outcomes in `folder`; look there only if `used`, and write in any case."""
        self._folder = folder / ROWS
        self._folder.mkdir(exist_ok=True)
        self._used = used

    def find(self, key: str) -> Outcome | None:
        """Return the outcome of that key, if there is one."""
        path = self._path(key)
        if not self._used:
            return None
        try:
            outcome = Outcome.from_data(json.loads(path.read_text(encoding="utf-8")))
            os.utime(path)
        except (OSError, ValueError, TypeError, KeyError):
            return None
        return replace(outcome, cached=True)

    def keep(self, key: str, outcome: Outcome) -> None:
        """Keep an outcome if it is worth it."""
        if outcome.passed:
            beside = self._path(key).with_suffix(f".{os.getpid()}")
            beside.write_text(json.dumps(outcome.as_data()), encoding="utf-8")
            beside.replace(self._path(key))

    def _path(self, key: str) -> Path:
        return self._folder / f"{key[:40]}.json"


def fingerprint_of_the_prover() -> str:
    """Return what stands for the prover: its source. A check that was added must not find old outcomes."""
    command = Path(bastion.__file__).parent
    source = sorted(path for part in PARTS for path in (command / part).rglob("*.*"))
    shared = [command / name for name in SHARED]
    return fingerprint(command, (path for path in (*source, *shared) if "__pycache__" not in path.parts))


def fingerprint(folder: Path, files: Iterable[Path]) -> str:
    """Return what stands for files of a folder: names, modes and bytes."""
    digest = hashlib.sha256()
    for path in files:
        if path.is_file():
            content, mode = path.read_bytes(), "x" if os.access(path, os.X_OK) else "-"
            digest.update(f"{mode}{path.relative_to(folder).as_posix()}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def joined(*parts: str) -> str:
    """Return what stands for all these parts."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
