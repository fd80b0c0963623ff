"""An exclusion takes away what belongs to its capability, and nothing else.

A pattern that is too greedy removes somebody else's tests, and the fewer there are, the greener they all look.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from bastion.proof.static.exclusions import Exclusions
from bastion.proof.static.findings import Findings
from bastion.proof.static.layout import QUESTIONNAIRE, Patterns, parents_of
from bastion.proof.static.lines import lines_of
from bastion.proof.static.project import Project
from bastion.proof.static.renderings import Document
from bastion.proof.static.sets import Combinations
from bastion.proof.static.tables import Tables

_CHECK = "exclusions"


def check_strangers(
    exclusions: Exclusions, project: Project, tables: Tables, combinations: Combinations, findings: Findings
) -> None:
    """Find files and folders that hold no word of the capability with which they go, and import nothing that goes too.

    Args:
        exclusions: The rules.
        project: Its files, read.
        tables: The words.
        combinations: All of them.
        findings: Where to add them.
    """
    for names, spec in exclusions.conditional():
        if words := [word for name in names for word in tables.words.get(name, ())]:
            pattern = re.compile("|".join(f"(?:{word})" for word in words), re.IGNORECASE)
            for stranger in _strangers(spec, pattern, project):
                message = f"_exclude takes {stranger} away with {', '.join(names)}, of which it holds no word"
                findings.add(_CHECK, QUESTIONNAIRE, message, combinations.every)


def _strangers(spec: Patterns, pattern: re.Pattern[str], project: Project) -> Iterator[str]:
    units: dict[str, list[Document]] = defaultdict(list)
    for document in project.documents:
        if spec.match_file(document.path):
            units[_unit(document.path, spec)].append(document)
    taken = {project.modules[each].name for several in units.values() for each in several if each in project.modules}
    for unit, documents in units.items():
        if not any(_speaks(each, pattern) or _imports(each, taken, project) for each in documents):
            yield unit


def _unit(path: str, spec: Patterns) -> str:
    """Give the outermost folder that goes with a file: of a slice, one file with the word is enough."""
    folders: Sequence[str] = parents_of(path)[::-1]
    return next((folder for folder in folders if spec.match_file(f"{folder}/")), path)


def _speaks(document: Document, pattern: re.Pattern[str]) -> bool:
    return any(map(pattern.search, (document.path, *lines_of(document))))


def _imports(document: Document, taken: Iterable[str], project: Project) -> bool:
    module = project.modules.get(document)
    return module is not None and any(
        name in taken or f"{name}.{member}" in taken for name, member, _ in module.imports
    )
