"""Python: linted and formatted as the project's own settings say."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from bastion.proof.static.tools.tool import Complaint, Tool

_HOW = ("--no-cache", "--no-respect-gitignore", "--output-format=json", ".")


class RuffCheck(Tool):
    """The linter."""

    program = "ruff"
    _command: tuple[str, ...] = ("check",)

    def wants(self, path: str, text: str) -> bool:
        """Take Python."""
        del text
        return path.endswith(".py")

    def complaints(self, tree: Path, files: Sequence[str]) -> Iterator[Complaint]:
        """Run it once; it finds the files itself, each with the settings above it."""
        del files
        for said in self.json_of(tree, (*self._command, *_HOW)):
            file = Path(said["filename"]).relative_to(tree.resolve()).as_posix()
            code = f"{said['code']} " if said["code"] else ""
            yield Complaint(file, f"{code}{said['message']}", said["location"]["row"])


class RuffFormat(RuffCheck):
    """The formatter."""

    _command = ("format", "--check")
