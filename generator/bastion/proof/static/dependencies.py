"""What the code imports is what the project declares, in every combination: nothing less and nothing more."""

import re
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from bastion.proof.static.findings import Findings
from bastion.proof.static.layout import MANIFEST
from bastion.proof.static.project import Project
from bastion.proof.static.renderings import Document, Rendering
from bastion.proof.static.sets import Combinations, Set, union
from bastion.proof.static.tables import Exemption, Tables

_CHECK = "dependencies"
_LISTED = re.compile(r"""^\s*["']([^"']+)["']""")
_SECTION = re.compile(r"^\[([^\[\]]+)\]\s*$|^([\w-]+)\s*=\s*\[")


@dataclass
class Declared:
    """What is declared, and in which combinations."""

    runtime: dict[str, Set] = field(default_factory=lambda: defaultdict(int))
    development: dict[str, Set] = field(default_factory=lambda: defaultdict(int))
    extras: dict[tuple[str, str], Set] = field(default_factory=lambda: defaultdict(int))

    def anywhere(self, name: str) -> Set:
        """Give the combinations that declare a distribution, for whatever."""
        return self.runtime.get(name, 0) | self.development.get(name, 0)


class Importers:
    """By module, the files that import it, and in which combinations each does."""

    def __init__(self) -> None:
        """Begin with none."""
        self.of: dict[str, dict[str, Set]] = defaultdict(lambda: defaultdict(int))

    def any_of(self, modules: Iterable[str]) -> Set:
        """Give the combinations in which one of some modules is imported."""
        return union(where for module in modules for where in self.of.get(module, {}).values())


@dataclass
class Imported:
    """Which modules of others are imported, and by whom."""

    runtime: Importers = field(default_factory=Importers)
    types: Importers = field(default_factory=Importers)
    development: Importers = field(default_factory=Importers)

    def anywhere(self, modules: Sequence[str]) -> Set:
        """Give the combinations in which one of some modules is imported, for whatever."""
        return union(group.any_of(modules) for group in (self.runtime, self.types, self.development))


def declared_in(documents: Iterable[Document]) -> Declared:
    """Read every rendering of the project's manifest."""
    declared = Declared()
    for document in documents:
        if document.path == MANIFEST:
            for rendering in document.renderings:
                _declare(rendering, declared)
    return declared


def _declare(rendering: Rendering, declared: Declared) -> None:
    try:
        content = tomllib.loads(rendering.text or "")
    except tomllib.TOMLDecodeError:
        return  # a finding of its own
    project = content.get("project", {})
    groups = {"dependencies": project.get("dependencies", []), **project.get("optional-dependencies", {})}
    lines = dict(_listed(rendering.text or ""))
    for group, requirements in [*groups.items(), *content.get("dependency-groups", {}).items()]:
        known = declared.runtime if group in groups else declared.development
        for text in filter(_is_requirement, requirements):
            requirement = Requirement(text)
            name, where = canonicalize_name(requirement.name), rendering.standing(lines.get((group, text), ()))
            known[name] |= where
            for extra in requirement.extras:
                declared.extras[name, extra] |= where


def _is_requirement(text: object) -> bool:
    try:
        return isinstance(text, str) and bool(Requirement(text))
    except InvalidRequirement:
        return False


def _listed(text: str) -> Iterator[tuple[tuple[str, str], tuple[int, ...]]]:
    """Yield every text that is listed on a line of its own, with the list and the line."""
    name = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if begun := _SECTION.match(line):
            name = begun[2] or ""
        elif listed := _LISTED.match(line):
            yield (name, listed[1]), (number,)


def imported_by(project: Project, tables: Tables) -> Imported:
    """Gather what the code imports that is neither its own nor Python's."""
    imported = Imported()
    for module in project:
        in_development = any(module.document.path.startswith(f"{folder}/") for folder in tables.development)
        for (name, _, only_for_types), where in module.imports.items():
            top = name.partition(".")[0]
            if project.is_own(top) or top in sys.stdlib_module_names:
                continue
            group = imported.development if in_development else imported.types if only_for_types else imported.runtime
            group.of[top][module.document.source.name] |= where
    return imported


