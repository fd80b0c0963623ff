"""Every combination of answers, and the few that stand for all, as the tests write them: `bastion.proof` finds them."""

from collections.abc import Mapping
from functools import cache
from itertools import combinations
from typing import Any

from bastion.proof.corners import Corners
from bastion.proof.covering import covering_rows
from bastion.space.combinations import as_text, flags_of
from bastion.space.space import Space
from tests.support.checkout import ROOT

__all__ = ["as_text"]

Combination = dict[str, Any]
"""An answer for each question that is asked; of checkboxes, the list of those that are set."""

_SPACE = Space.read(ROOT / "copier.yml")
_STRENGTH = 2


@cache
def _everything() -> tuple[Combination, ...]:
    return tuple(combination.as_data() for combination in _SPACE.valid())


def all_combinations() -> list[Combination]:
    """Give every valid combination; free text is not a combination."""
    return list(_everything())


def ways(question: str) -> list[Any]:
    """Give each way to answer a question that has choices: one of them, or with checkboxes any subset of them."""
    return [list(answer) if isinstance(answer, tuple) else answer for answer in _SPACE.axes.get(question, ())]


def capabilities_of(combination: Mapping[str, Any]) -> frozenset[str]:
    """Name the capabilities that are on; what is not answered has its default."""
    variables = _SPACE.variables(_SPACE.completed(combination))
    return frozenset(name for name in _SPACE.capabilities if variables[name])


def largest() -> Combination:
    """Give the last combination with the most capabilities: choices go from the least to the most."""
    return pairwise()[0]


def smallest() -> Combination:
    """Give the first combination with the fewest capabilities."""
    return pairwise()[1]


def without_a_question() -> Combination:
    """Give the first combination whose answers make a question needless."""
    return min(all_combinations(), key=len)


def pairwise() -> list[Combination]:
    """Give the rows of the covering array, the largest and the smallest project first."""
    return list(_rows())


@cache
def _rows() -> tuple[Combination, ...]:
    corners, parts = Corners(_SPACE), _SPACE.parts
    rows = covering_rows(parts, _STRENGTH, [corners.all_on, corners.all_off])
    return tuple(parts.combination_of(row).as_data() for row in rows)


def met(combination: Combination) -> set[tuple[Any, ...]]:
    """Give each two answers that meet in a combination."""
    row = _SPACE.parts.row_of(_SPACE.completed(combination))
    return set(combinations(sorted(row.items(), key=str), _STRENGTH))


def name_of(combination: Combination) -> str:
    return _SPACE.id_of(combination)


def as_flags(combination: Combination) -> list[str]:
    """Write the answers as a person would on the command line: a list as YAML."""
    return flags_of(combination)
