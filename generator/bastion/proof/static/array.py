"""Some of very many assignments: a covering array, built from the sets of combinations themselves."""

from collections.abc import Iterable, Sequence
from itertools import combinations as every
from random import Random

from bastion.proof.static.sets import Parts, Set, first

STRENGTH = 4


def covering(variables: Sequence[Parts], within: Set, strength: int = STRENGTH) -> list[int]:
    """Choose combinations so that each few values that meet in some combination do meet in a chosen one.

    Only values that do meet are looked for, so no constraint can be broken. The choice is random and always the same.

    Args:
        variables: What varies, each with the sets of combinations that have its values.
        within: The combinations to choose from.
        strength: How many variables a few are.
    """
    chosen, random = Chosen(), Random(0)  # noqa: S311 - nothing secret
    for some in every(variables, min(strength, len(variables))):
        for together in _meetings(some, within):
            if not together & chosen.set:
                chosen.add(_any_of(together, random))
    if within and not chosen.numbers:
        chosen.add(first(within))
    return chosen.numbers


class Chosen:
    """Chosen combinations, as numbers and as a set."""

    def __init__(self, numbers: Iterable[int] = ()) -> None:
        """Begin with some, or none."""
        self.numbers: list[int] = []
        self.set: Set = 0
        for number in numbers:
            self.add(number)

    def add(self, number: int) -> None:
        """Choose one more."""
        self.numbers.append(number)
        self.set |= 1 << number


def _meetings(variables: Sequence[Parts], within: Set) -> Iterable[Set]:
    groups = [within]
    for parts in variables:
        groups = [both for group in groups for part in parts if (both := group & part)]
    return groups


def _any_of(some: Set, random: Random) -> int:
    """Choose one, about evenly: the next one from a random place on, or else the first."""
    place = random.randrange(some.bit_length())
    return place + first(some >> place)
