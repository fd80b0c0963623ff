"""Changes of a file, shown so that neither their size nor their characters can do harm."""

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from bastion.visible import visible

_CONTEXT = 3
_WIDEST = 200
_MOST_LINES = 120
_UNENDED = "\n\\ No newline at end of file"
"""The text that git writes below a last line without a line break."""

# The time to compare two files grows with the product of their lengths. A file made to take hours is shown as replaced.
_MOST_COMPARISONS = 4_000_000


def lines_of(content: bytes) -> list[str]:
    """Split a file as git does; bytes that are not UTF-8 are written as escapes.

    Args:
        content: The file.
    """
    return content.decode(errors="backslashreplace").removesuffix("\n").split("\n")


def difference(template: bytes, project: bytes) -> tuple[int, list[str]]:
    """Compare two files.

    Args:
        template: The template's file.
        project: The project's file.

    Returns:
        The first line of the project's file that differs, from 1, and the lines of a unified diff.
    """
    before, after = _lines_and_no_end(template), _lines_and_no_end(project)
    start, end = _equal_ends(before, after)
    skipped = max(start - _CONTEXT, 0)
    keep = max(end - _CONTEXT, 0)
    shown = list(_unified(before[skipped : len(before) - keep], after[skipped : len(after) - keep], skipped))
    return min(start, len(after) - 1) + 1, [_fit(part) for line in _shortened(shown) for part in line.split("\n")]


def _lines_and_no_end(content: bytes) -> list[str]:
    *lines, last = lines_of(content)
    return [*lines, last if not content or content.endswith(b"\n") else f"{last}{_UNENDED}"]


def _equal_ends(before: Sequence[str], after: Sequence[str]) -> tuple[int, int]:
    """Count the lines that are equal at the start and at the end."""
    shorter = min(len(before), len(after))
    start = next((at for at in range(shorter) if before[at] != after[at]), shorter)
    rest = shorter - start
    return start, next((at for at in range(rest) if before[-1 - at] != after[-1 - at]), rest)


def _unified(before: Sequence[str], after: Sequence[str], skipped: int) -> Iterator[str]:
    if len(before) * len(after) > _MOST_COMPARISONS:
        yield f"@@ -{skipped + 1},{len(before)} +{skipped + 1},{len(after)} @@ too much changed to compare"
        yield from (f"+{line}" for line in after)
        return
    for group in SequenceMatcher(None, before, after).get_grouped_opcodes(_CONTEXT):
        (_, i1, _, j1, _), (_, _, i2, _, j2) = group[0], group[-1]
        yield f"@@ -{i1 + skipped + 1},{i2 - i1} +{j1 + skipped + 1},{j2 - j1} @@"
        for kind, i1, i2, j1, j2 in group:
            if kind == "equal":
                yield from (f" {line}" for line in before[i1:i2])
            else:
                yield from (f"-{line}" for line in before[i1:i2])
                yield from (f"+{line}" for line in after[j1:j2])


def _shortened(shown: Sequence[str]) -> Iterator[str]:
    yield from shown[:_MOST_LINES]
    if len(shown) > _MOST_LINES:
        yield f"... and {len(shown) - _MOST_LINES:,} lines more"


def _fit(line: str) -> str:
    readable = visible(line[:_WIDEST])
    return readable if len(line) <= _WIDEST else f"{readable}... and {len(line) - _WIDEST:,} characters more"
