"""The distinct lines of a file, and the combinations that have each: far fewer than the lines of all its renderings."""

from collections import defaultdict

from bastion.proof.static.renderings import Document
from bastion.proof.static.sets import Set


def lines_of(document: Document) -> dict[str, Set]:
    """Give each line that a file can have, and where.

    Args:
        document: A file of text; of what is no text, there are no lines.
    """
    lines: dict[str, Set] = defaultdict(int)
    for rendering in document.renderings:
        for number, line in enumerate((rendering.text or "").split("\n"), start=1):
            lines[line] |= rendering.standing((number,))
    return lines
