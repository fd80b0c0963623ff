"""All valid combinations at once: a set of them is an integer with one bit for each.

So a question about every combination is a handful of operations on integers, however many combinations there are: the
combinations where an import stands and its module does not are `imported & ~present`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from operator import eq
from typing import Any

from bastion.space.expressions import Expression, atom
from bastion.space.questions import Question
from bastion.space.space import Combination, Space

Set = int
"""A set of combinations: bit `i` stands for the combination `i`."""

Parts = Sequence[Set]
"""Disjoint sets, one for each value that something has; together they are all combinations."""

_ASKED = "asked"
"""Stands for every answer to a question of checkboxes: there can be thousands of them."""


class Combinations:
    """Every valid combination of a space, by number."""

    def __init__(self, space: Space) -> None:
        """Number the combinations."""
        self.space = space
        self._list: list[Combination] = list(space.valid())
        self.count = len(self._list)
        self.every: Set = (1 << self.count) - 1
        self._questions = {question.name: question for question in space.questions}
        self._parts: dict[str, dict[Any, Set]] = {}
        self._variables: dict[int, dict[str, Any]] = {}
        self._answers: dict[str, dict[Any, Set]] = {}
        self._boxes: dict[str, dict[Any, Set]] = {}
        for name in space.axes:
            self._index(self._questions[name])

    def __getitem__(self, number: int) -> Combination:
        """Give a combination."""
        return self._list[number]

    def _index(self, question: Question) -> None:
        """Note where each answer is given, None for not asked; of checkboxes, where each box is set."""
        numbers: dict[Any, int] = {}
        column = [numbers.setdefault(each.get(question.name), len(numbers)) for each in reversed(self._list)]

        def where(holds: Callable[[Any], bool]) -> Set:
            digits = ["1" if holds(answer) else "0" for answer in numbers]
            return int("".join(map(digits.__getitem__, column)), 2) if "1" in digits else 0

        asked = where(lambda answer: answer is not None)
        if question.multiselect:
            self._boxes[question.name] = {box: where(partial(_is_set, box)) for box in question.boxes}
            self._answers[question.name] = {_ASKED: asked}
        else:
            self._answers[question.name] = {
                answer: where(partial(eq, answer)) for answer in numbers if answer is not None
            }
        if not_asked := self.every & ~asked:
            self._answers[question.name][None] = not_asked

    def variables(self, number: int) -> dict[str, Any]:
        """Give what Jinja knows in a combination."""
        if number not in self._variables:
            self._variables[number] = self.space.variables(self._list[number])
        return self._variables[number]

    def knows(self, name: str) -> bool:
        """Say whether a name is a question or something computed."""
        return name in self._questions

    def having(self, name: str) -> Set:
        """Give the combinations where a capability is on, or a box is set."""
        return self._values(name).get(True, 0)

    def having_any(self, names: Sequence[str]) -> Set:
        """Give the combinations where one of some capabilities is on; if none is named, all of them."""
        return union(map(self.having, names)) if names else self.every

    def answered(self, name: str, answer: object) -> Set:
        """Give the combinations that answer a question so; None stands for a question that is not asked."""
        if name not in self._boxes or answer is None:
            return self._answers[name].get(answer, 0)
        where = self._answers[name][_ASKED]
        for box, is_set in self._boxes[name].items():
            where &= is_set if _is_set(box, answer) else ~is_set
        return where

    def answers(self) -> Mapping[str, Mapping[Any, Set]]:
        """Give, for each question without checkboxes, each answer and where it is given; None for not asked."""
        return {name: answers for name, answers in self._answers.items() if name not in self._boxes}

    def boxes(self, name: str) -> dict[str, tuple[Set, Set]]:
        """Give, for each box of a question, the combinations where it is set and where it is not."""
        boxes = {str(box): self.having(atom(name, box)) for box in self._questions[name].boxes}
        return {box: (where, self.every & ~where) for box, where in boxes.items()}

    def parts(self, names: Iterable[str]) -> list[Parts]:
        """Give what the variables of these names distinguish, each by itself: of checkboxes, each box."""
        wanted = dict.fromkeys(each for name in names for each in self._atoms(name))
        return [parts for each in wanted if len(parts := [*self._values(each).values()]) > 1]

    def split(self, names: Iterable[str], within: Set, limit: int) -> list[Set] | None:
        """Split a set by the values of variables; None when that would be more than `limit` parts."""
        groups = [within] if within else []
        for parts in self.parts(names):
            groups = [both for group in groups for part in parts if (both := group & part)]
            if len(groups) > limit:
                return None
        return groups

    def _atoms(self, name: str) -> list[str]:
        question = self._questions.get(name)
        return [atom(name, box) for box in question.boxes] if question and question.multiselect else [name]

    def _values(self, name: str) -> dict[Any, Set]:
        if name not in self._parts:
            owner, _, box = name.partition("=")
            question = self._questions[owner]
            pairs = self._box(question, box) if box else self._value(question)
            values: dict[Any, Set] = {}
            for value, where in pairs:
                key = repr(value) if isinstance(value, list | dict) else value
                values[key] = values.get(key, 0) | where
            self._parts[name] = values
        return self._parts[name]

    def _box(self, question: Question, box: str) -> Iterator[tuple[bool, Set]]:
        """Yield whether a box is set and where."""
        chosen = union(where for each, where in self._boxes[question.name].items() if str(each) == box)
        for group in self._where_not_asked(question):
            if box in map(str, self.variables(first(group))[question.name]):
                chosen |= group
        yield from ((value, where) for value, where in ((True, chosen), (False, self.every & ~chosen)) if where)

    def _value(self, question: Question) -> Iterator[tuple[Any, Set]]:
        """Yield each value of a variable and where it has it: the answer, or what is computed."""
        answers = self._answers.get(question.name, {None: self.every})
        yield from ((answer, where) for answer, where in answers.items() if answer is not None)
        for group in self._where_not_asked(question):
            yield self.variables(first(group)).get(question.name), group

    def _where_not_asked(self, question: Question) -> list[Set]:
        """Split the combinations where a default stands, by what it is computed from."""
        where = self._answers.get(question.name, {None: self.every}).get(None, 0)
        names = question.default.atoms if isinstance(question.default, Expression) else ()
        return self.split(names, where, self.count) or []


def _is_set(box: object, answer: Any) -> bool:  # noqa: ANN401 - boxes, or None
    return answer is not None and box in answer


def first(some: Set) -> int:
    """Give the lowest number in a set that is not empty."""
    return (some & -some).bit_length() - 1


def union(sets: Iterable[Set]) -> Set:
    """Join sets."""
    joined = 0
    for each in sets:
        joined |= each
    return joined
