"""The combinations that people ask for by name: all on, all off, each feature alone, each missing, the presets.

What is "on" is read from the questionnaire: an answer is the more, the more capabilities it brings, and a feature is a
checkbox or a question of yes and no.
"""

from collections.abc import Iterator
from pathlib import Path

from bastion.choosing.presets import presets_of
from bastion.problems import Problem
from bastion.questionnaire import Questionnaire
from bastion.space.combinations import Combination
from bastion.space.parts import Row, joined
from bastion.space.space import Space


class Corners:
    """The rows that are there whatever else is covered."""

    def __init__(self, space: Space) -> None:
        """Find the two ends of a space.

        Args:
            space: What may be answered.
        """
        self._space, self._parts = space, space.parts
        self.all_on, self.all_off = self._extreme(most=True), self._extreme(most=False)

    def rows(self) -> Iterator[tuple[str, Row]]:
        """Yield each row with its name."""
        yield "all on", self.all_on
        yield "all off", self.all_off
        for factor, values in self._parts.factors.items():
            if set(values) - {None} == {True, False}:
                yield f"{factor} alone", self._nearest(self.all_off, factor, value=True)
                yield f"{factor} missing", self._nearest(self.all_on, factor, value=False)

    def _extreme(self, *, most: bool) -> Row:
        """Answer each part so that it brings the most capabilities or the fewest; of equals the last, or the first."""
        row = next(joined(self._parts.all))
        for part in self._parts.all:
            ways = [row | way for way in part.rows()]
            row = max(reversed(ways), key=self._capabilities) if most else min(ways, key=self._capabilities)
        return row

    def _capabilities(self, row: Row) -> int:
        variables = self._space.variables(self._parts.combination_of(row))
        return sum(variables[name] for name in self._space.capabilities)

    def _nearest(self, row: Row, factor: str, *, value: bool) -> Row:
        """Change one factor, and as little else as the rules ask for."""
        part = next(part for part in self._parts.all if factor in part.factors)
        return row | min((way for way in part.rows() if way[factor] is value), key=lambda way: _changes(row, way))


def _changes(row: Row, way: Row) -> int:
    return sum(row[factor] != value for factor, value in way.items())


def presets(template: Path, space: Space) -> Iterator[tuple[str, Combination]]:
    """Yield the combination of each preset with the name of its file.

    Args:
        template: The folder with `copier.yml`, and perhaps with `presets/`.
        space: What may be answered.
    """
    questionnaire = Questionnaire.read(template / "copier.yml")
    for preset in presets_of(template, questionnaire):
        name = f"presets/{preset.name}.yml"
        try:
            answers = questionnaire.understand(preset.answers)
            yield name, space.completed({key: answer for key, answer in answers.items() if key in space.axes})
        except Problem as problem:
            raise Problem(f"{name}: {problem}") from problem
