"""What all tools have in common: they are programs that are given files and complain."""

import json
import shutil
import subprocess
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from bastion.problems import Problem

_FILES_AT_ONCE = 500


@dataclass(frozen=True)
class Complaint:
    """What a tool says of one file."""

    file: str
    """Its path in the tree."""

    message: str
    line: int | None = None


class Tool(ABC):
    """One program."""

    program: ClassVar[str]

    @abstractmethod
    def wants(self, path: str, text: str) -> bool:
        """Say whether a file is for this tool.

        Args:
            path: Its path in the project.
            text: Its content.
        """

    @abstractmethod
    def complaints(self, tree: Path, files: Sequence[str]) -> Iterator[Complaint]:
        """Yield what is wrong with some files.

        Args:
            tree: The folder they are below.
            files: Their paths in it.
        """

    def json_of(self, tree: Path, arguments: Sequence[str]) -> list[Any]:
        """Run the program and read what it says, as JSON.

        Args:
            tree: Where it runs.
            arguments: What it is told.
        """
        finished = self.run(tree, arguments)
        try:
            said = json.loads(finished.stdout or "[]")
        except json.JSONDecodeError:
            said = None
        if not isinstance(said, list) or (not said and finished.returncode):
            reason = (finished.stderr or finished.stdout).strip().splitlines() or ["no reason given"]
            raise Problem(f"{self.program} does not run ({reason[0]})")
        return said

    def run(self, tree: Path, arguments: Sequence[str]) -> "subprocess.CompletedProcess[str]":
        """Run the program."""
        return subprocess.run(
            [self._path(), *arguments], cwd=tree, capture_output=True, text=True, encoding="utf-8", check=False
        )

    def _path(self) -> str:
        """Find the program beside Python, where the extra of this package installs it, or on the PATH."""
        found = shutil.which(self.program, path=str(Path(sys.executable).parent)) or shutil.which(self.program)
        if found is None:
            raise Problem(f"{self.program} is not installed", "install fastapi-bastion[proof]")
        return found


def shares(files: Sequence[str]) -> Iterator[Sequence[str]]:
    """Split files into as many as a command line holds."""
    return (files[start : start + _FILES_AT_ONCE] for start in range(0, len(files), _FILES_AT_ONCE))
