"""Files that users add to: the parts of the template's file that they have lost."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from pathlib import PurePosixPath
from textwrap import shorten

from bastion.checking.dependencies import weaker_dependencies
from bastion.checking.diffs import lines_of
from bastion.checking.findings import LOST, WEAKER, Rule
from bastion.checking.python import IsDispensable, Lost, lost_statements

_LONGEST_REASON = 200
"""In characters: a parser's error may quote the whole file."""


def losses(path: str, template: bytes, project: bytes, is_dispensable: IsDispensable) -> Iterator[tuple[Rule, Lost]]:
    """Yield the parts that a file has lost, each with the kind of the finding.

    Args:
        path: The file, relative to the project: its name says how to read it.
        template: The template's file.
        project: The project's file.
        is_dispensable: Tells whether users may delete a module.
    """
    try:
        if PurePosixPath(path).name == "pyproject.toml":
            yield from ((WEAKER, Lost(None, what)) for what in weaker_dependencies(template, project))
        elif path.endswith(".py"):
            yield from ((LOST, lost) for lost in lost_statements(template, project, is_dispensable))
        else:
            yield from ((LOST, lost) for lost in _lost_lines(template, project))
    except ValueError as error:
        yield LOST, Lost(None, f"it cannot be read ({shorten(str(error), _LONGEST_REASON)})")


def _lost_lines(template: bytes, project: bytes) -> Iterator[Lost]:
    """Yield each line of the template that does not follow the line before it."""
    places = defaultdict[str, list[int]](list)
    for number, line in enumerate(lines_of(project), start=1):
        places[line.strip()].append(number)
    here = 0
    for line in filter(None, map(str.strip, lines_of(template))):
        later = places[line][bisect_left(places[line], here + 1) :][:1]
        if later:
            here = later[0]
        else:
            yield Lost(here + 1, f"the line `{line}` is missing here")
