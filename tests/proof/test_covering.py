"""In the rows of a covering array everything meets that can meet, and nothing else."""

from collections.abc import Iterable, Mapping
from itertools import combinations
from typing import Any

import pytest

from bastion.problems import Problem
from bastion.proof import covering
from bastion.proof.covering import Meeting, covering_rows, meetings
from bastion.space.parts import Parts, Row
from bastion.space.space import Space
from tests.space import made_up
from tests.space.random_questionnaires import random_questionnaire
from tests.support.checkout import questionnaire

SPACE, MADE_UP = Space.of(questionnaire()), Space.of(made_up.questionnaire())


def _met(rows: Iterable[Mapping[str, Any]], strength: int) -> set[Meeting]:
    return {frozenset(some) for row in rows for some in combinations(row.items(), strength)}


def _invalid(space: Space, rows: Iterable[Row]) -> list[Row]:
    return [row for row in rows if space.refusals(space.parts.combination_of(row))]


@pytest.mark.parametrize("strength", [1, 2, 3, 7])
def test_each_so_many_answers_meet_if_they_can(strength: int) -> None:
    possible = _met(map(SPACE.parts.row_of, SPACE.valid()), strength)

    rows = covering_rows(SPACE.parts, strength)
    assert meetings(SPACE.parts, strength) == possible == _met(rows, strength)
    assert _invalid(SPACE, rows) == []


def test_the_pairs_need_few_rows() -> None:
    rows, ways_to_have_an_algorithm, ways_to_count_requests = covering_rows(SPACE.parts, 2), 4, 3

    assert ways_to_have_an_algorithm * ways_to_count_requests <= len(rows) <= 14


def test_the_triples_need_few_rows() -> None:
    assert len(covering_rows(SPACE.parts, 3)) <= 40


def test_as_many_as_there_are_factors_are_all_combinations() -> None:
    assert len(covering_rows(SPACE.parts, len(SPACE.parts.factors))) == SPACE.count()


def test_pairs_of_checkboxes_count_and_not_only_of_questions() -> None:
    rows = covering_rows(MADE_UP.parts, 2)

    assert meetings(MADE_UP.parts, 2) <= _met(rows, 2)
    assert {frozenset({("features=mfa", True), ("features=search", False)})} <= _met(rows, 2)
    assert _invalid(MADE_UP, rows) == []
    assert len(rows) <= 20


@pytest.mark.parametrize("seed", range(60))
def test_any_questionnaire_is_covered(seed: int) -> None:
    space = Space.of(random_questionnaire(seed))
    for strength in range(1, min(3, len(space.parts.factors)) + 1):
        possible = _met(map(space.parts.row_of, space.valid()), strength)

        rows = covering_rows(space.parts, strength)
        assert _invalid(space, rows) == []
        assert meetings(space.parts, strength) == possible == _met(rows, strength)


def test_rows_that_are_there_anyway_count() -> None:
    everything = [SPACE.parts.row_of(combination) for combination in SPACE.valid()]

    assert covering_rows(SPACE.parts, 3, everything) == everything


def test_what_the_library_leaves_out_is_added(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(covering, "make", lambda *_, **__: [])

    assert _met(covering_rows(MADE_UP.parts, 2), 2) == meetings(MADE_UP.parts, 2)


def test_what_the_library_invents_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [dict.fromkeys(MADE_UP.parts.factors, True), *map(MADE_UP.parts.row_of, list(MADE_UP.valid())[:1])]
    monkeypatch.setattr(covering, "make", lambda *_, **__: rows)

    assert _invalid(MADE_UP, covering_rows(MADE_UP.parts, 2)) == []


@pytest.mark.parametrize("strength", [-1, 0, 8])
def test_an_impossible_strength_is_a_problem(strength: int) -> None:
    with pytest.raises(Problem, match="use one from 1 to 7"):
        covering_rows(SPACE.parts, strength)


def test_a_combination_can_be_taken_apart_and_put_together() -> None:
    parts: Parts = MADE_UP.parts
    for combination in list(MADE_UP.valid())[::997]:
        assert parts.combination_of(parts.row_of(combination)) == combination


def test_the_parts_are_those_that_depend_on_each_other() -> None:
    together = [set(part.factors) for part in MADE_UP.parts.all if len(part.factors) > 1]

    assert together == [
        {"database", "features=jobs", "broker", "deploy"},
        {"auth", "algorithm", "features=mail", "features=mfa", "features=passkeys", "features=sso"},
    ]
