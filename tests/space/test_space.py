"""What may be answered, and what follows from it, is read from the questionnaire alone."""

import json
import re
from collections.abc import Mapping
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import yaml

from bastion.answers import read_pairs
from bastion.mistakes import Mistakes
from bastion.problems import Problem
from bastion.questionnaire import Questionnaire
from bastion.space.combinations import Combination
from bastion.space.expressions import Expression
from bastion.space.space import Space
from tests.space import made_up
from tests.space.random_questionnaires import random_questionnaire
from tests.support.checkout import ROOT, questionnaire

SPACE = Space.read(ROOT / "copier.yml")
CHOICE = {"type": "str", "choices": ["a", "b"], "default": "a"}
STRICT = {"_envops": {"undefined": "jinja2.StrictUndefined"}}


def _valid(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [dict(each) for each in Space.of(content).valid()]


def test_today_there_are_so_many() -> None:
    databases, ways_to_log_in, counters, features, ci = 2, 3 + 1 + 3, 3, 2**2, 2

    assert SPACE.count() == databases * ways_to_log_in * counters * features * ci == 336
    assert len(set(SPACE.valid())) == 336


def test_a_question_that_is_not_asked_is_absent_and_has_its_default() -> None:
    content = {"x": CHOICE, "y": {**CHOICE, "when": "{{ x == 'b' }}"}}

    assert _valid(content) == [{"x": "a"}, {"x": "b", "y": "a"}, {"x": "b", "y": "b"}]
    assert Space.of(content).variables({"x": "a"})["y"] == "a"


def test_checkboxes_are_answered_by_every_subset_in_the_order_of_the_choices() -> None:
    content = {"x": {"type": "str", "multiselect": True, "choices": ["c", "a", "b"], "default": []}}

    assert Space.of(content).axes["x"] == (
        (),
        ("c",),
        ("a",),
        ("b",),
        ("c", "a"),
        ("c", "b"),
        ("a", "b"),
        ("c", "a", "b"),
    )
    assert Space.of(content).variables({"x": ("c", "b")})["x"] == ["c", "b"]


def test_yes_and_no_are_answers_without_being_choices() -> None:
    assert _valid({"x": {"type": "bool", "default": True}}) == [{"x": False}, {"x": True}]


def test_the_validator_of_a_choice_closes_it() -> None:
    closed = {"value": "b", "validator": "{% if x == 'a' %}not with a{% endif %}"}
    content = {"x": CHOICE, "y": {**CHOICE, "choices": {"A": "a", "B": closed}}}

    assert {"x": "a", "y": "b"} not in _valid(content)
    assert len(_valid(content)) == 3
    (refusal,) = Space.of(content).refusals({"x": "a", "y": "b"})
    assert (refusal.question, refusal.kind, refusal.reason) == ("y", "choice", "not with a")


def test_the_validator_of_a_question_sees_its_answer_and_those_before() -> None:
    content = {"x": CHOICE, "y": {**CHOICE, "validator": "{% if x == y %}not twice{% endif %}"}}

    assert _valid(content) == [{"x": "a", "y": "b"}, {"x": "b", "y": "a"}]


def test_a_text_has_its_default_and_can_refuse_everything() -> None:
    text = {"type": "str", "default": "{{ x }}!", "validator": "{% if text == 'b!' %}no{% endif %}"}

    assert _valid({"x": CHOICE, "text": text}) == [{"x": "a"}]
    assert Space.of({"x": CHOICE, "text": text}).variables({"x": "a"})["text"] == "a!"


def test_a_flag_that_nobody_is_asked_for_can_be_answered_nevertheless() -> None:
    assert len(_valid({"x": {**CHOICE, "ask": False}})) == 2


def test_capabilities_are_the_hidden_booleans() -> None:
    hidden = {"type": "bool", "when": False, "default": "{{ x == 'b' }}"}
    space = Space.of({"x": CHOICE, "cap": hidden, "list": {"type": "yaml", "when": False, "default": ["a"]}})

    assert space.capabilities == ("cap",)
    assert [space.variables(each)["cap"] for each in space.valid()] == [False, True]
    assert space.variables({"x": "a"})["list"] == ["a"]


def test_a_misspelt_name_is_an_error_and_not_false() -> None:
    with pytest.raises(Problem, match="'y' is undefined"):
        list(Space.of({**STRICT, "x": {**CHOICE, "when": "{{ y }}"}}).valid())


def test_a_combination_is_frozen_and_hashable_and_equal_to_its_answers() -> None:
    combination = Combination({"x": ["a", "b"], "y": True})

    assert combination == {"x": ("a", "b"), "y": True}
    assert {combination: 1}[Combination({"y": True, "x": ("a", "b")})] == 1
    assert json.loads(json.dumps(combination.as_data())) == {"x": ["a", "b"], "y": True}
    with pytest.raises(TypeError):
        combination["x"] = ()  # type: ignore[index]


def test_answers_that_are_no_combination_have_no_variables() -> None:
    with pytest.raises(Problem, match="jwt_algorithm does not take"):
        SPACE.variables({**next(SPACE.valid()), "auth": "cookie"})


@pytest.mark.parametrize(
    "space",
    [
        pytest.param(SPACE, id="ours"),
        pytest.param(Space.of(made_up.questionnaire()), id="made up", marks=pytest.mark.long),
    ],
)
def test_a_name_is_short_safe_for_files_and_never_given_twice(space: Space) -> None:
    names = [space.id_of(combination) for combination in space.valid()]

    assert len({name.lower() for name in names}) == len(names) == space.count()
    assert [name for name in names if not re.fullmatch(r"[\w+.-]{1,80}", name)] == []


def test_equal_answers_to_different_questions_have_different_names() -> None:
    none = {"type": "str", "choices": ["none", "A-b", "a_b"], "default": "none"}
    space = Space.of({"x": none, "y": {**none, "when": "{{ x == 'none' }}"}, "z": {**none, "multiselect": True}})

    names = [space.id_of(combination) for combination in space.valid()]
    assert len({name.lower() for name in names}) == len(names) == 5 * 2**3
    assert all(re.fullmatch(r"[\w+.-]+", name) for name in names)


def test_the_flags_reproduce_the_combination() -> None:
    asked = Questionnaire.read(ROOT / "copier.yml")
    for combination in SPACE.valid():
        flags = SPACE.flags_of(combination)

        assert set(flags[::2]) == {"--data"}
        assert asked.understand(read_pairs(flags[1::2], Mistakes())) == combination.as_data()


def test_what_is_left_open_is_answered_by_default() -> None:
    defaults = {name: each["default"] for name, each in questionnaire().items() if name in SPACE.axes}

    assert SPACE.completed({}).as_data() == defaults
    assert "jwt_algorithm" not in SPACE.completed({"auth": "cookie"})
    with pytest.raises(Problem, match="is not asked"):
        SPACE.completed({"auth": "cookie", "jwt_algorithm": "HS256"})


@pytest.mark.parametrize("seed", range(60))
def test_the_count_is_derived_and_right(seed: int) -> None:
    space = Space.of(random_questionnaire(seed))
    listed = list(space.valid())

    ways = [[*answers, None] for answers in space.axes.values()]
    every = ({n: a for n, a in zip(space.axes, some, strict=True) if a is not None} for some in product(*ways))
    assert set(listed) == {Combination(each) for each in every if not space.refusals(each)}
    assert space.count() == len(listed) == len(set(listed))


def test_a_quarter_of_a_million_needs_a_few_hundred_renderings(monkeypatch: pytest.MonkeyPatch) -> None:
    rendered: list[Expression[Any]] = []
    render = Expression._rendered  # noqa: SLF001 - the only place that knows

    def counted(self: Expression[Any], variables: Mapping[str, Any]) -> str:
        rendered.append(self)
        return render(self, variables)

    monkeypatch.setattr(Expression, "_rendered", counted)
    space = Space.of(made_up.questionnaire())

    assert space.count() == made_up.COMBINATIONS > 250_000
    assert len(rendered) < 200
    combinations = list(space.valid())
    assert len(set(combinations)) == made_up.COMBINATIONS
    assert sum(space.variables(each)["mfa"] for each in combinations[::50]) > 0
    assert len(rendered) < 400


BROKEN = {
    "not YAML": ("a: [", "is not YAML"),
    "no questions": ("[]", "asks no questions"),
    "computed choices": ("x: {type: str, choices: '{{ y }}', default: a}", "the choices of x are computed"),
    "a computed choice": ("x: {type: str, choices: ['{{ y }}'], default: a}", "a choice of x is computed"),
    "text without default": ("x: {type: str}", "x has neither choices nor a default"),
    "unknown type": ("x: {type: text, default: a}", "x has the type 'text'"),
    "no Jinja": ("x: {type: str, default: '{{'}", "is no Jinja"),
    "no list": (
        "x: {type: str, multiselect: true, when: '{{ no }}', choices: [a], default: a}",
        "the default of x is no list",
    ),
    "no number": ("x: {type: int, choices: [one], default: 1}", "'one' of x is no int"),
    "partly computed": ("x: {type: str, multiselect: true, choices: [a], default: ['{{ y }}']}", "is computed"),
    "unknown undefined": ("_envops: {undefined: mine}\nx: {type: bool, default: true}", "undefined is 'mine'"),
}


@pytest.mark.parametrize(("text", "problem"), BROKEN.values(), ids=BROKEN)
def test_a_questionnaire_that_cannot_be_counted_is_told_in_one_line(tmp_path: Path, text: str, problem: str) -> None:
    (tmp_path / "copier.yml").write_text(text, encoding="utf-8")

    with pytest.raises(Problem) as told:
        list(Space.read(tmp_path / "copier.yml").valid())
    assert problem in str(told.value)
    assert "\n" not in str(told.value)


def test_an_expression_is_remembered_by_what_it_names() -> None:
    space = Space.of(yaml.safe_load((ROOT / "copier.yml").read_text(encoding="utf-8")))
    (rbac,) = [each for each in space.questions if each.name == "rbac"]

    assert isinstance(rbac.default, Expression)
    assert rbac.default.atoms == ("features=rbac",)
