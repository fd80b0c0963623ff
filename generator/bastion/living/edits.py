"""What became of the user's own lines: none may be lost without a word.

Copier merges text. What is binary it takes from the template, and a file of a feature that was turned off it deletes.
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
        deleted: those that are gone now, by path.
        swallowed: those that stay and of which some line of the user's is gone, each with its three versions.
    """

    deleted: list[str]
    swallowed: dict[str, Stages]


def find_edits(worktree: Path, outcome: Outcome, base: Path) -> Edits:
    """Compare what the template once wrote with what the user made of it, and with what it is now.

    Args:
        worktree: where the change was made.
        outcome: what came out.
        base: the files that the change touches, rendered as they once were, by their path in the worktree.
    """
    # Of the answers Copier keeps account itself.
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
