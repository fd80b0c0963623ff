"""Every setting that a `.env` file names is read by the code, in every combination that names it."""

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import PurePosixPath

from bastion.proof.static.findings import Findings
from bastion.proof.static.lines import lines_of
from bastion.proof.static.project import Module, Project
from bastion.proof.static.sets import Combinations, Set, union
from bastion.proof.static.tables import TABLES, Exemption, Tables

_CHECK = "settings"
_NAMED = re.compile(r"^(?:# ?)?([A-Z][A-Z0-9_]*)=")
_BASE = "pydantic_settings.BaseSettings"


def check_settings(project: Project, tables: Tables, combinations: Combinations, findings: Findings) -> None:
    """Find settings that are named and not read.

    Args:
        project: Its modules, read.
        tables: What is not read from the template.
        combinations: All of them.
        findings: Where to add them.
    """
    read = _settings_read(project, tables)
    computed = {each: combinations.having_any(each.when) for each in tables.computed_settings}
    needed: set[Exemption] = set()
    for document in project.documents:
        if PurePosixPath(document.path).name.startswith(".env"):
            for line, where in lines_of(document).items():
                if named := _NAMED.match(line):
                    missing = where & ~read.get(named[1], 0)
                    for each, there in computed.items():
                        if re.fullmatch(each.what, named[1]) and missing:
                            needed.add(each)
                            missing &= ~there
                    findings.add(_CHECK, document.source.name, f"names {named[1]}, which no code reads", missing)
    for each in tables.computed_settings:
        if each not in needed:
            findings.add(_CHECK, TABLES, f"exempts {each.what}, which needs no exemption", combinations.every)


def _settings_read(project: Project, tables: Tables) -> dict[str, Set]:
    """Give each setting that a class declares and something that runs asks it for, and in which combinations."""
    asked: dict[str, Set] = defaultdict(int)
    for module in project:
        if not tables.is_for_development(module.document.path):
            for name, where in module.read.items():
                asked[name] |= where
    read: dict[str, Set] = defaultdict(int)
    classes = _Classes(project)
    for each in classes.names:
        for setting, field, where in classes.settings(each):
            read[setting] |= where & asked[field]
    return read


class _Classes:
    """The classes of the project by their dotted names."""

    def __init__(self, project: Project) -> None:
        self.names = {f"{module.name}.{name}": (module, name) for module in project for name, _, _ in module.classes}
        self.lineage = cache(self._lineage)

    def settings(self, dotted: str) -> Iterator[tuple[str, str, Set]]:
        """Yield the settings that a class declares, inherited ones too, each with its field; else nothing."""
        lineage = self.lineage(dotted)
        if _BASE not in lineage:
            return
        for prefix, where in self._prefixes(lineage):
            for field, alias, there in self._fields(lineage):
                yield (alias or f"{prefix}{field}").upper(), field, where & there

    def _prefixes(self, lineage: tuple[str, ...]) -> list[tuple[str, Set]]:
        """Give what the names of fields begin with: the nearest class that says so decides."""
        module, name = self.names[lineage[0]]
        present = union(where for (each, _, _), where in module.classes.items() if each == name)
        for dotted in filter(self.names.get, lineage):
            module, name = self.names[dotted]
            prefixes = [
                (prefix, present & where)
                for (each, _, prefix), where in module.classes.items()
                if each == name and prefix is not None
            ]
            if prefixes:
                return prefixes
        return [("", present)]

    def _lineage(self, dotted: str, heirs: frozenset[str] = frozenset()) -> tuple[str, ...]:
        """List a class and all that it inherits from, in whatever combination, and never from itself."""
        if dotted not in self.names:
            return (dotted,)
        module, name = self.names[dotted]
        family = heirs | {dotted}
        bases = [self._dotted(module, base) for owner, bases, _ in module.classes if owner == name for base in bases]
        return (dotted, *(each for base in bases if base not in family for each in self.lineage(base, family)))

    def _dotted(self, module: Module, base: str) -> str:
        own = f"{module.name}.{base}"
        return own if own in self.names else base

    def _fields(self, lineage: tuple[str, ...]) -> Iterator[tuple[str, str | None, Set]]:
        for dotted in lineage:
            if dotted in self.names:
                module, name = self.names[dotted]
                for (class_name, field, alias), where in module.fields.items():
                    if class_name == name:
                        yield field, alias, where
