"""Sets of combinations in the words of the questionnaire."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bastion.proof.static.sets import Combinations, Set, first

_MOST_WAYS = 3
_TWO = 2
_LACKED, _FOLLOWING, _GIVEN = range(3)


@dataclass(frozen=True)
class _Fact:
    """Something that a person would say of a combination, and where it is so."""

    says: str
    where: Set
    rank: int = _GIVEN
    """What is ranked lower is rather left out: what a combination lacks, then what depends on another answer."""

    effort: int = 2
    """How hard it is to understand."""


# In which order questions are left out: no order finds the shortest words in every case.
_ORDERS: tuple[Callable[[list[_Fact]], int], ...] = (
    lambda facts: facts[-1].rank,
    lambda facts: -facts[-1].rank,
    lambda facts: -facts[-1].effort,
)


class Wording:
    """Says with as few answers as possible which combinations are meant."""

    def __init__(self, combinations: Combinations) -> None:
        """Find what can be said of some combination, by question or box, the strongest last."""
        self._combinations = combinations
        answers = combinations.answers()
        self._facts = [
            facts
            for name in combinations.space.axes
            for facts in ([list(_facts(name, answers[name], combinations))] if name in answers else self._boxes(name))
        ]

    def _boxes(self, name: str) -> list[list[_Fact]]:
        return [
            [_Fact(f"{name} without {box}", off, _LACKED, effort=3), _Fact(f"{name} with {box}", on)]
            for box, (on, off) in self._combinations.boxes(name).items()
        ]

    def explain(self, wrong: Set, among: Set) -> str:
        """Say where something is wrong.

        Args:
            wrong: Where it is.
            among: The combinations that were looked at.
        """
        every, ways, rest = self._combinations.every, list[str](), wrong
        while rest and len(ways) < _MOST_WAYS:
            needed = self._needed(first(rest), wrong, among)
            ways.append(", ".join(fact.says for fact in needed) or "any answers")
            rest &= ~_holding(needed, every)
        count = f"{wrong.bit_count()} of {self._combinations.count} combinations"
        example = self._combinations.space.id_of(self._combinations[first(wrong)])
        return f"{'; or '.join([*ways, '...'] if rest else ways)} ({count}, such as {example})"

    def _needed(self, number: int, wrong: Set, among: Set) -> list[_Fact]:
        """Find what is simplest to say of a combination that still means that it is wrong."""
        possible = [[fact for fact in facts if fact.where >> number & 1] for facts in self._facts]
        plain = [facts[-1:] for facts in possible]
        attempts = [
            self._shortened(sorted(facts, key=order), wrong, among) for facts in (possible, plain) for order in _ORDERS
        ]
        best = min(attempts, key=lambda said: (len(said), -self._reach(said), sum(fact.effort for fact in said)))
        return [fact for facts in possible for fact in facts if fact in best]

    def _reach(self, said: Iterable[_Fact]) -> int:
        return _holding(said, self._combinations.every).bit_count()

    def _shortened(self, possible: list[list[_Fact]], wrong: Set, among: Set) -> list[_Fact]:
        """Say less and less: of one question after another nothing, if that is enough, or else the weakest fact."""
        said = [facts[-1] for facts in possible]
        nothing = _Fact("", self._combinations.every)
        for at, facts in enumerate(possible):
            others = _holding([*said[:at], *said[at + 1 :]], among & ~wrong)
            said[at] = next(fact for fact in (nothing, *facts) if not others & fact.where)
        return [fact for fact in said if fact.says]


def _facts(name: str, answers: Mapping[Any, Set], combinations: Combinations) -> Iterator[_Fact]:
    """Yield what can be said of the answer to one question."""
    if None in answers:
        yield _Fact(f"{name} asked", combinations.every & ~answers[None], effort=4)
    if len(answers) > _TWO:
        for answer, where in answers.items():
            if answer is not None:
                yield _Fact(f"{name} not {answer}", combinations.every & ~where, effort=3)
    for answer, where in answers.items():
        if answer is None:
            yield _Fact(f"{name} not asked", where, _LACKED, effort=4)
        else:
            yield _Fact(f"{name}={answer}", where, _FOLLOWING if None in answers else _GIVEN)


def _holding(facts: Iterable[_Fact], where: Set) -> Set:
    for fact in facts:
        where &= fact.where
    return where
