"""The fate of the user's own lines: none may be lost without a word.

Copier merges text. It takes binary files from the template, and deletes the files of a feature that was turned off.
"""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from bastion.living.outcome import Outcome, Stages, content_of, keep, objects_of
from bastion.project import ANSWERS_FILE


@dataclass(frozen=True)
class Edits:
    """The files that the user had changed, and that the change concerns.

    Attributes:
        deleted: the paths of the files that the change deletes.
        swallowed: the files that remain but lose a line of the user's, each with its three versions.
    """

    deleted: list[str]
    swallowed: dict[str, Stages]


def find_edits(worktree: Path, outcome: Outcome, base: Path) -> Edits:
    """Compare each changed file as the template once wrote it, as the user edited it, and as it is now.

    Args:
        worktree: the folder in which the change was made.
        outcome: the outcome of the change.
        base: the project rendered as it once was.
    """
    # The answers file is Copier's own: it is written anew from the answers.
    touched = [path for path in outcome.paths("MDT") if Path(path).name != ANSWERS_FILE]
    mine, after = objects_of(worktree, outcome.head, touched), objects_of(worktree, outcome.tree, touched)
    deleted: list[str] = []
    swallowed: dict[str, Stages] = {}
    for path in touched:
        once = (base / path).read_bytes() if (base / path).is_file() else b""
        edited = content_of(worktree, mine[path])
        if edited == once:
            continue
        if path not in after:
            deleted.append(path)
        elif path not in outcome.conflicts and _lost(once, edited, content_of(worktree, after[path])):
            swallowed[path] = {"1": keep(worktree, once), "2": mine[path], "3": after[path]}
    return Edits(deleted, swallowed)


def _lost(once: bytes, edited: bytes, after: bytes) -> bool:
    if b"\0" in once + edited + after:
        return after != edited
    before, mine, now = (Counter(filter(bytes.strip, text.splitlines())) for text in (once, edited, after))
    written, deleted = mine - before, before - mine
    # The change may bring back one of the deleted lines elsewhere. When all of them are back, it saw no edit.
    return bool(written - now) or (bool(deleted) and all(now[line] >= before[line] for line in deleted))
