"""Which answers met in some row, which could have, and which cannot: pairs and triples of what was answered."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Any

from bastion.proof.covering import meetings
from bastion.space.space import Space

Pair = tuple[int, int]


@dataclass(frozen=True)
class Fact:
    """Something that is so in some combinations: an answer, a checkbox set or not, a question that is not asked."""

    question: str
    says: str


class Coverage:
    """What a set of rows has brought together, out of what can come together."""

    def __init__(self, space: Space, rows: Sequence[Mapping[str, Any]]) -> None:
        """Count in `rows`; everything else is computed from the space when it is asked for."""
        self._parts = space.parts
        known = [(factor, value) for factor, values in self._parts.factors.items() for value in values]
        self.facts = tuple(_fact(factor, value) for factor, value in known)
        self._place = {each: index for index, each in enumerate(known)}
        self._rows = [sorted(self._place[each] for each in self._parts.row_of(row).items()) for row in rows]

    @cached_property
    def counts(self) -> Mapping[Pair, int]:
        """How many rows bring two facts together; a fact with itself: how many rows have it."""
        met = Counter(pair for row in self._rows for pair in combinations(row, 2))
        met.update((fact, fact) for row in self._rows for fact in row)
        return met

    @cached_property
    def possible(self) -> frozenset[Pair]:
        """Each two facts that some valid combination brings together."""
        return frozenset(self._possible(2))

    def _possible(self, strength: int) -> Iterator[Any]:
        # Fewer factors than that cannot meet at all.
        if strength <= len(self._parts.factors):
            for meeting in meetings(self._parts, strength):
                yield tuple(sorted(self._place[each] for each in meeting))

    @property
    def pairs(self) -> tuple[int, int]:
        """How many pairs were met, and how many can be."""
        return sum(1 for pair in self.possible if self.counts.get(pair)), len(self.possible)

    @property
    def triples(self) -> tuple[int, int]:
        """How many triples were met, and how many can be."""
        met = {triple for row in self._rows for triple in combinations(row, 3)}
        return len(met), sum(1 for _ in self._possible(3))

    @property
    def refused(self) -> int:
        """How many pairs of facts of different questions no combination can bring together."""
        pairs = combinations(range(len(self.facts)), 2)
        different = (pair for pair in pairs if self.facts[pair[0]].question != self.facts[pair[1]].question)
        return sum(1 for pair in different if pair not in self.possible)


def _fact(factor: str, value: object) -> Fact:
    question, is_checkbox, box = factor.partition("=")
    if value is None:
        return Fact(question, f"{box} not asked" if is_checkbox else "not asked")
    if is_checkbox:
        return Fact(question, box if value else f"no {box}")
    return Fact(question, {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value))
