"""The changes that a user can want: answers, by feature or by question, or the version."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bastion.answers import Answers, read_pairs
from bastion.mistakes import Mistakes
from bastion.problems import Problem
from bastion.questionnaire import Questionnaire, choices_of, nearest

Wish = Callable[[Questionnaire, Mapping[str, Any], Mistakes], Answers]
"""Takes the questions, the current answers and a collector of mistakes; returns the answers that change."""


def adding(features: Sequence[str]) -> Wish:
    """Want checkboxes set; a box that is set already remains set.

    Args:
        features: their names.
    """

    def change(questionnaire: Questionnaire, now: Mapping[str, Any], mistakes: Mistakes) -> Answers:
        wanted = _by_question(questionnaire, features, mistakes)
        lists = {question: [*_chosen(now, question), *chosen] for question, chosen in wanted.items()}
        return _changed({name: list(dict.fromkeys(chosen)) for name, chosen in lists.items()}, now)

    return change


def removing(features: Sequence[str]) -> Wish:
    """Want checkboxes not set; a box that is not set remains so.

    Args:
        features: their names.
    """

    def change(questionnaire: Questionnaire, now: Mapping[str, Any], mistakes: Mistakes) -> Answers:
        unwanted = _by_question(questionnaire, features, mistakes)
        return _changed(
            {name: [each for each in _chosen(now, name) if each not in gone] for name, gone in unwanted.items()}, now
        )

    return change


def setting(pairs: Sequence[str]) -> Wish:
    """Want other answers.

    Args:
        pairs: `KEY=VALUE` each.
    """

    def change(questionnaire: Questionnaire, now: Mapping[str, Any], mistakes: Mistakes) -> Answers:
        answers = read_pairs(pairs, mistakes, flag="")
        return _changed(questionnaire.understand_each(answers, mistakes), now)

    return change


def keeping(_words: Sequence[str]) -> Wish:
    """Want every answer as it is."""
    return lambda _questionnaire, _now, _mistakes: {}


WISHES: Mapping[str, Callable[[Sequence[str]], Wish]] = {
    "add": adding,
    "remove": removing,
    "set": setting,
    "update": keeping,
}
"""For each command, the wish that its words express."""


def _chosen(now: Mapping[str, Any], question: str) -> list[Any]:
    return list(now.get(question) or ())


def _changed(answers: Answers, now: Mapping[str, Any]) -> Answers:
    return {name: answer for name, answer in answers.items() if not _same(answer, now.get(name))}


def _same(answer: object, other: object) -> bool:
    """Tell whether two answers mean the same: the order of checkboxes means nothing, and a flag is text."""
    if isinstance(answer, list) and isinstance(other, list):
        return sorted(answer) == sorted(other)
    return str(answer) == str(other)


def _by_question(questionnaire: Questionnaire, features: Sequence[str], mistakes: Mistakes) -> dict[str, list[str]]:
    """Sort features to the questions whose checkboxes they are."""
    checkboxes = {name: each for name, each in questionnaire.questions.items() if each.get("multiselect")}
    places = {choice: name for name, question in checkboxes.items() for choice in choices_of(question)}
    sorted_out: dict[str, list[str]] = {}
    for feature in features:
        if feature in places:
            sorted_out.setdefault(places[feature], []).append(feature)
        else:
            remedy = _remedy(questionnaire, feature, list(places))
            mistakes.note(Problem(f"there is no feature {feature!r}", remedy))
    return sorted_out


def _remedy(questionnaire: Questionnaire, feature: str, features: list[str]) -> str:
    """Return the remedy for an unknown feature: the command for another question's answer, or the nearest feature."""
    for name in questionnaire.names:
        question = questionnaire.questions[name]
        if not question.get("multiselect") and feature in choices_of(question):
            return f"it answers another question: bastion set {name}={feature}"
    return nearest(feature, features, "features")
