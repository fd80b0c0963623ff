"""Which answers leave a question unasked or rule a choice out, as a person would say it: the fewest that suffice.

They are found among the valid answers and not in the text of a rule, so a rule may be written in any Jinja.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, combinations

from bastion.space.expressions import atom
from bastion.space.parts import Part, Row
from bastion.space.questions import Question
from bastion.space.space import Space

_MOST_ANSWERS = 2
"""A rule that takes more answers to explain should not exist."""


@dataclass(frozen=True)
class Constraint:
    """Some answers, and why they rule something out.

    Attributes:
        answers: the answers as flags; a checkbox that is not set has `not` in front.
        reason: the rule's own words, if it has some.
    """

    answers: Sequence[str]
    reason: str = ""


def unasked_with(space: Space, question: Question) -> list[Constraint]:
    """Find the answers with which a question is not asked.

    Args:
        space: All valid answers.
        question: A question with choices.
    """
    if not question.is_conditional:
        return []
    factor, _ = question.factor_of(question.values[0])
    part = space.parts.part_of(factor)
    found = _fewest(list(part.rows()), _before(part, question), lambda row: row[factor] is None)
    return [Constraint(_as_flags(space, answers)) for answers in found]


def ruled_out_with(space: Space, question: Question, value: object) -> list[Constraint]:
    """Find the answers that rule a choice out.

    Args:
        space: All valid answers.
        question: A question with choices.
        value: One of its choices.
    """
    factor, wanted = question.factor_of(value)
    part = space.parts.part_of(factor)
    rows = [row for row in part.rows() if row[factor] is not None]
    others = [each for each in (*_before(part, question), *_boxes(question)) if each != factor]
    return [
        Constraint(
            _as_flags(space, answers),
            _reason(space, question, ({**row, factor: wanted} for row in _with(rows, answers))),
        )
        for answers in _fewest(rows, others, lambda row: row[factor] != wanted)
    ]


def _before(part: Part, question: Question) -> list[str]:
    """List the factors that are answered before a question: a rule sees no others."""
    own = (question.name, *_boxes(question))
    first = min(part.factors.index(factor) for factor in own if factor in part.factors)
    return list(part.factors[:first])


def _boxes(question: Question) -> list[str]:
    return [atom(question.name, box) for box in question.boxes]


def _fewest(rows: Sequence[Row], factors: Sequence[str], concerned: Callable[[Row], bool]) -> Iterator[Row]:
    """Yield each smallest set of answers for which `concerned` holds in every row that has them."""
    found: list[Row] = []
    for size in range(1, _MOST_ANSWERS + 1):
        for some in combinations([factor for factor in factors if factor in rows[0]], size):
            for answers in {tuple(row[factor] for factor in some): None for row in rows}:
                candidate = dict(zip(some, answers, strict=True))
                known = any(each.items() <= candidate.items() for each in found)
                if None not in answers and not known and all(map(concerned, _with(rows, candidate))):
                    found.append(candidate)
                    yield candidate


def _with(rows: Sequence[Row], answers: Row) -> Iterator[Row]:
    return (row for row in rows if answers.items() <= row.items())


def _reason(space: Space, question: Question, rows: Iterable[Row]) -> str:
    """Return the reason why no row is valid, in the rule's own words: the shortest, since others name more rules."""
    default = space.parts.row_of(space.completed({}))
    refusals = chain.from_iterable(space.refusals(space.parts.combination_of({**default, **row})) for row in rows)
    return min((each.reason for each in refusals if each.question == question.name), key=len, default="")


def _as_flags(space: Space, answers: Row) -> list[str]:
    return [
        (factor if value else f"not {factor}") if factor not in space.axes else f"{factor}={value}"
        for factor, value in answers.items()
    ]
