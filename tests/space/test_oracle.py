"""The questionnaire and its documentation, which know nothing of each other, agree; and a contradiction is noticed."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from bastion.space.space import Space
from tests.space import made_up
from tests.space.agreement import answers_that_differ, disagreements
from tests.space.oracle import ORACLE, Oracle, Rule
from tests.support.checkout import ROOT, questionnaire, questions

SPACE = Space.of(questionnaire())
MADE_UP = Space.of(made_up.questionnaire())


def test_the_answers_are_those_that_people_are_told() -> None:
    assert answers_that_differ(SPACE, ORACLE) == set()


def test_every_combination_is_legal_or_not_and_by_the_same_rules() -> None:
    assert list(disagreements(SPACE, ORACLE, ORACLE.every_combination())) == []


def test_the_legal_combinations_are_the_valid_ones() -> None:
    legal = [answers for answers in ORACLE.every_combination() if not ORACLE.broken(answers)]

    assert {frozenset(each.items()) for each in legal} == {frozenset(each.items()) for each in SPACE.valid()}
    assert len(legal) == SPACE.count()


@pytest.mark.parametrize("rule", ORACLE.rules, ids=lambda rule: rule.name)
def test_every_rule_quotes_what_people_are_told(rule: Rule) -> None:
    told = (ROOT / "README.md").read_text(encoding="utf-8") + "".join(each["help"] for each in questions().values())

    assert rule.says in told


@pytest.mark.parametrize("rule", ORACLE.rules, ids=lambda rule: rule.name)
def test_every_rule_forbids_something(rule: Rule) -> None:
    assert any(rule in ORACLE.broken(answers) for answers in ORACLE.every_combination())


@pytest.mark.parametrize("question", [name for name in SPACE.axes if name not in ORACLE.sometimes_asked])
def test_a_question_that_is_always_asked_wants_an_answer(question: str) -> None:
    answers = {name: answer for name, answer in next(SPACE.valid()).items() if name != question}

    assert [(each.question, each.kind) for each in SPACE.refusals(answers)] == [(question, "not answered")]


def _some_of_the_made_up() -> Iterator[Mapping[str, Any]]:
    """Yield all that its rules concern, and of everything else what chance says."""
    dice = Random(4)
    concerned = {box for rule in made_up.ORACLE.rules for box in made_up.FEATURES if f"features: {box}" in rule.illegal}
    others = [box for box in made_up.FEATURES if box not in concerned]
    narrowed = replace(
        made_up.ORACLE,
        answers={**made_up.ORACLE.answers, "documented": [True], "ci": ["none"]},
        checkboxes={"features": sorted(concerned)},
    )
    for answers in narrowed.every_combination():
        features = {*answers["features"], *(box for box in others if dice.random() < 0.5)}
        ordered = tuple(box for box in made_up.FEATURES if box in features)
        yield {**answers, "features": ordered, "documented": dice.random() < 0.5, "ci": dice.choice(["none", "github"])}


def test_validators_of_questions_and_choices_agree_with_rules_too() -> None:
    assert answers_that_differ(MADE_UP, made_up.ORACLE) == set()
    assert list(disagreements(MADE_UP, made_up.ORACLE, _some_of_the_made_up())) == []


def _with(changes: Mapping[str, Any]) -> Space:
    content = made_up.questionnaire()
    for name, change in changes.items():
        content[name] = {**content[name], **change}
    return Space.of(content)


CONTRADICTIONS = {
    "a validator forbids more": (
        _with({"features": {"validator": "{% if 'mfa' in features %}mfa is not ready{% endif %}"}}),
        "copier.yml says of features 'mfa is not ready'",
    ),
    "a validator is gone": (_with({"features": {"validator": ""}}), "'mfa is mailed' is a rule"),
    "a question is asked too often": (_with({"algorithm": {"when": True}}), "'no tokens' is a rule"),
    "a question is asked too rarely": (
        _with({"algorithm": {"when": "{{ auth == 'bearer' }}"}}),
        "copier.yml says of algorithm 'it is not asked'",
    ),
    "a choice is open": (
        _with({"deploy": {"choices": ["nowhere", "docker", "kubernetes"]}}),
        "'pods share' is a rule, but copier.yml has nothing against deploy",
    ),
    "the right combination, but for another reason": (
        _with(
            {
                "deploy": {
                    "choices": ["nowhere", "docker", "kubernetes"],
                    "validator": "{% if deploy == 'kubernetes' and database == 'sqlite' %}no{% endif %}",
                }
            }
        ),
        "copier.yml says of deploy 'no' (answer), but no rule does",
    ),
}


@pytest.mark.parametrize(("space", "sentence"), CONTRADICTIONS.values(), ids=CONTRADICTIONS)
def test_a_contradiction_is_told_with_the_answers_and_the_rule(space: Space, sentence: str) -> None:
    told = list(disagreements(space, made_up.ORACLE, _some_of_the_made_up()))

    assert any(sentence in each and "'database': " in each for each in told)


@pytest.mark.parametrize(
    ("when", "sentence"),
    [
        (True, "'without tokens nothing signs them' is a rule, but copier.yml has nothing against jwt_algorithm"),
        ("{{ auth == 'bearer' }}", "copier.yml says of jwt_algorithm 'it is not asked'"),
    ],
    ids=["asked too often", "asked too rarely"],
)
def test_a_contradiction_of_the_real_questionnaire_is_told(when: object, sentence: str) -> None:
    content = deepcopy(questionnaire())
    content["jwt_algorithm"]["when"] = when

    told = list(disagreements(Space.of(content), ORACLE, ORACLE.every_combination()))

    assert any(sentence in each and "'auth': " in each for each in told)


@pytest.mark.parametrize(
    ("oracle", "sentence"),
    [
        (replace(ORACLE, rules=ORACLE.rules[:1]), "copier.yml says of jwt_algorithm 'it is not answered'"),
        (
            replace(
                ORACLE, rules=[*ORACLE.rules, Rule("invented", "", "ci", "choice", {"ci": ["none"], "auth": ["both"]})]
            ),
            "'invented' is a rule, but copier.yml has nothing against ci",
        ),
    ],
    ids=["a rule is gone", "a rule is new"],
)
def test_documentation_that_drifted_away_is_told_too(oracle: Oracle, sentence: str) -> None:
    assert any(sentence in each for each in disagreements(SPACE, oracle, ORACLE.every_combination()))


def test_an_answer_that_nobody_is_told_of_is_noticed() -> None:
    content = deepcopy(questionnaire())
    content["database"]["choices"]["MySQL"] = "mysql"

    assert answers_that_differ(Space.of(content), ORACLE) == {"database"}
