"""Which combinations leave a path out."""

from collections.abc import Iterator

from bastion.proof.static.layout import Layout, Patterns, patterns
from bastion.proof.static.segments import names_in
from bastion.proof.static.sets import Combinations, Set, first


class Exclusions:
    """The rules of `_exclude`, each rendered for every assignment of what it names."""

    def __init__(self, layout: Layout, combinations: Combinations) -> None:
        """Render them."""
        self._layout, self._combinations = layout, combinations
        self._rules = [rule for text in layout.exclusions for rule in self._rendered(text)]

    def where(self, path: str) -> Set:
        """Give the combinations that leave a path out: the last rule that matches it decides, as in `.gitignore`."""
        excluded = 0
        for spec, where in self._rules:
            verdict = spec.check_file(path).include
            if verdict is not None:
                excluded = excluded | where if verdict else excluded & ~where
        return excluded

    def _rendered(self, text: str) -> Iterator[tuple[Patterns, Set]]:
        names = self._layout.names(names_in(text, self._layout.environment), self._combinations)
        template = self._layout.environment.from_string(text)
        for where in self._combinations.split(names, self._combinations.every, self._combinations.count) or []:
            variables = self._layout.variables(self._combinations, first(where)) | {"_copier_operation": "copy"}
            yield patterns(template.render(variables)), where
