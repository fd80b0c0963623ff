"""What the code imports is what the project declares, in every combination: nothing less and nothing more."""

from collections import defaultdict
from collections.abc import Iterator

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from bastion.proof.static.declared import Declared, declared_in
from bastion.proof.static.findings import Findings
from bastion.proof.static.imported import Imported, imported_by
from bastion.proof.static.layout import MANIFEST
from bastion.proof.static.project import Project
from bastion.proof.static.sets import Combinations, Set, union
from bastion.proof.static.tables import TABLES, Exemption, Tables

_CHECK = "dependencies"


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
        for module, companion in tables.brought_along.items():
            self._distributions[module].add(canonicalize_name(companion.by))
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
        for (name, extra), where in self._declared.extras.items():
            self._check_extra_needed(manifest, name, extra, where)
        for text, where in self._declared.unreadable.items():
            self._findings.add(_CHECK, manifest, f"declares {text!r}, which is no requirement", where)
        for message in self._idle():
            self._findings.add(_CHECK, TABLES, message, self._combinations.every)

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

    def _check_extra_needed(self, manifest: str, name: str, extra: str, declared: Set) -> None:
        needed = union(
            self._combinations.having_any(entry.when)
            for requirement, entry in self._without_import
            if canonicalize_name(requirement.name) == name and extra in requirement.extras
        )
        message = f"declares {name}[{extra}], and {TABLES} says of nothing that it needs this extra"
        self._findings.add(_CHECK, manifest, message, declared & ~needed)

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
        twice = runtime & development | self._declared.twice.get(name, 0)
        add(_CHECK, manifest, f"declares {name} twice", twice)

    def _idle(self) -> Iterator[str]:
        """Yield what the tables say for nothing."""
        tables, imported = self._tables, self._imported
        declared = {*self._declared.runtime, *self._declared.development}
        for module in tables.brought_along:
            if not imported.anywhere([module]):
                yield f"says what brings {module}, which nothing imports"
        for name in tables.imported_as:
            if canonicalize_name(name) not in declared:
                yield f"says what {name} is imported as, which nothing declares"
        for requirement, entry in self._without_import:
            modules, wanted = self._modules(requirement.name), self._combinations.having_any(entry.when)
            runs = canonicalize_name(requirement.name) in self._declared.runtime
            there = imported.runtime.any_of(modules) if runs else imported.anywhere(modules)
            if not (requirement.extras or wanted & ~there):
                yield f"says why {requirement} is needed without an import, and it is imported"


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
