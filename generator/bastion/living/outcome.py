"""What a change made of the tree, as git objects that outlive the worktree in which it was made."""

import os
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from bastion.git import must, must_give

AS_BEFORE = "mend that, and try again: nothing was changed"
"""The remedy, while all that happens does so beside the project."""

Stages = Mapping[str, str]
"""For a path in conflict its versions: by stage (1 before, 2 the user's, 3 the template's) its mode and object."""


@dataclass(frozen=True)
class Outcome:
    """A tree to bring the user's to.

    Attributes:
        head: the commit it was made from.
        tree: the tree; a file with a conflict holds both sides between markers.
        changes: for each path that differs, how: `A`dded, `M`odified, `D`eleted, or of another `T`ype.
        conflicts: the paths in which an edit and the change meet.
    """

    head: str
    tree: str
    changes: Mapping[str, str]
    conflicts: Mapping[str, Stages]

    def paths(self, kinds: str) -> list[str]:
        """List the paths that were changed in one of these ways."""
        return [path for path, kind in self.changes.items() if kind in kinds]

    @property
    def index_lines(self) -> bytes:
        """What `git update-index -z --index-info` reads to know the conflicts."""
        nothing = "0" * len(self.head)
        lines = [
            line
            for path, stages in self.conflicts.items()
            for line in (f"0 {nothing}\t{path}", *(f"{version} {stage}\t{path}" for stage, version in stages.items()))
        ]
        return os.fsencode("".join(f"{line}\0" for line in lines))


def record(worktree: Path, head: str, conflicts: Mapping[str, Stages] | None = None) -> Outcome:
    """Keep what lies in a worktree.

    Args:
        worktree: where a change was made.
        head: the commit it was made from.
        conflicts: those that are known; otherwise those that git's index knows.
    """
    known = unmerged(worktree) if conflicts is None else conflicts
    # Also what the user's `.gitignore` names: nothing but the template has written here.
    _output(worktree, "add", "--all", "--force", ".")
    tree = _output(worktree, "write-tree").strip()
    fields = _output(worktree, "diff-tree", "-r", "-z", "--no-renames", "--name-status", head, tree).split("\0")
    return Outcome(head, tree, dict(zip(fields[1::2], fields[::2], strict=False)), known)


def unmerged(worktree: Path) -> dict[str, Stages]:
    """Return the conflicts that git's index knows: Copier leaves them there and says nothing."""
    conflicts: dict[str, dict[str, str]] = {}
    for line in filter(None, _output(worktree, "ls-files", "--unmerged", "-z").split("\0")):
        version, _, path = line.partition("\t")
        mode_and_object, _, stage = version.rpartition(" ")
        conflicts.setdefault(path, {})[stage] = mode_and_object
    return dict(conflicts)


def objects_of(worktree: Path, tree: str, paths: Collection[str]) -> dict[str, str]:
    """Return the mode and the object of each file of a tree that is among the paths."""
    found = {}
    for line in filter(None, _output(worktree, "ls-tree", "-r", "-z", tree).split("\0")):
        version, _, path = line.partition("\t")
        mode, _, name = version.split(" ")
        if path in paths:
            found[path] = f"{mode} {name}"
    return found


def content_of(folder: Path, version: str) -> bytes:
    """Return the content of what `objects_of` and the stages of a conflict name.

    Raises:
        Problem: git cannot read it. Nothing in its place would look like a file without an edit.
    """
    name = version.rpartition(" ")[2]
    return must_give("read what was edited", "cat-file", "blob", name, cwd=folder, remedy=AS_BEFORE)


def keep(folder: Path, content: bytes) -> str:
    """Store a content, and return its object with the mode of an ordinary file: that of each that the template has.

    Raises:
        Problem: git cannot store it.
    """
    store = ("hash-object", "-w", "--stdin")
    return f"100644 {must('keep what was there', *store, cwd=folder, stdin=content, remedy=AS_BEFORE).strip()}"


def put_back(worktree: Path, commit: str, paths: Iterable[str]) -> None:
    """Let files of a worktree be again what they are in a commit.

    Raises:
        Problem: git cannot do that.
    """
    must("keep what was edited", "checkout", commit, "--", *paths, cwd=worktree, remedy=AS_BEFORE)


def _output(worktree: Path, *arguments: str) -> str:
    return must("record the change", *arguments, cwd=worktree, remedy=AS_BEFORE)
