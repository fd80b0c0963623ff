"""A covering array: few rows in which any so many answers meet, if they can meet at all.

`covertable` finds few rows. That they cover is not left to it: what can meet follows from the parts of the space,
and is compared. ADR 11 says why it is this library, and why it is told more than the rules.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations, product
from math import prod
from typing import Any

from covertable import make  # type: ignore[import-untyped]

from bastion.problems import Problem
from bastion.proof.parts import Part, Parts, Row, joined

Meeting = frozenset[tuple[str, Any]]
"""Some factors with their values, all in one combination."""

_LARGEST_PROJECTION = 4


def covering_rows(parts: Parts, strength: int, first: Sequence[Row] = ()) -> list[Row]:
    """Find rows in which each meeting of so many factors happens that is possible in a valid combination.

    Args:
        parts: The space.
        strength: How many factors meet.
        first: Rows that are there anyway.
    """
    check_strength(parts, strength)
    rows, left = list(first), meetings(parts, strength)
    list(_useful(first, left, strength))
    made = (
        make(dict(parts.factors), strength=strength, constraints=list(_constraints(parts)), presets=rows)
        if left
        else ()
    )
    rows += _useful(made, left, strength)
    while left:
        rows += _useful([completed(parts, dict(min(left, key=_by_text)))], left, strength)
    return rows


def _useful(rows: Iterable[Row], left: set[Meeting], strength: int) -> Iterator[Row]:
    """Yield the rows in which something meets that is left, and take it away."""
    for row in rows:
        met = left.intersection(map(frozenset, combinations(row.items(), strength)))
        left -= met
        if met:
            yield row


def check_strength(parts: Parts, strength: int) -> None:
    """Refuse a strength that no rows can have.

    Args:
        parts: The space.
        strength: What was asked for.
    """
    most = len(parts.factors)
    if not 1 <= strength <= most:
        raise Problem(f"--strength {strength} is impossible, there are {most} factors", f"use one from 1 to {most}")


def meetings(parts: Parts, strength: int) -> set[Meeting]:
    """Find every meeting of so many factors that a valid combination has.

    Args:
        parts: The space.
        strength: How many factors meet.
    """
    part_of = {factor: part for part in parts.all for factor in part.factors}
    return {
        frozenset(pair for way in ways for pair in way)
        for factors in combinations(parts.factors, strength)
        for ways in product(*(_projected(part, factors) for part in dict.fromkeys(part_of[each] for each in factors)))
    }


def completed(parts: Parts, meeting: Row) -> Row:
    """Find the first valid row with some values.

    Args:
        parts: The space.
        meeting: Values that can meet.
    """
    fitting = (
        Part(part.factors, tuple(way for way in part.ways if meeting.items() & way.items() == _asked(part, meeting)))
        for part in parts.all
    )
    return next(joined(fitting))


def _asked(part: Part, meeting: Row) -> set[tuple[str, Any]]:
    return {(factor, value) for factor, value in meeting.items() if factor in part.factors}


def _projected(part: Part, factors: Iterable[str]) -> list[tuple[tuple[str, Any], ...]]:
    """Give the ways of a part, seen through some of its factors."""
    some = [factor for factor in factors if factor in part.factors]
    return list(dict.fromkeys(tuple((factor, way[factor]) for factor in some) for way in part.ways))


def _constraints(parts: Parts) -> Iterator[dict[str, Any]]:
    """Tell which values of a part can meet: all of them together, and each two, three and four.

    What holds for all together is only seen once all are chosen, which is too late: of two to four, it propagates.
    """
    for part in parts.all:
        sizes = {*range(2, min(len(part.factors), _LARGEST_PROJECTION) + 1), len(part.factors)} - {1}
        for factors in (some for size in sorted(sizes) for some in combinations(part.factors, size)):
            possible = {tuple(way[factor] for factor in factors) for way in part.ways}
            if len(possible) < prod(len(parts.factors[factor]) for factor in factors):
                yield {
                    "operator": "fn",
                    "requires": list(factors),
                    "evaluate": lambda row, factors=factors, possible=possible: (
                        tuple(row[factor] for factor in factors) in possible
                    ),
                }


def _by_text(meeting: Iterable[tuple[str, Any]]) -> list[str]:
    return sorted(map(str, meeting))
