"""What the code imports that is neither its own nor Python's: by whom, and in which combinations."""

import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from bastion.proof.static.project import Project
from bastion.proof.static.sets import Set, union
from bastion.proof.static.tables import Tables


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


def imported_by(project: Project, tables: Tables) -> Imported:
    """Gather what the code imports that is neither its own nor Python's."""
    imported = Imported()
    for module in project:
        in_development = tables.is_for_development(module.document.path)
        for (name, _, only_for_types), where in module.imports.items():
            top = name.partition(".")[0]
            if project.is_own(top) or top in sys.stdlib_module_names:
                continue
            group = imported.development if in_development else imported.types if only_for_types else imported.runtime
            group.of[top][module.document.source.name] |= where
    return imported
