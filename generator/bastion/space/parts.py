"""The space as a product of independent parts, so that it can be counted and searched without being listed.

A *factor* is a question, or one checkbox of a question: checkboxes are answered one by one, and it is their pairs that
matter. Factors belong to one part when a rule names both, directly or through what is computed from them. What is valid
in one part is valid whatever the others say, so the count of all is the product of their counts.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, product
from math import prod
from operator import itemgetter
from typing import Any

from bastion.space.combinations import Combination
from bastion.space.expressions import Expression, atom
from bastion.space.questions import Answer, Question
from bastion.space.walking import Walk

Row = dict[str, Any]
"""A value for each factor: the answer, true or false for a checkbox, None where the question is not asked."""


@dataclass(frozen=True, eq=False)
class Part:
    """Factors that depend on each other, and every valid way to answer them."""

    factors: tuple[str, ...]
    ways: tuple[tuple[Any, ...], ...]
    """Values in the order of the factors."""

    def rows(self) -> Iterator[Row]:
        """Yield the ways with the names of the factors."""
        return (dict(zip(self.factors, way, strict=True)) for way in self.ways)

    def seen_through(self, factors: Sequence[str]) -> set[tuple[Any, ...]]:
        """Give the different ways to answer some of the factors, in their order.

        Args:
            factors: Of this part.
        """
        positions = [self.factors.index(factor) for factor in factors]
        if len(positions) == 1:
            return {(way[positions[0]],) for way in self.ways}
        return set(map(itemgetter(*positions), self.ways)) if positions else {()}


class Parts:
    """A space, taken apart."""

    def __init__(self, questions: Sequence[Question]) -> None:
        """Find the factors, which of them depend on each other, and how each such group can be answered.

        Args:
            questions: All of them.
        """
        self._questions = {question.name: question for question in questions}
        self._axes = tuple(question for question in questions if question.is_axis)
        self.factors: Mapping[str, tuple[Any, ...]] = {
            factor: (*values, None) if question.is_conditional else values
            for question in self._axes
            for factor, values in _factors(question).items()
        }
        self._decided_by: dict[str, frozenset[str]] = {}
        self.all = tuple(Part(factors, tuple(self._ways(factors))) for factors in self._groups())

    def count(self) -> int:
        """Count the valid combinations."""
        return prod(len(part.ways) for part in self.all)

    def row_of(self, combination: Mapping[str, Answer]) -> Row:
        """Take a combination apart.

        Args:
            combination: A valid one.
        """
        row: Row = {}
        for question in self._axes:
            answer = combination.get(question.name)
            if question.multiselect and answer is not None:
                row |= {atom(question.name, box): box in answer for box in question.boxes}
            else:
                row |= dict.fromkeys(_factors(question), answer)
        return row

    def combination_of(self, row: Mapping[str, Any]) -> Combination:
        """Put a combination together, in the order of the questions.

        Args:
            row: A value for each factor.
        """
        answers: dict[str, Answer] = {}
        for question in self._axes:
            if question.multiselect:
                values = {box: row[atom(question.name, box)] for box in question.boxes}
                if None not in values.values():
                    answers[question.name] = tuple(box for box, is_set in values.items() if is_set)
            elif row[question.name] is not None:
                answers[question.name] = row[question.name]
        return Combination(answers)

    def part_of(self, factor: str) -> Part:
        """Find the part that holds a factor.

        Args:
            factor: One of them all.
        """
        return next(part for part in self.all if factor in part.factors)

    def concerned(self, names: Iterable[str]) -> list[Part]:
        """Find the parts that decide about some variables.

        Args:
            names: Of variables, or of checkboxes: see `expressions.atom`.
        """
        deciding = self._deciding(names)
        return [part for part in self.all if deciding.intersection(part.factors)]

    def _groups(self) -> Iterator[tuple[str, ...]]:
        """Join factors until each rule lies within one group."""
        group_of = {factor: frozenset({factor}) for factor in self.factors}
        for question in self._questions.values():
            for dependent in self._rules(question):
                joined = frozenset().union(*(group_of[factor] for factor in dependent))
                group_of |= dict.fromkeys(joined, joined)
        for group in dict.fromkeys(group_of.values()):
            yield tuple(factor for factor in self.factors if factor in group)

    def _rules(self, question: Question) -> Iterator[frozenset[str]]:
        """Yield, for each rule of a question, the factors that cannot be answered without each other."""
        asked = self._deciding(_named(question.when))
        for choice in question.choices:
            factor, _ = question.factor_of(choice.value)
            yield asked | self._deciding(_named(choice.validator)) | (self.factors.keys() & {factor})
        if question.is_conditional:
            # Its default is looked up among the choices when it is not asked.
            closing = [name for choice in question.choices for name in _named(choice.validator)]
            yield asked | self._deciding([*_named(question.default), *closing]) | self._own(question)
        yield self._judging(question)

    def _judging(self, question: Question) -> frozenset[str]:
        """Find the factors that a question's validator looks at, among them one of the question itself."""
        if not question.validator:
            return frozenset()
        own, named = self._own(question), self._deciding(_named(question.validator))
        return self._deciding(_named(question.when)) | named | (own if own.isdisjoint(named) else frozenset())

    def _own(self, question: Question) -> frozenset[str]:
        return frozenset(self.factors.keys() & _factors(question).keys())

    def _deciding(self, names: Iterable[str]) -> frozenset[str]:
        return frozenset().union(*(self._deciding_one(name) for name in names))

    def _deciding_one(self, name: str) -> frozenset[str]:
        if name not in self._decided_by:
            self._decided_by[name] = frozenset()  # what something says of itself decides nothing
            self._decided_by[name] = self._found(name)
        return self._decided_by[name]

    def _found(self, name: str) -> frozenset[str]:
        question = self._questions[name.partition("=")[0]]
        own = frozenset({name}) if name in self.factors else self._own(question)
        if not question.is_axis:
            return self._deciding(_named(question.default))
        if question.is_conditional:
            return own | self._deciding([*_named(question.when), *_named(question.default)])
        return own

    def _ways(self, factors: tuple[str, ...]) -> Iterator[tuple[Any, ...]]:
        """Yield each valid way to answer some factors, whatever is answered to the others."""
        questions = [self._reduced(question, frozenset(factors)) for question in self._questions.values()]
        for answers in Walk(questions).ways():
            row = self.row_of(answers)
            yield tuple(row[factor] for factor in factors)

    def _reduced(self, question: Question, factors: frozenset[str]) -> Question:
        """Leave of a question what some factors concern: the others are fixed, and their rules hold anyway."""
        if question.is_axis and not self._own(question) & factors:
            return question.fixed()
        return question.reduced(
            lambda box: atom(question.name, box) in factors, judging=self._judging(question) <= factors
        )


def joined(parts: Iterable[Part]) -> Iterator[Row]:
    """Yield each way to answer several parts.

    Args:
        parts: Some of them.
    """
    parts = tuple(parts)
    factors = [factor for part in parts for factor in part.factors]
    for ways in product(*(part.ways for part in parts)):
        yield dict(zip(factors, chain.from_iterable(ways), strict=True))


def _factors(question: Question) -> dict[str, tuple[Any, ...]]:
    if question.multiselect:
        return {atom(question.name, box): (False, True) for box in question.boxes}
    return {question.name: question.values}


def _named(expression: object) -> tuple[str, ...]:
    return expression.atoms if isinstance(expression, Expression) else ()
