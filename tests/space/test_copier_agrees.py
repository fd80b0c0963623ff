"""Copier itself says of a questionnaire what `bastion.space.space` says of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, product
from pathlib import Path
from random import Random
from typing import Any

import pytest
import yaml
from copier import run_copy

from bastion.proof.covering import Meeting, meetings
from bastion.space.combinations import Combination
from bastion.space.expressions import environment_of
from bastion.space.reading import as_bool
from bastion.space.space import Space
from tests.space import made_up
from tests.space.agreement import Copier
from tests.space.random_questionnaires import random_questionnaire
from tests.support.checkout import ROOT

SOME, GIVEN = 200, 0.8
QUESTIONNAIRES = {
    "ours": (ROOT / "copier.yml").read_text(encoding="utf-8"),
    "made up": yaml.safe_dump(made_up.questionnaire(), sort_keys=False),
}


@dataclass(frozen=True)
class Pair:
    """One questionnaire, and the two who read it."""

    space: Space
    copier: Copier


@pytest.fixture(params=QUESTIONNAIRES)
def both(request: pytest.FixtureRequest, tmp_path: Path) -> Pair:
    text = QUESTIONNAIRES[request.param]
    return Pair(Space.of(yaml.safe_load(text)), Copier(text, tmp_path / "questions"))


def _some(space: Space, number: int) -> list[Combination]:
    """Take some at random, one of each stretch of the list."""
    dice, stretch = Random(4), space.count() // number
    chosen = {at * stretch + dice.randrange(stretch) for at in range(number)}
    return [each for at, each in enumerate(space.valid()) if at in chosen]


def test_what_is_valid_here_is_valid_there_with_the_same_variables(both: Pair) -> None:
    some = _some(both.space, SOME)

    assert len(some) == SOME
    for combination in some:
        said = both.copier.says(combination.as_data())
        variables = both.space.variables(combination)

        assert said.refused == ""
        assert {name: said.answers[name] for name in combination} == combination.as_data()
        assert set(combination) == both.space.axes.keys() & said.answers.keys()
        assert {name: variables[name] for name in said.variables} == said.variables


def _impossible(space: Space) -> Iterator[Meeting]:
    """Yield every two values of two factors that meet in no valid combination."""
    possible = meetings(space.parts, 2)
    for (one, ones), (other, others) in combinations(space.parts.factors.items(), 2):
        yield from {frozenset({(one, a), (other, b)}) for a, b in product(ones, others)} - possible


def _as_answers(meeting: Meeting) -> dict[str, Any]:
    """Say what such a pair says, and nothing else."""
    answers: dict[str, Any] = {}
    for factor, value in sorted(meeting, key=str):
        name, equals, box = factor.partition("=")
        if equals:
            answers.setdefault(name, []).extend([box] if value else [])
        elif value is not None:
            answers[name] = value
    return answers


def test_no_impossible_pair_gets_through(both: Pair) -> None:
    pairs = sorted(_impossible(both.space), key=lambda pair: sorted(map(str, pair)))

    assert pairs
    for pair in pairs:
        said = both.copier.says(_as_answers(pair))
        asked = {name: value for name, value in said.answers.items() if name in both.space.axes}
        assert said.refused or not pair <= both.space.parts.row_of(Combination(asked)).items(), pair


@pytest.mark.parametrize("seed", range(40))
def test_both_say_the_same_of_any_questionnaire_and_any_answers(seed: int, tmp_path: Path) -> None:
    content = random_questionnaire(seed)
    space, copier = Space.of(content), Copier(yaml.safe_dump(content, sort_keys=False), tmp_path / "questions")
    dice = Random(seed)

    for _ in range(8):
        answers = _without_needless(
            space, {name: dice.choice(ways) for name, ways in space.axes.items() if dice.random() < GIVEN}
        )
        said = copier.says(answers.as_data())
        wrong = [each for each in space.refusals(answers) if each.kind != "not answered"]
        assert bool(said.refused) == bool(wrong), (answers, said.refused, wrong)
        if not said.refused:
            completed = space.completed(answers)
            assert completed.as_data() == {name: said.answers[name] for name in completed}
            assert completed.keys() == space.axes.keys() & said.answers.keys()


def _without_needless(space: Space, answers: Mapping[str, Any]) -> Combination:
    """Leave out what is not asked: Copier half ignores it, and the command refuses it."""
    while needless := {each.question for each in space.refusals(answers) if each.kind == "not asked"}:
        answers = {name: answer for name, answer in answers.items() if name not in needless}
    return Combination(answers)


def test_jinja_is_set_up_as_copier_does(tmp_path: Path) -> None:
    Copier(QUESTIONNAIRES["ours"], tmp_path / "questions")
    theirs = run_copy(str(tmp_path / "questions"), tmp_path / "x", defaults=True, pretend=True, quiet=True).jinja_env
    ours = environment_of(yaml.safe_load(QUESTIONNAIRES["ours"])["_envops"])

    assert ours.filters.keys() == theirs.filters.keys()
    assert ours.globals.keys() == theirs.globals.keys()
    assert ours.tests.keys() == theirs.tests.keys()
    for setting in ("trim_blocks", "lstrip_blocks", "keep_trailing_newline", "undefined", "block_start_string"):
        assert getattr(ours, setting) == getattr(theirs, setting)
    joined = "{{ pathjoin('a', 'b') }} {{ pathjoin('a', 'b', mode='windows') }}"
    assert ours.from_string(joined).render() == theirs.from_string(joined).render()


WORDS = ["", " ", "0", "0.0", "1", "-1", "y", "No", "TRUE", "off", "~", "null", "none", "maybe", "[]"]


@pytest.mark.parametrize("word", WORDS)
def test_a_word_is_true_or_false_as_for_copier(word: str, tmp_path: Path) -> None:
    copier = Copier(f"it: {{type: bool, default: {word!r}}}\n", tmp_path / "questions")

    assert copier.says({}).variables["it"] is as_bool(word)
