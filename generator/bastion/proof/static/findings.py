"""What the first tier found, each thing once, however many renderings show it."""

from bastion.proof.results import Finding
from bastion.proof.static.renderings import Document
from bastion.proof.static.sets import Combinations, Set
from bastion.proof.static.wording import Wording


class Findings:
    """A collection of findings and of the combinations that have them."""

    def __init__(self, combinations: Combinations) -> None:
        """Begin with none."""
        self._combinations = combinations
        self._found: dict[tuple[str, str, str], tuple[Set, Set]] = {}

    def add(self, check: str, file: str, message: str, where: Set, among: Set | None = None) -> None:
        """Add a finding, or to the combinations that have it.

        Args:
            check: Which check says so.
            file: The template's file.
            message: What is wrong.
            where: In which combinations.
            among: The combinations that were looked at, if not all.
        """
        if where:
            before, looked_at = self._found.get((check, file, message), (0, 0))
            seen = self._combinations.every if among is None else among
            self._found[check, file, message] = before | where, looked_at | seen

    def add_for(self, check: str, document: Document, message: str, where: Set) -> None:
        """Add what was found by looking at the renderings of a file."""
        among = document.seen if document.partial else None
        self.add(check, document.source.name, message, where, among)

    def has(self, check: str) -> bool:
        """Say whether a check has found anything."""
        return any(each == check for each, _, _ in self._found)

    def __bool__(self) -> bool:
        """Say whether anything was found."""
        return bool(self._found)

    def explained(self) -> list[Finding]:
        """Put the answers into words."""
        wording = Wording(self._combinations)
        return [
            Finding(check, file, wording.explain(*self._found[check, file, message]), message)
            for check, file, message in sorted(self._found)
        ]
