"""With it or without it: for one choice, the two projects whose difference is what it adds.

Both are as near to the default answers as can be. A choice among several has more than one project without it; the one
that shares least with it shows the most.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from bastion.space.combinations import Combination
from bastion.space.parts import Row
from bastion.space.questions import Question
from bastion.space.space import Space


class Comparison:
    """One choice, and the projects with and without it."""

    def __init__(self, space: Space, question: Question, value: object) -> None:
        """Prepare the comparison.

        Args:
            space: All valid answers.
            question: A question with choices.
            value: One of its choices.
        """
        self._space = space
        self._factor, self._wanted = question.factor_of(value)
        self._default = space.parts.row_of(space.completed({}))
        self._rows = [{**self._default, **way} for way in space.parts.part_of(self._factor).rows()]

    @property
    def is_default(self) -> bool:
        """Whether the default answers have it."""
        return bool(self._default[self._factor] == self._wanted)

    @cached_property
    def with_it(self) -> Combination:
        """The project with it."""
        return self._combination(self._with)

    @cached_property
    def without_it(self) -> Combination:
        """The project without it that shares least with it."""
        on = self.turned_on(self.with_it)
        return min(self.alternatives, key=lambda each: len(on & self.turned_on(each)))

    @cached_property
    def alternatives(self) -> list[Combination]:
        """For each other answer the nearest project, the default answer first."""
        others = dict.fromkeys(row[self._factor] for row in self._rows if row[self._factor] not in {self._wanted, None})
        nearest = [min(self._that_have(each), key=self._changes_to_it) for each in others]
        return [self._combination(row) for row in sorted(nearest, key=self._changes_to_the_default)]

    def turned_on(self, combination: Mapping[str, Any]) -> frozenset[str]:
        """Name the capabilities that are on.

        Args:
            combination: A valid combination.
        """
        variables = self._space.variables(combination)
        return frozenset(name for name in self._space.capabilities if variables[name])

    @cached_property
    def _with(self) -> Row:
        return min(self._that_have(self._wanted), key=self._changes_to_the_default)

    def _that_have(self, value: object) -> list[Row]:
        return [row for row in self._rows if row[self._factor] == value]

    def _combination(self, row: Row) -> Combination:
        return self._space.parts.combination_of(row)

    def _changes_to_the_default(self, row: Row) -> int:
        return _differences(row, self._default)

    def _changes_to_it(self, row: Row) -> tuple[int, int]:
        return _differences(row, self._with), self._changes_to_the_default(row)


def _differences(one: Row, other: Row) -> int:
    """Count the answers that differ. A question that one of the rows does not ask is not counted."""
    return sum(None not in {one[factor], other[factor]} and one[factor] != other[factor] for factor in one)
