"""Every answer changes something: two answers to a question that always render the same are one too many."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations as pairs
from typing import Any

from bastion.proof.static.findings import Findings
from bastion.proof.static.layout import ANSWERS, QUESTIONNAIRE, Layout
from bastion.proof.static.renderer import Renderer
from bastion.proof.static.renderings import Document
from bastion.proof.static.segments import Segment
from bastion.proof.static.sets import Combinations, Parts, Set, first
from bastion.space.questions import Question

_CHECK = "effects"
_MOST_TRIED = 4096
"""How many combinations are tried before an answer is said to change nothing. Nearly always the first one shows it."""


@dataclass(frozen=True)
class _Alternative:
    """Two answers to one question, or a box that is set or not."""

    question: str
    says: str
    one: Set
    other: Set
    other_boxes: Sequence[Parts] = ()
    """What the other boxes of the question say, which has to stay."""


class Effects:
    """What answers change, other than the file that remembers them."""

    def __init__(
        self, layout: Layout, combinations: Combinations, renderer: Renderer, documents: Iterable[Document]
    ) -> None:
        """Leave the file of the answers out."""
        self._layout, self._combinations, self._renderer = layout, combinations, renderer
        self._documents = [each for each in documents if ANSWERS.encode() not in each.source.content]

    def check(self, findings: Findings) -> None:
        """Find what changes nothing."""
        for message in self._without_effect():
            findings.add(_CHECK, QUESTIONNAIRE, message, self._combinations.every)

    def _without_effect(self) -> Iterator[str]:
        for question in self._combinations.space.questions:
            if question.is_axis:
                for each in self._alternatives(question):
                    verdicts = (self._differ(*both) for both in self._neighbours(each))
                    # Of answers that no two such combinations have, nothing can be said.
                    if next(verdicts, True) is False and not any(verdicts):
                        yield f"{each.says} render the same, whatever the other answers"
            elif not question.hidden and not self._text_matters(question.name):
                yield f"{question.name} changes nothing, whatever the text"

    # --- Answers ------------------------------------------------------------------------------------------------------

    def _alternatives(self, question: Question) -> Iterator[_Alternative]:
        name, answered = question.name, self._combinations.answered
        if not question.multiselect:
            for one, other in pairs(question.all_answers(), 2):
                says = f"{name}={one} and {name}={other}"
                yield _Alternative(name, says, answered(name, one), answered(name, other))
            return
        asked, boxes = self._combinations.every & ~answered(name, None), self._combinations.boxes(name)
        for box, (on, off) in boxes.items():
            others = [parts for each, parts in boxes.items() if each != box]
            yield _Alternative(name, f"{name} with and without {box}", on & asked, off & asked, others)

    def _neighbours(self, pair: _Alternative) -> Iterator[tuple[int, int]]:
        """Yield combinations that differ in these answers, and in what is asked because of them."""
        step = max(1, pair.one.bit_count() // _MOST_TRIED)
        for number in _every(step, pair.one):
            there = pair.other
            for name, answer in self._combinations[number].items():
                if name != pair.question:
                    answered = self._combinations.answered
                    there &= answered(name, answer) | answered(name, None)
            for parts in pair.other_boxes:
                there &= next(part for part in parts if part >> number & 1)
            if there:
                yield number, first(there)

    def _differ(self, one: int, other: int) -> bool:
        return any(self._content(each, one) != self._content(each, other) for each in self._documents)

    def _content(self, document: Document, number: int) -> bytes | None:
        return self._renderer.content(document, number) if document.present >> number & 1 else None

    # --- Texts --------------------------------------------------------------------------------------------------------

    def _text_matters(self, name: str) -> bool:
        """Say whether another text would change some file."""
        for document in self._documents:
            if document.source.is_template:
                segments = [each for each in self._layout.segments(document.source) if name in each.names]
                numbers = [first(each.where) for each in document.renderings] if segments else []
                if any(self._changes(segment, name, number) for segment in segments for number in numbers):
                    return True
        return False

    def _changes(self, segment: Segment, name: str, number: int) -> bool:
        variables = self._layout.variables(self._combinations, number)
        return segment.render(variables) != segment.render({**variables, name: _another(variables[name])})


def _another(value: Any) -> Any:  # noqa: ANN401 - of whatever type the question has
    return value + type(value)(1) if isinstance(value, int | float) else f"{value}x"


def _every(step: int, some: Set) -> Iterator[int]:
    """Yield the numbers in a set, or one of each so many."""
    digits = f"{some:b}"[::-1]
    numbers = (number for number, digit in enumerate(digits) if digit == "1")
    yield from (number for place, number in enumerate(numbers) if place % step == 0)
