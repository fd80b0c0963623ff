"""What a file imports from its own project is there, in every combination that has the file."""

import re
from collections.abc import Iterator

from bastion.proof.static.findings import Findings
from bastion.proof.static.layout import MANIFEST
from bastion.proof.static.lines import lines_of
from bastion.proof.static.project import Module, Project
from bastion.proof.static.renderings import Document
from bastion.proof.static.sets import Set

_CHECK = "imports"
_PLUGIN = re.compile(r"""["']-p["'],\s*["']([\w.]+)["']""")
"""In the manifest, an argument of pytest that names a module."""


def check_imports(project: Project, findings: Findings) -> None:
    """Find imports of modules and names that are missing in some combination.

    Args:
        project: Its modules, read.
        findings: Where to add them.
    """
    for module in project:
        for message, where in _missing(module, project):
            findings.add(_CHECK, module.document.source.name, message, where)
    for document in project.documents:
        if document.path == MANIFEST:
            for message, where in _missing_plugins(document, project):
                findings.add(_CHECK, document.source.name, message, where)


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


def _missing_plugins(document: Document, project: Project) -> Iterator[tuple[str, Set]]:
    for line, where in lines_of(document).items():
        for plugin in _PLUGIN.findall(line):
            if project.is_own(plugin):
                yield f"loads {plugin}, which is not there", where & ~project.present.get(plugin, 0)
