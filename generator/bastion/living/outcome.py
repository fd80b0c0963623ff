"""The tree that a change has made, as git objects that outlive the worktree in which it was made."""

import os
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from bastion.git import git, must, must_give

AS_BEFORE = "mend that, and try again: nothing was changed"
"""The remedy as long as the change is made beside the project."""

Stages = Mapping[str, str]
"""The versions of a file in conflict: mode and object, by stage (1 before, 2 the user's, 3 the template's)."""


@dataclass(frozen=True)
class Outcome:
    """The tree that the user's tree will become.

    Attributes:
        head: the commit it was made from.
        tree: the tree; a file with a conflict has both sides between markers.
        changes: for each path that differs, how: `A`dded, `M`odified, `D`eleted, or of another `T`ype.
        conflicts: the paths in which an edit and the change meet.
    """

    head: str
    tree: str
    changes: Mapping[str, str]
    conflicts: Mapping[str, Stages]

    def paths(self, kinds: str) -> list[str]:
        """List the paths that were changed in one of these ways.

        Args:
            kinds: letters, as in `changes`.
        """
        return [path for path, kind in self.changes.items() if kind in kinds]

    @property
    def index_lines(self) -> bytes:
        """The input from which `git update-index -z --index-info` learns the conflicts."""
        nothing = "0" * len(self.head)
        lines = [
            line
            for path, stages in self.conflicts.items()
            for line in (f"0 {nothing}\t{path}", *(f"{version} {stage}\t{path}" for stage, version in stages.items()))
        ]
        return os.fsencode("".join(f"{line}\0" for line in lines))


def record(worktree: Path, inside: Path, head: str, conflicts: Mapping[str, Stages] | None = None) -> Outcome:
    """Record the files of a worktree.

    Args:
        worktree: the folder in which a change was made.
        inside: the project's folder in it; what lies elsewhere stays as it is.
        head: the commit it was made from.
        conflicts: the conflicts; None means those that git's index knows.

    Raises:
        Problem: git cannot record them.
    """
    known = unmerged(worktree) if conflicts is None else conflicts
    # Also files that the user's `.gitignore` names: only the template has written here.
    _output(worktree, "add", "--all", "--force", "--", str(inside))
    _keep_executable(worktree, head)
    tree = _output(worktree, "write-tree").strip()
    fields = _output(worktree, "diff-tree", "-r", "-z", "--no-renames", "--name-status", head, tree).split("\0")
    return Outcome(head, tree, dict(zip(fields[1::2], fields[::2], strict=False)), known)


def _keep_executable(worktree: Path, head: str) -> None:
    """Let a file stay executable where git does not look at modes, and Copier loses it."""
    if git("config", "--type=bool", "core.fileMode", cwd=worktree).stdout.strip() != b"false":
        return
    fields = _output(worktree, "diff-index", "--cached", "--raw", "-z", "--no-renames", head).split("\0")
    changed = zip(fields[1::2], fields[::2], strict=False)
    if lost := [path for path, how in changed if how.startswith(":100755 100644")]:
        _output(worktree, "update-index", "--chmod=+x", "--", *lost)


def unmerged(worktree: Path) -> dict[str, Stages]:
    """Return the conflicts that git's index knows: Copier leaves them there and says nothing."""
    conflicts: dict[str, dict[str, str]] = {}
    for line in filter(None, _output(worktree, "ls-files", "--unmerged", "-z").split("\0")):
        version, _, path = line.partition("\t")
        mode_and_object, _, stage = version.rpartition(" ")
        conflicts.setdefault(path, {})[stage] = mode_and_object
    return dict(conflicts)


def objects_of(worktree: Path, tree: str, paths: Collection[str]) -> dict[str, str]:
    """Return the mode and the object of each file of a tree that is among the paths.

    Args:
        worktree: a folder of the repository.
        tree: a tree, or a commit with it.
        paths: the paths in the repository.

    Raises:
        Problem: git cannot read the tree.
    """
    found = {}
    for line in filter(None, _output(worktree, "ls-tree", "-r", "-z", tree).split("\0")):
        version, _, path = line.partition("\t")
        mode, _, name = version.split(" ")
        if path in paths:
            found[path] = f"{mode} {name}"
    return found


def content_of(folder: Path, version: str) -> bytes:
    """Return the content of one version of a file.

    Args:
        folder: a folder of the repository.
        version: mode and object, as `objects_of` and the stages of a conflict have them.

    Raises:
        Problem: git cannot read it. An empty content in its place would look like a file without an edit.
    """
    name = version.rpartition(" ")[2]
    return must_give("read what was edited", "cat-file", "blob", name, cwd=folder, remedy=AS_BEFORE)


def keep(folder: Path, content: bytes) -> str:
    """Store a content, and return its object with the mode of an ordinary file, as all files of the template have it.

    Args:
        folder: a folder of the repository.
        content: the content.

    Raises:
        Problem: git cannot store it.
    """
    store = ("hash-object", "-w", "--stdin")
    return f"100644 {must('keep what was there', *store, cwd=folder, stdin=content, remedy=AS_BEFORE).strip()}"


def put_back(worktree: Path, commit: str, paths: Iterable[str]) -> None:
    """Restore files of a worktree from a commit.

    Args:
        worktree: the worktree.
        commit: the commit that has them.
        paths: the paths in the repository.

    Raises:
        Problem: git cannot do that.
    """
    must("keep what was edited", "checkout", commit, "--", *paths, cwd=worktree, remedy=AS_BEFORE)


def _output(worktree: Path, *arguments: str) -> str:
    return must("record the change", *arguments, cwd=worktree, remedy=AS_BEFORE)
