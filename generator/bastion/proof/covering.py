"""A covering array: few rows in which any so many answers meet, if they can meet at all.

`covertable` finds few rows. That they are valid and that they cover is not left to it: both follow from the parts of
the space, and are compared. ADR 11 says why it is this library, and why it is told more than the rules.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, combinations, product
from math import comb
from typing import Any

from covertable import make  # type: ignore[import-untyped]

from bastion.problems import Problem
from bastion.space.parts import Part, Parts, Row

Meeting = frozenset[tuple[str, Any]]
"""Some factors with their values, all in one combination."""

_PROJECTIONS = (4, 3, 2)
_PATIENCE = 10_000_000


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
    if left:
        rows += _useful(_made(parts, strength, rows), left, strength)
    while left:
        rows += _useful([completed(parts, dict(min(left, key=_by_text)))], left, strength)
    return rows


def _made(parts: Parts, strength: int, first: Sequence[Row]) -> Iterator[Row]:
    """Let the library find rows, and let none pass that is no valid combination."""
    valid = [(part.factors, set(part.ways)) for part in parts.all]
    for row in make(dict(parts.factors), strength=strength, constraints=list(_constraints(parts)), presets=first):
        if all(tuple(row[factor] for factor in factors) in ways for factors, ways in valid):
            yield row


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
    if not parts.count():
        return set()
    part_of = {factor: part for part in parts.all for factor in part.factors}
    found: set[Meeting] = set()
    for factors in combinations(parts.factors, strength):
        concerned = dict.fromkeys(part_of[factor] for factor in factors)
        for ways in product(*(_projected(part, factors) for part in concerned)):
            found.add(frozenset(chain.from_iterable(ways)))
    return found


def completed(parts: Parts, meeting: Row) -> Row:
    """Find the first valid row with some values.

    Args:
        parts: The space.
        meeting: Values that can meet.
    """
    wanted = [{factor: meeting[factor] for factor in part.factors if factor in meeting} for part in parts.all]
    return {
        factor: value
        for part, some in zip(parts.all, wanted, strict=True)
        for factor, value in next(row for row in part.rows() if row | some == row).items()
    }


def _projected(part: Part, factors: Iterable[str]) -> list[Meeting]:
    """Give the ways of a part, seen through some of its factors."""
    some = [factor for factor in factors if factor in part.factors]
    return [frozenset(zip(some, values, strict=True)) for values in part.seen_through(some)]


def _constraints(parts: Parts) -> Iterator[dict[str, Any]]:
    """Tell which values can meet: of a whole part, and of each few of its factors.

    What holds for all of them together is only seen once all are chosen, which is too late: of few, it propagates. What
    already follows from fewer is left out, because each costs time.
    """
    for part in parts.all:
        few = range(1, min(len(part.factors), _largest_projection(part)) + 1)
        for factors in (some for size in few for some in combinations(part.factors, size)):
            possible = part.seen_through(factors)
            if len(possible) < _implied(parts, part, factors):
                yield _constraint(factors, possible)
        if len(part.factors) > len(few):
            yield _constraint(part.factors, set(part.ways))


def _largest_projection(part: Part) -> int:
    """Say of how many factors it is worth while to find out what can meet."""
    sizes = (size for size in _PROJECTIONS if comb(len(part.factors), size) * len(part.ways) <= _PATIENCE)
    return next(sizes, min(_PROJECTIONS))


def _implied(parts: Parts, part: Part, factors: Sequence[str]) -> int:
    """Count what seems possible when one looks at all of these factors but one at a time."""
    fewer = [part.seen_through((*factors[:at], *factors[at + 1 :])) for at in range(len(factors))]
    return sum(
        all(values[:at] + values[at + 1 :] in known for at, known in enumerate(fewer))
        for values in product(*(parts.factors[factor] for factor in factors))
    )


def _constraint(factors: Sequence[str], possible: set[tuple[Any, ...]]) -> dict[str, Any]:
    return {
        "operator": "fn",
        "requires": list(factors),
        "evaluate": lambda row: tuple(row[factor] for factor in factors) in possible,
    }


def _by_text(meeting: Iterable[tuple[str, Any]]) -> list[str]:
    return sorted(map(str, meeting))
