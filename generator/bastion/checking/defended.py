"""Which files of a fresh render carry which defence."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pathspec import PathSpec

from bastion.anatomy import files_of
from bastion.defences import Defence


@dataclass(frozen=True)
class Defended:
    """A fresh render, and the defences that its files carry.

    Attributes:
        folder: the render's folder.
        defences: the defences that its template describes, by capability.
    """

    folder: Path
    defences: Mapping[str, Defence]

    @cached_property
    def files(self) -> Mapping[str, str]:
        """The defence of each file that nobody should change."""
        return self._assigned({name: each.files for name, each in self.defences.items()})

    @cached_property
    def kept(self) -> Mapping[str, str]:
        """The defence of each file that users add to."""
        return self._assigned({name: each.keeps for name, each in self.defences.items()})

    @cached_property
    def of(self) -> Mapping[str, str]:
        """The defence of each file that has one."""
        return {**self.kept, **self.files}

    @cached_property
    def on(self) -> list[str]:
        """The defences that the answers turn on: the others have no file."""
        return [name for name in self.defences if name in self.of.values()]

    @cached_property
    def off(self) -> list[str]:
        """The defences that the answers leave out."""
        return [name for name in self.defences if name not in self.on]

    def still_there(self, project: Path) -> Iterator[tuple[str, str]]:
        """Yield each defence that is off, with a module of it that a project has nevertheless.

        Args:
            project: The project's folder.
        """
        for name in self.off:
            for path in (pattern.strip("/") for pattern in self.defences[name].files):
                module = path if path.endswith(".py") else f"{path}/__init__.py"
                if module not in self.paths and os.path.lexists(project / module):
                    yield name, module

    def read(self, path: str) -> bytes:
        """Return the content of one of the files.

        Args:
            path: Relative to the project.
        """
        return (self.folder / path).read_bytes()

    def defence_of(self, module: str) -> str | None:
        """Return the defence of a module, or of a name in one.

        Args:
            module: With dots, as it is imported.
        """
        return self.of.get(self._file_of(module) or "")

    def is_dispensable(self, module: str) -> bool:
        """Tell whether a module, or the module of a name, is in the render and carries no defence.

        Args:
            module: With dots, as it is imported.
        """
        file = self._file_of(module)
        return file is not None and file not in self.of

    @cached_property
    def paths(self) -> list[str]:
        """All files of the render."""
        return files_of(self.folder)

    def _file_of(self, module: str) -> str | None:
        parts = module.split(".")
        for length in range(len(parts), 0, -1):
            base = "/".join(parts[:length])
            for file in (f"{base}/__init__.py", f"{base}.py"):
                if file in self.paths:
                    return file
        return None

    def _assigned(self, patterns_of: Mapping[str, Sequence[str]]) -> dict[str, str]:
        """Give each file to the defence with the longest pattern for it, which is the most specific one."""
        pairs = [(pattern, name) for name, patterns in patterns_of.items() for pattern in patterns]
        return {
            path: name
            for pattern, name in sorted(pairs, key=lambda pair: len(pair[0]))
            for path in PathSpec.from_lines("gitignore", [pattern]).match_files(self.paths)
        }
