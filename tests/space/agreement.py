"""Do the questionnaire, what people are told of it, and Copier itself say the same?"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from copier import run_copy
from jinja2 import Environment

from bastion.space.space import Space
from tests.space.oracle import Oracle
from tests.support.rendering import compiling_once


def disagreements(space: Space, oracle: Oracle, combinations: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield a sentence for each combination of which the two do not say the same."""
    for answers in combinations:
        told = {(rule.about, rule.kind): rule.name for rule in oracle.broken(answers)}
        seen = {(refusal.question, refusal.kind): refusal.reason for refusal in space.refusals(answers)}
        for about, kind in told.keys() - seen.keys():
            yield f"{dict(answers)}: {told[about, kind]!r} is a rule, but copier.yml has nothing against {about}"
        for about, kind in seen.keys() - told.keys():
            yield f"{dict(answers)}: copier.yml says of {about} {seen[about, kind]!r} ({kind}), but no rule does"


def answers_that_differ(space: Space, oracle: Oracle) -> set[str]:
    """Name the questions whose answers are not those that people are told."""
    told = {**oracle.answers, **oracle.checkboxes}
    seen = {each.name: each.values for each in space.questions if each.is_axis}
    return {name for name in told.keys() | seen.keys() if set(told.get(name, ())) != set(seen.get(name, ()))}


@dataclass(frozen=True)
class Said:
    """What Copier made of some answers."""

    refused: str
    answers: Mapping[str, Any]
    """What it asked, with the answers, given or by default."""
    variables: Mapping[str, Any]


class Copier:
    """Copier itself, which is told answers and writes nothing."""

    def __init__(self, copier_yml: str, folder: Path) -> None:
        """Give it a template with nothing but the questionnaire."""
        (folder / "template").mkdir(parents=True)
        (folder / "copier.yml").write_text(copier_yml, encoding="utf-8")
        self._folder = folder
        # Most of the time of an answer goes into compiling the same few hundred texts.
        self._compile = compiling_once()

    def says(self, answers: Mapping[str, Any]) -> Said:
        """Answer, leave the rest to its default, and look."""
        with TemporaryDirectory() as nowhere, pytest.MonkeyPatch.context() as patch:
            patch.setattr(Environment, "compile", self._compile)
            try:
                worker = run_copy(
                    str(self._folder), f"{nowhere}/x", dict(answers), defaults=True, pretend=True, quiet=True
                )
            except ValueError as refusal:
                return Said(str(refusal), {}, {})
        variables = {name: worker.answers.combined[name] for name in worker.template.questions_data}
        asked = {name: value for name, value in variables.items() if name not in worker.answers.hidden}
        return Said("", asked, variables)
