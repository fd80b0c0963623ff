"""A summary of a project, read from its render before anything is written where the user wants it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bastion.anatomy import Route, dependencies_of, files_of, routes_of
from bastion.answers import Answers


@dataclass(frozen=True)
class Summary:
    """Answers, files, dependencies and routes."""

    answers: Answers
    files: Sequence[str]
    dependencies: Mapping[str, Sequence[str]]
    """By group; see `bastion.anatomy.dependencies_of`."""

    routes: Sequence[Route]

    @classmethod
    def of(cls, project: Path, answers: Answers) -> "Summary":
        """Read a project.

        Args:
            project: Its folder, before anything was installed in it.
            answers: The answers that it was rendered from.
        """
        return cls(answers, files_of(project), dependencies_of(project), routes_of(project))

    def as_data(self) -> dict[str, Any]:
        """Return the summary for machines."""
        return {
            "answers": dict(self.answers),
            "files": list(self.files),
            "dependencies": dict(self.dependencies),
            "routes": [{"method": each.method, "path": each.path, "file": each.file} for each in self.routes],
        }