class Comparison:
    """Of what is declared with what is imported."""

    def __init__(
        self, declared: Declared, imported: Imported, tables: Tables, combinations: Combinations, findings: Findings
    ) -> None:
        """Turn the tables around: by module, the distributions that bring it."""
        self._declared, self._imported, self._tables = declared, imported, tables
        self._combinations, self._findings = combinations, findings
        self._distributions: dict[str, set[str]] = defaultdict(set)
        for name in (*declared.runtime, *declared.development):
            for module in self._modules(name):
                self._distributions[module].add(name)
        for module, name in tables.brought_along.items():
            self._distributions[module].add(canonicalize_name(name))
        self._without_import = [(Requirement(each.what), each) for each in tables.without_import]

    def check(self, manifest: str) -> None:
        """Find what is missing, and what is too much.

        Args:
            manifest: The template's file that declares.
        """
        self._check_missing()
        for requirement, entry in self._without_import:
            self._check_needed(manifest, requirement, entry)
        for name in {**self._declared.runtime, **self._declared.development}:
            self._check_used(manifest, name)

    def _modules(self, distribution: str) -> list[str]:
        named = {canonicalize_name(name): [*modules] for name, modules in self._tables.imported_as.items()}
        return named.get(canonicalize_name(distribution), [distribution.replace("-", "_")])

    def _check_missing(self) -> None:
        declared, imported = self._declared, self._imported
        for group, enough in (
            (imported.runtime, declared.runtime.get),
            (imported.types, declared.anywhere),
            (imported.development, declared.anywhere),
        ):
            for module, files in group.of.items():
                there = union(enough(name) or 0 for name in self._distributions.get(module, ()))
                for file, where in files.items():
                    message = f"imports {module}, and {MANIFEST} declares nothing that brings it"
                    self._findings.add(_CHECK, file, message, where & ~there)

    def _check_needed(self, manifest: str, requirement: Requirement, entry: Exemption) -> None:
        name, wanted = canonicalize_name(requirement.name), self._combinations.having_any(entry.when)
        self._findings.add(
            _CHECK, manifest, f"lacks {requirement} ({entry.why})", wanted & ~self._declared.anywhere(name)
        )
        for extra in requirement.extras:
            there = self._declared.extras.get((name, extra), 0)
            missing = wanted & self._declared.anywhere(name) & ~there
            self._findings.add(_CHECK, manifest, f"lacks the extra of {requirement} ({entry.why})", missing)

    def _check_used(self, manifest: str, name: str) -> None:
        runtime, development = (group.get(name, 0) for group in (self._declared.runtime, self._declared.development))
        modules = self._modules(name)
        unimported = union(
            self._combinations.having_any(entry.when)
            for requirement, entry in self._without_import
            if canonicalize_name(requirement.name) == name and not requirement.extras
        )
        needed = self._imported.runtime.any_of(modules) | unimported
        add = self._findings.add
        add(_CHECK, manifest, f"declares {name}, which nothing that runs imports", runtime & ~needed)
        anywhere = self._imported.anywhere(modules) | unimported
        add(_CHECK, manifest, f"declares {name} for development, and nothing imports it", development & ~anywhere)
        add(_CHECK, manifest, f"declares {name} twice", runtime & development)


def check_dependencies(project: Project, tables: Tables, combinations: Combinations, findings: Findings) -> None:
    """Find where imports and declarations differ.

    Args:
        project: Its modules, read.
        tables: What is not read from the template.
        combinations: All of them.
        findings: Where to add them.
    """
    manifests = [document for document in project.documents if document.path == MANIFEST]
    comparison = Comparison(declared_in(manifests), imported_by(project, tables), tables, combinations, findings)
    for manifest in manifests[:1]:
        comparison.check(manifest.source.name)
