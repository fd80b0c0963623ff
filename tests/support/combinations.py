"""Every combination of answers, and the few that stand for all: read from the questionnaire, listed nowhere.

The few are a covering array of strength 2: each two answers that can meet do meet in some row; a checkbox is answered
by setting it or not. Two libraries were compared on today's 336 combinations, of which no array can have fewer than
12 rows (four ways to have an algorithm, three to count requests):

- `allpairspy` 2.5.1: 9 rows, but 11 pairs that can meet never do. Its filter sees a pair too late to go back.
- `covertable` 3.2.0: 12 to 15 rows by its salt, every pair covered. Conditions propagate, and rows can be given first.

So it is `covertable`, with the salt that gives the fewest rows. The largest and the smallest project are given first.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from itertools import combinations
from typing import Any

import yaml
from covertable import make  # type: ignore[import-untyped]
from jinja2 import StrictUndefined, Template, meta
from jinja2.sandbox import SandboxedEnvironment

from tests.support.checkout import capabilities, questionnaire, questions

Combination = dict[str, Any]
"""An answer for each question that is asked; of checkboxes, the list of those that are set."""

_STRENGTH = 2
_SALTS = 8
_JINJA = SandboxedEnvironment(undefined=StrictUndefined)


@cache
def _choosable() -> dict[str, dict[str, Any]]:
    return {name: question for name, question in questions().items() if "choices" in question}


def all_combinations() -> list[Combination]:
    """Answer one question after another in each way; free text is not a combination."""
    found: list[Combination] = [{}]
    for name, question in _choosable().items():
        found = [
            answers | answer
            for answers in found
            for answer in ([{name: way} for way in ways(question)] if _is_asked(question, answers) else [{}])
        ]
    return found


def ways(question: Mapping[str, Any]) -> list[Any]:
    """Give each way to answer a question that has choices: one of them, or with checkboxes any subset of them."""
    values = list(question.get("choices", {}).values())
    if not question.get("multiselect"):
        return values
    return [list(some) for count in range(len(values) + 1) for some in combinations(values, count)]


def _is_asked(question: Mapping[str, Any], answers: Mapping[str, Any]) -> bool:
    return _true(question.get("when", True), answers)


def _true(expression: object, context: Mapping[str, Any]) -> bool:
    return yaml.safe_load(_compiled(str(expression)).render(context)) is True


@cache
def _compiled(expression: str) -> Template:
    return _JINJA.from_string(expression)


def capabilities_of(combination: Mapping[str, Any]) -> frozenset[str]:
    """Name the capabilities that are on, computed as Copier does: a question that is not asked has its default."""
    context = {name: question["default"] for name, question in _choosable().items()} | dict(combination)
    for name in capabilities():
        context[name] = _true(questionnaire()[name]["default"], context)
    return frozenset(name for name in capabilities() if context[name])


def largest() -> Combination:
    """Give the last combination with the most capabilities: choices go from the least to the most."""
    return max(reversed(all_combinations()), key=lambda each: len(capabilities_of(each)))


def smallest() -> Combination:
    """Give the first combination with the fewest capabilities."""
    return min(all_combinations(), key=lambda each: len(capabilities_of(each)))


def without_a_question() -> Combination:
    """Give the first combination whose answers make a question needless."""
    return min(all_combinations(), key=len)


@cache
def _rows() -> list[Combination]:
    factors = dict(_factors())
    presets = [_as_row(largest()), _as_row(smallest())]
    arrays = (
        make(factors, strength=_STRENGTH, constraints=list(_constraints()), presets=presets, salt=str(salt))
        for salt in range(_SALTS)
    )
    return [_as_combination(row) for row in min(arrays, key=len)]


def pairwise() -> list[Combination]:
    """Give the rows of the covering array, the largest and the smallest project first."""
    return [dict(row) for row in _rows()]


def _factors() -> Iterator[tuple[str, list[Any]]]:
    """Yield what varies: a question, or each checkbox of one. None stands for a question that is not asked."""
    for name, question in _choosable().items():
        if question.get("multiselect"):
            yield from ((f"{name}={value}", [True, False]) for value in question["choices"].values())
        else:
            yield name, [*question["choices"].values(), *([None] if "when" in question else [])]


def _constraints() -> Iterator[dict[str, Any]]:
    for name, question in _choosable().items():
        if "when" in question:
            needed = {name, *meta.find_undeclared_variables(_JINJA.parse(question["when"]))}
            yield {
                "operator": "fn",
                "requires": [factor for factor, _ in _factors() if factor.partition("=")[0] in needed],
                "evaluate": lambda row, name=name, question=question: (
                    (row[name] is not None) == _is_asked(question, _as_combination(row))
                ),
            }


def _as_row(combination: Combination) -> dict[str, Any]:
    row = {}
    for factor, _ in _factors():
        name, _, value = factor.partition("=")
        row[factor] = value in combination[name] if value else combination.get(name)
    return row


def _as_combination(row: Mapping[str, Any]) -> Combination:
    """Put together what the factors say, in the order of the questions."""
    combination: Combination = {}
    for factor, _ in _factors():
        name, _, value = factor.partition("=")
        if value and factor in row:
            combination.setdefault(name, []).extend([value] if row[factor] else [])
        elif row.get(factor) is not None:
            combination[name] = row[factor]
    return combination


def met(combination: Combination) -> set[tuple[Any, ...]]:
    """Give each two answers that meet in a combination."""
    return set(combinations(sorted(_as_row(combination).items(), key=str), _STRENGTH))


def name_of(combination: Combination) -> str:
    return "-".join(_in_a_word(answer) for answer in combination.values())


def _in_a_word(answer: object) -> str:
    return "+".join(answer) or "nothing" if isinstance(answer, list) else str(answer)


def as_flags(combination: Combination) -> list[str]:
    """Write the answers as a person would on the command line: a list as YAML."""
    return [flag for name, answer in combination.items() for flag in ("--data", f"{name}={as_text(answer)}")]


def as_text(answer: object) -> str:
    return f"[{', '.join(answer)}]" if isinstance(answer, list) else str(answer)
