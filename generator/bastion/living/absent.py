"""Files of the template that the project has not got, since its owner renamed, deleted or linked them.

Copier leaves them away, and would say nothing of what the change makes of them.
"""

from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from bastion.living.outcome import Outcome, keep, objects_of

Versions = tuple[str, str]
"""The objects of a file before and after a change."""

_YOURS = (".env", "migrations/versions")
"""The files that no change touches."""


def find_absent(
    worktree: Path, outcome: Outcome, inside: Path, before: Path, rendered: Callable[[Collection[str]], Path]
) -> Mapping[str, Versions]:
    """Return both versions of each file that the change alters and that the project has not got, by its path there.

    Args:
        worktree: the folder in which the change was made.
        outcome: the outcome of the change.
        inside: the project's folder in it.
        before: the project as the template once wrote it.
        rendered: renders files as the template writes them now, and returns their folder.
    """
    names = [path.relative_to(before).as_posix() for path in before.rglob("*") if path.is_file()]
    there = objects_of(worktree, outcome.head, {(inside / name).as_posix() for name in names})
    absent = [name for name in names if not _is_file(there.get((inside / name).as_posix())) and not _is_yours(name)]
    if not absent:
        return {}
    after = rendered(absent)
    altered = [name for name in sorted(absent) if (after / name).is_file() and _differ(before / name, after / name)]
    return {name: (_kept(worktree, before / name), _kept(worktree, after / name)) for name in altered}


def _is_file(version: str | None) -> bool:
    """Tell a file from a link, a submodule and nothing, by the mode."""
    return version is not None and version.startswith("100")


def _is_yours(name: str) -> bool:
    return any(Path(name).is_relative_to(each) for each in _YOURS)


def _differ(one: Path, other: Path) -> bool:
    return one.read_bytes() != other.read_bytes()


def _kept(worktree: Path, file: Path) -> str:
    return keep(worktree, file.read_bytes()).partition(" ")[2]
