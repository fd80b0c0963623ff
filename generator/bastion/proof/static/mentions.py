"""Every path and module of the project that a text names is there, in every combination that has the text.

Prose and comments outlive what they speak of: nothing fails when a README sends its reader to a file that is gone.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from posixpath import dirname, join, normpath

from bastion.proof.static.findings import Findings
from bastion.proof.static.layout import parents_of
from bastion.proof.static.lines import lines_of
from bastion.proof.static.project import Project
from bastion.proof.static.renderings import Document
from bastion.proof.static.sets import Set

_CHECK = "mentions"
_LINK = re.compile(r"\]\(([^)#\s]+)")
_ELSEWHERE = re.compile(r"^[a-z][a-z0-9+.-]*:")
_MODULE = re.compile(r"\bpython3? -m ([\w.]*\w)")


def check_mentions(project: Project, documents: Sequence[Document], findings: Findings) -> None:
    """Find texts that name what is not there.

    Args:
        project: Its modules.
        documents: All files.
        findings: Where to add them.
    """
    mentions = _Mentions(project, documents)
    for document in documents:
        for line, where in lines_of(document).items():
            for named, there in mentions.of(document.path, line):
                findings.add(_CHECK, document.source.name, f"names {named}, which is not there", where & ~there)


class _Mentions:
    """What there is, and how it is spoken of."""

    def __init__(self, project: Project, documents: Sequence[Document]) -> None:
        self._project = project
        self._there: dict[str, Set] = defaultdict(int)
        for document in documents:
            for path in (document.path, *parents_of(document.path)):
                self._there[path] |= document.present
        folders = {path.partition("/")[0] for path in self._there if "/" in path}
        # Only what begins like a path of this project is one: other texts hold slashes, too.
        self._path = re.compile(rf"(?<![\w./-])(?:{'|'.join(map(re.escape, sorted(folders)))})(?:/[\w.-]*\w)+")

    def of(self, path: str, line: str) -> Iterator[tuple[str, Set]]:
        """Yield what a line names, and where that is there."""
        for named in self._path.findall(line):
            yield named, self._there.get(named, 0)
        for link in _LINK.findall(line) if path.endswith(".md") else ():
            if not _ELSEWHERE.match(link):
                yield link, self._there.get(normpath(join(dirname(path), link)), 0)
        for module in _MODULE.findall(line):
            if self._project.is_own(module):
                yield module, self._project.present.get(module, 0)
