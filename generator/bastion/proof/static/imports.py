"""What a file imports from its own project is there, in every combination that has the file."""

import re
from collections import defaultdict
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

from bastion.proof.static.findings import Findings
from bastion.proof.static.layout import MANIFEST
from bastion.proof.static.lines import lines_of
from bastion.proof.static.project import Module, Project
from bastion.proof.static.renderings import Document
from bastion.proof.static.sets import Combinations, Set
from bastion.proof.static.tables import TABLES, Tables

_CHECK = "imports"
_STARTED_BY_PYTEST = re.compile(r"test_\w+|\w+_test|conftest")
_PLUGIN = re.compile(r"""["']-p["'],\s*["']([\w.]+)["']""")
"""In the manifest, an argument of pytest that names a module."""


def check_imports(project: Project, tables: Tables, combinations: Combinations, findings: Findings) -> None:
    """Find imports of what is missing in some combination, and modules that nothing imports.

    Args:
        project: Its modules, read.
        tables: What is not read from the template.
        combinations: All of them.
        findings: Where to add them.
    """
    for module in project:
        for message, where in _missing(module, project):
            findings.add(_CHECK, module.document.source.name, message, where)
    for document, plugin, where in _plugins(project):
        if project.is_own(plugin):
            missing = where & ~project.present.get(plugin, 0)
            findings.add(_CHECK, document.source.name, f"loads {plugin}, which is not there", missing)
    _check_unimported(project, tables, combinations, findings)


def _check_unimported(project: Project, tables: Tables, combinations: Combinations, findings: Findings) -> None:
    needed: set[str] = set()
    for module, where in _unimported(project, tables):
        exempt = [pattern for pattern in tables.run_by_name if fnmatchcase(module.document.path, pattern)]
        needed.update(exempt if where else ())
        if not exempt:
            who = "nothing" if tables.is_for_development(module.document.path) else "nothing that runs"
            findings.add(_CHECK, module.document.source.name, f"is imported by {who}", where)
    for pattern in tables.run_by_name.keys() - needed:
        message = f"says who runs {pattern}, which needs no exemption"
        findings.add(_CHECK, TABLES, message, combinations.every)


def _missing(module: Module, project: Project) -> Iterator[tuple[str, Set]]:
    for (imported, name, _), where in module.imports.items():
        if project.is_own(imported):
            present = project.present.get(imported, 0)
            yield f"imports {imported}, which is not there", where & ~present
            if name not in {None, "*"}:
                yield (
                    f"imports {name} from {imported}, which has none",
                    where & present & ~project.offers(imported, name),
                )
    for (imported, name), where in module.uses.items():
        if project.is_own(imported):
            present = project.present.get(imported, 0)
            yield f"uses {imported}.{name}, which is not there", where & present & ~project.offers(imported, name)


def _unimported(project: Project, tables: Tables) -> Iterator[tuple[Module, Set]]:
    """Yield each module that is there for its importers, and where it has none.

    What runs needs one that runs: a guard that only its tests import guards nothing.
    """
    by_what_runs: dict[str, Set] = defaultdict(int)
    by_anything: dict[str, Set] = defaultdict(int)
    for module in project:
        in_development = tables.is_for_development(module.document.path)
        for (name, member, _), where in module.imports.items():
            for needed in _needed(module.name, f"{name}.{member}"):
                by_anything[needed] |= where
                by_what_runs[needed] |= 0 if in_development else where
    for _, plugin, where in _plugins(project):
        by_anything[plugin] |= where
    for module in project:
        in_development = tables.is_for_development(module.document.path)
        if not _is_started(module, in_development=in_development):
            imported = by_anything if in_development else by_what_runs
            yield module, module.present & ~imported[module.name]


def _needed(importer: str, imported: str) -> Iterator[str]:
    """Yield what is imported, and the packages around it that its importer is not in."""
    while imported and not f"{importer}.".startswith(f"{imported}."):
        yield imported
        imported = imported.rpartition(".")[0]


def _is_started(module: Module, *, in_development: bool) -> bool:
    """Say whether Python or pytest runs a module by its name: `__main__`, a test, the package at the top."""
    name = PurePosixPath(module.document.path).stem
    if name == "__init__":
        return in_development or "." not in module.name
    return name == "__main__" or bool(_STARTED_BY_PYTEST.fullmatch(name))


def _plugins(project: Project) -> Iterator[tuple[Document, str, Set]]:
    """Yield the modules that the manifest has pytest load."""
    for document in project.documents:
        if document.path == MANIFEST:
            for line, where in lines_of(document).items():
                yield from ((document, plugin, where) for plugin in _PLUGIN.findall(line))
