"""Every Python file of the project in every combination: its modules, and what each says in which combinations."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from bastion.proof.static.layout import parents_of
from bastion.proof.static.renderings import Document, Rendering
from bastion.proof.static.sets import Set
from bastion.source_facts import SettingsClass, SourceFacts, module_of

ANY_NAME = "*"


@dataclass(eq=False)
class Module:
    """A module, in all its renderings."""

    name: str
    document: Document
    present: Set
    bound: dict[str, Set] = field(default_factory=lambda: defaultdict(int))
    imports: dict[tuple[str, str | None, bool], Set] = field(default_factory=lambda: defaultdict(int))
    """Module, name, whether only for types."""

    uses: dict[tuple[str, str], Set] = field(default_factory=lambda: defaultdict(int))
    read: dict[str, Set] = field(default_factory=lambda: defaultdict(int))
    """The attributes that it reads, of whatever."""

    classes: dict[tuple[str, tuple[str, ...], str | None], Set] = field(default_factory=lambda: defaultdict(int))
    """Name, bases, prefix."""

    fields: dict[tuple[str, str, str | None], Set] = field(default_factory=lambda: defaultdict(int))
    """Class, name, alias."""

    def add(self, rendering: Rendering, facts: SourceFacts) -> None:
        """Add what one rendering says."""
        for name, lines in facts.bound:
            self.bound[name] |= rendering.standing(lines)
        if facts.binds_anything:
            self.bound[ANY_NAME] |= rendering.where
        for each in facts.imports:
            self.imports[each.module, each.name, each.only_for_types] |= rendering.standing(each.lines)
        for use in facts.uses:
            self.uses[use.module, use.name] |= rendering.standing(use.lines)
        for name, lines in facts.read:
            self.read[name] |= rendering.standing(lines)
        for found in facts.classes:
            self._add_class(rendering, found)

    def _add_class(self, rendering: Rendering, found: SettingsClass) -> None:
        self.classes[found.name, found.bases, found.prefix] |= rendering.standing(found.lines)
        for name, alias, lines in found.fields:
            self.fields[found.name, name, alias] |= rendering.standing(lines)

    def binds(self, name: str) -> Set:
        """Give the combinations in which others can import a name from here."""
        return self.bound.get(name, 0) | self.bound.get(ANY_NAME, 0)


class Project:
    """All modules. What belongs to the project is what lies in one of its top folders, or beside them."""

    def __init__(self, documents: Iterable[Document]) -> None:
        """Know which modules and packages there are, before any is read."""
        self.documents = list(documents)
        self.modules: dict[Document, Module] = {}
        self.present: dict[str, Set] = defaultdict(int)
        self._by_name: dict[str, list[Module]] = defaultdict(list)
        for document in self.documents:
            if document.path.endswith(".py"):
                self._add(document)
        self.roots = {name.partition(".")[0] for name in self.present}

    def _add(self, document: Document) -> None:
        name = module_of(document.path)
        module = Module(name, document, document.present)
        self.modules[document] = module
        self._by_name[name].append(module)
        self.present[name] |= document.present
        for folder in parents_of(document.path):
            self.present[folder.replace("/", ".")] |= document.present

    def add(self, rendering: Rendering, facts: SourceFacts) -> None:
        """Add what one rendering says."""
        self.modules[rendering.document].add(rendering, facts)

    def is_own(self, module: str) -> bool:
        """Say whether a module would belong to the project."""
        return module.partition(".")[0] in self.roots

    def offers(self, module: str, name: str) -> Set:
        """Give the combinations in which a module has a name: bound in it, or a module below it."""
        offered = self.present.get(f"{module}.{name}", 0)
        for each in self._by_name.get(module, ()):
            offered |= each.binds(name)
        return offered

    def __iter__(self) -> Iterator[Module]:
        """Go through the modules."""
        return iter(self.modules.values())
