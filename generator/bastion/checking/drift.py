"""Whether the files of the defences are those of a fresh render."""

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path, PurePosixPath

from bastion.checking.defended import Defended
from bastion.checking.diffs import difference
from bastion.checking.findings import CHANGED, LOST, MISSING, WEAKER, Finding
from bastion.checking.keeping import losses
from bastion.checking.shadows import shadows
from bastion.project import ANSWERS_FILE
from bastion.regular import IrregularFileError, read_regular

_RESTORE = "restore it from git"
# If the answers file was edited, the missing file was never in git; so the remedy also names that case.
_RESTORE_ONE = f"{_RESTORE}; if {ANSWERS_FILE} was edited, restore that and use `bastion set` or `bastion remove`"
_UNDO = "undo that, or move what is yours into a slice of your own"
_JOIN = "join both sides, and delete the conflict markers"
_REMEDIES = {
    LOST: "put it back; you may add to this file, and no more",
    WEAKER: "restore what the template asks for; a newer version is fine",
}
# The project's own Dependabot updates these. Only people can tell its pull requests from others.
_PINNED_ACTION = re.compile(rb"(uses: [\w./-]+@)[0-9a-f]{40}( # v[\w.]+)?")
_BEGINS, _ENDS = (re.compile(b"^" + mark * 7 + b" ", re.MULTILINE) for mark in (b"<", b">"))
"""The markers that git leaves around both sides of a conflict. The marker in between may also underline a heading."""


def drift(folder: Path, defended: Defended) -> Iterator[Finding]:
    """Yield each difference from the fresh render, and each file that Python would take instead of it.

    Args:
        folder: The project.
        defended: The fresh render.
    """
    missing: set[str] = set()
    for path in sorted(defended.of):
        try:
            found = read_regular(folder, path)
        except FileNotFoundError:
            missing.add(_topmost_missing(folder, path))
        except IrregularFileError as error:
            yield Finding(rule=MISSING, defence=defended.of[path], path=path, what=str(error), remedy=_RESTORE)
        else:
            yield from _compared(path, found, defended)
    yield from (_gone(path, defended) for path in sorted(missing))
    yield from shadows(folder, defended)


def _compared(path: str, found: bytes, defended: Defended) -> Iterator[Finding]:
    template, project = (_comparable(path, content) for content in (defended.read(path), found))
    if template == project:
        return
    line, diff = difference(template, project)
    defence = defended.of[path]
    rule = CHANGED if path in defended.files else LOST
    finding = partial(Finding, path=path, diff=tuple(diff))
    if conflict := _line_of_a_conflict(project):
        what = "contains an unresolved conflict"
        yield finding(rule=rule, defence=defence, line=conflict, what=what, remedy=_JOIN)
    elif rule is CHANGED:
        yield finding(rule=rule, defence=defence, line=line, what="was changed", remedy=_UNDO)
    else:
        for broken, lost in losses(path, template, project, defended.is_dispensable):
            concerned = (lost.module and defended.defence_of(lost.module)) or defence
            yield finding(rule=broken, defence=concerned, line=lost.line, what=lost.what, remedy=_REMEDIES[broken])


def _line_of_a_conflict(content: bytes) -> int | None:
    begins = _BEGINS.search(content)
    return content.count(b"\n", 0, begins.start()) + 1 if begins and _ENDS.search(content, begins.end()) else None


def _comparable(path: str, content: bytes) -> bytes:
    r"""Leave out differences that are no drift: `\r\n`, which git writes on Windows, and newer versions of actions."""
    content = content.replace(b"\r\n", b"\n")
    return _PINNED_ACTION.sub(rb"\1", content) if path.startswith(".github/") else content


def _topmost_missing(folder: Path, path: str) -> str:
    """Return the topmost missing folder above a missing file, or the file, so that a folder is told once."""
    parents = [str(parent) for parent in reversed(PurePosixPath(path).parents[:-1])]
    return next((parent for parent in parents if not (folder / parent).exists()), path)


def _gone(path: str, defended: Defended) -> Finding:
    concerned = next(name for file, name in defended.of.items() if file == path or file.startswith(f"{path}/"))
    return Finding(rule=MISSING, defence=concerned, path=path, what="is missing", remedy=_RESTORE_ONE)
