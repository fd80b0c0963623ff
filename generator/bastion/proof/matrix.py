"""The rows that stand for all combinations: which they are, and why each of them is there."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bastion.problems import Problem
from bastion.proof.corners import Corners, presets
from bastion.proof.covering import check_strength, covering_rows
from bastion.proof.outcomes import Requirement, outcomes_of
from bastion.space.combinations import Combination
from bastion.space.parts import Row as Factors
from bastion.space.parts import joined
from bastion.space.space import Space


@dataclass(frozen=True)
class Row:
    """A combination to be proven."""

    combination: Combination
    why: tuple[str, ...]
    """The names it is known by; what it adds to the pairs, when it has none."""


@dataclass(frozen=True)
class Matrix:
    """The rows, and what they cannot show."""

    space: Space
    strength: int
    rows: Sequence[Row]
    never: Sequence[str]
    """What was required and is true of no valid combination."""
    undecided: Sequence[str]
    """Conditions about which no answer decides, such as whether a project is being updated."""

    def shard(self, part: str) -> list[Row]:
        """Give the rows of one of several machines.

        Args:
            part: `I/N`, counted from 1.
        """
        return share_of(self.rows, part)


def matrix_of(template: Path, strength: int = 2, requirements: Iterable[Requirement] = ()) -> Matrix:
    """Find rows in which any so many answers meet, if they can, and every condition has each of its outcomes.

    Args:
        template: The folder with `copier.yml`.
        strength: How many answers meet.
        requirements: What else must be true in at least one row.
    """
    space = Space.read(template / "copier.yml")
    space.refuse_emptiness()
    check_strength(space.parts, strength)
    outcomes, undecided = outcomes_of(template, space)
    rows = _Rows(space)
    rows.add_corners(template)
    rows.cover(strength)
    never = [each.name for each in (*outcomes, *requirements) if not rows.meet(each)]
    return Matrix(space, strength, [Row(row, tuple(why)) for row, why in rows.found.items()], never, undecided)


def out_of_reach(template: Path, space: Space) -> tuple[list[str], list[str]]:
    """Name what no row can show, however many are proven.

    Args:
        template: The folder with `copier.yml`.
        space: What may be answered there.

    Returns:
        The outcomes that no valid combination has, and the conditions about which no answer decides.
    """
    outcomes, undecided = outcomes_of(template, space)
    rows = _Rows(space)
    return [each.name for each in outcomes if not rows.meet(each)], undecided


class _Rows:
    """Rows as they are found, each with the reasons for it."""

    def __init__(self, space: Space) -> None:
        self.space, self.corners = space, Corners(space)
        self.found: dict[Combination, list[str]] = {}

    def add(self, combination: Combination, why: str) -> None:
        self.found.setdefault(combination, []).append(why)

    def add_corners(self, template: Path) -> None:
        for name, row in self.corners.rows():
            self.add(self.space.parts.combination_of(row), name)
        for name, combination in presets(template, self.space):
            self.add(combination, name)

    def cover(self, strength: int) -> None:
        first = [self.space.parts.row_of(combination) for combination in self.found]
        for row in covering_rows(self.space.parts, strength, first)[len(first) :]:
            self.add(self.space.parts.combination_of(row), f"strength {strength}")

    def meet(self, requirement: Requirement) -> bool:
        """Have a row in which something is true; False when there can be none."""
        if any(requirement.met(self.space.variables(row)) for row in self.found):
            return True
        combination = self._first(requirement)
        if combination:
            self.add(combination, requirement.name)
        return combination is not None

    def _first(self, requirement: Requirement) -> Combination | None:
        parts = self.space.parts
        concerned = parts.all if requirement.names is None else parts.concerned(requirement.names)
        rows: Iterable[Factors] = (self.corners.all_on | way for way in joined(concerned))
        combinations = map(parts.combination_of, rows)
        return next((each for each in combinations if requirement.met(self.space.variables(each))), None)


def read_shard(part: str) -> tuple[int, int]:
    """Read which of how many shares is meant.

    Args:
        part: `I/N`, counted from 1.
    """
    numbers = re.fullmatch(r"([0-9]{1,9})/([0-9]{1,9})", part)
    index, count = map(int, numbers.groups()) if numbers else (0, 0)
    if not 1 <= index <= count:
        raise Problem(f"--shard {part!r} is no I/N", "write the second of four as --shard 2/4")
    return index, count


def share_of(rows: Sequence[Row], part: str) -> list[Row]:
    """Give one of several machines its share, and refuse an empty one: of no rows, all would pass.

    Args:
        rows: What all machines prove together.
        part: `I/N`, counted from 1.
    """
    index, count = read_shard(part)
    share = list(rows[index - 1 :: count])
    if not share:
        known, shares = ("is 1 row", "1 share") if len(rows) == 1 else (f"are {len(rows)} rows", f"{len(rows)} shares")
        raise Problem(f"--shard {part} is empty, there {known}", f"make at most {shares}")
    return share
