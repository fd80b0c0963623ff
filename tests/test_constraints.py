"""What is told of constraints is true of every valid combination, and says no more than it takes."""

from collections.abc import Mapping
from typing import Any

import pytest

from bastion.knowing.catalogue import Catalogue
from bastion.knowing.constraints import ruled_out_with, unasked_with
from bastion.space.questions import Question
from bastion.space.space import Space
from tests.space import made_up

SPACE = Space.of(made_up.questionnaire())
CHOICES = [(question, choice.value) for question in SPACE.questions for choice in question.choices]


def question(name: str) -> Question:
    return next(each for each in SPACE.questions if each.name == name)


def told(name: str, value: str) -> list[tuple[tuple[str, ...], str]]:
    return [(tuple(each.answers), each.reason) for each in ruled_out_with(SPACE, question(name), value)]


def holds(flag: str, combination: Mapping[str, Any]) -> bool:
    """Say whether an answer is as a flag says: `auth=cookie`, `features=mail` or `not features=mail`."""
    name, _, value = flag.removeprefix("not ").partition("=")
    answer = combination.get(name, ())
    is_so = value in answer if isinstance(answer, tuple) else value == str(answer)
    return is_so != flag.startswith("not ")


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("features", "jobs", [(("database=sqlite",), "jobs need a database that several processes share")]),
        ("features", "passkeys", [(("auth=bearer",), "passkeys need a page in a browser")]),
        ("deploy", "kubernetes", [(("database=sqlite",), "several pods cannot share one file")]),
        ("features", "sso", [(("auth=bearer", "features=mfa"), "sso asks for it already")]),
        (
            "features",
            "mfa",
            [(("not features=mail",), "mfa needs mail"), (("auth=bearer", "features=sso"), "sso asks for it already")],
        ),
        ("deploy", "docker", []),
        ("database", "sqlite", []),
    ],
)
def test_a_choice_is_ruled_out_by_the_fewest_answers_with_the_rules_own_words(
    name: str, value: str, expected: list[tuple[tuple[str, ...], str]]
) -> None:
    assert told(name, value) == expected


def test_a_question_is_not_asked_with_the_fewest_answers() -> None:
    def unasked(name: str) -> list[list[str]]:
        return [list(each.answers) for each in unasked_with(SPACE, question(name))]

    assert unasked("algorithm") == [["auth=cookie"]]
    assert unasked("broker") == [["database=sqlite"], ["not features=jobs"]]
    assert unasked("ci") == []


@pytest.mark.parametrize(("asked", "value"), CHOICES, ids=lambda each: getattr(each, "name", each))
def test_no_valid_combination_has_a_choice_and_what_rules_it_out(asked: Question, value: str) -> None:
    for constraint in ruled_out_with(SPACE, asked, value):
        for part in SPACE.parts.all:
            for row in part.rows():
                combination = SPACE.parts.combination_of({**SPACE.parts.row_of(SPACE.completed({})), **row})
                assert not all(holds(flag, combination) for flag in (*constraint.answers, f"{asked.name}={value}"))


def test_a_catalogue_of_another_questionnaire_needs_no_defences() -> None:
    catalogue = Catalogue(made_up.questionnaire())

    assert catalogue.always is None
    assert {choice.value: tuple(choice.turns_on) for choice in catalogue.choices["features"]}["mfa"] == ("mfa",)
    (mfa,) = (choice for choice in catalogue.choices["features"] if choice.value == "mfa")
    assert (mfa.with_it["features"], mfa.without_it["features"]) == (("audit", "mail", "mfa"), ("audit", "mail"))
