"""Which combinations leave a path out, and whether each rule does what it says."""

from collections.abc import Iterable, Iterator

from bastion.proof.static.findings import Findings
from bastion.proof.static.layout import QUESTIONNAIRE, Layout, Patterns, patterns
from bastion.proof.static.segments import names_in
from bastion.proof.static.sets import Combinations, Set, first

_CHECK = "exclusions"
_OPERATIONS = ("copy", "update")


class Exclusions:
    """The rules of `_exclude`, each rendered for every assignment of what it names."""

    def __init__(self, layout: Layout, combinations: Combinations) -> None:
        """Render them."""
        self._layout, self._combinations = layout, combinations
        self._rules = [
            (patterns(rule), where) for text in layout.exclusions for rule, where in self._rendered(text, "copy")
        ]

    def where(self, path: str) -> Set:
        """Give the combinations that leave a path out: the last rule that matches it decides, as in `.gitignore`."""
        excluded = 0
        for spec, where in self._rules:
            verdict = spec.check_file(path).include
            if verdict is not None:
                excluded = excluded | where if verdict else excluded & ~where
        return excluded

    def check(self, paths: Iterable[str], findings: Findings) -> None:
        """Find lines that match nothing: whatever they were to take away stays.

        Args:
            paths: Those of all files, excluded or not.
            findings: Where to add them.
        """
        for line in dict.fromkeys(line for _, lines in self._conditional() for line in lines):
            if next(patterns(line.removeprefix("!")).match_files(paths), None) is None:
                message = f"_exclude names {line}, which is in no project"
                findings.add(_CHECK, QUESTIONNAIRE, message, self._combinations.every)

    def conditional(self) -> Iterator[tuple[list[str], Patterns]]:
        """Yield what is excluded in some combinations, with the names that this depends on."""
        for text, lines in self._conditional():
            yield self._names(text), patterns("\n".join(lines))

    def _conditional(self) -> Iterator[tuple[str, list[str]]]:
        """Yield each such rule and its lines; what is always excluded may not be there, such as caches."""
        for text in self._layout.exclusions:
            if "{" in text:
                rules = (rule for operation in _OPERATIONS for rule, _ in self._rendered(text, operation))
                lines = (line.strip() for rule in rules for line in rule.splitlines())
                yield text, [line for line in dict.fromkeys(lines) if line]

    def _names(self, text: str) -> list[str]:
        return self._layout.names(sorted(names_in(text, self._layout.environment)), self._combinations)

    def _rendered(self, text: str, operation: str) -> Iterator[tuple[str, Set]]:
        names = self._names(text)
        template = self._layout.environment.from_string(text)
        for where in self._combinations.split(names, self._combinations.every, self._combinations.count) or []:
            variables = self._layout.variables(self._combinations, first(where)) | {"_copier_operation": operation}
            yield template.render(variables), where
