"""The answers of the flags, judged together before anybody is asked: several mistakes are told at once."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from bastion.answers import Answers
from bastion.mistakes import Mistakes
from bastion.problems import Problem
from bastion.questionnaire import Questionnaire
from bastion.rendering import Rehearsal, rehearse
from bastion.template import Template


@dataclass(frozen=True)
class Given:
    """The answers given in advance."""

    by_user: Answers
    by_preset: Answers

    @property
    def answers(self) -> Answers:
        """All answers; the user's win over the preset's."""
        return {**self.by_preset, **self.by_user}


@dataclass(frozen=True)
class Judged:
    """The answers that can be used, and what follows from them."""

    answers: Answers
    rehearsal: Rehearsal


def judge(
    given: Given, template: Template, questionnaire: Questionnaire, mistakes: Mistakes, *, must_be_complete: bool
) -> Judged:
    """Return the answers that can be used, and note what is wrong with the others.

    Args:
        given: The answers as given.
        template: The template with the questions.
        questionnaire: The questions.
        mistakes: The collector for the problems.
        must_be_complete: Whether nobody can be asked for the rest.
    """
    accepted = _accepted(questionnaire.understand_each(given.answers, mistakes), template, questionnaire, mistakes)
    not_asked = accepted.rehearsal.not_asked
    with mistakes.collecting():
        # A preset's answer to a question that the user's own answers settle is nobody's mistake.
        questionnaire.refuse_needless(accepted.answers.keys() & given.by_user.keys(), not_asked)
    if must_be_complete:
        with mistakes.collecting():
            questionnaire.require_all(given.answers, not_asked)
    return accepted


def _accepted(answers: Answers, template: Template, questionnaire: Questionnaire, mistakes: Mistakes) -> Judged:
    """Return the answers that Copier accepts. It stops at the first wrong answer, so each is tried by itself."""
    with suppress(Problem):
        return Judged(answers, rehearse(template, answers))
    accepted: dict[str, object] = {}
    for name in filter(answers.__contains__, questionnaire.names):
        refusals = list(_refusals(template, accepted, name, answers[name]))
        mistakes.note(*refusals)
        if not refusals:
            accepted[name] = answers[name]
    return Judged(accepted, rehearse(template, accepted))


def _refusals(template: Template, before: Answers, name: str, answer: object) -> Iterator[Problem]:
    whole = _refusal(template, {**before, name: answer})
    if whole is None:
        return
    boxes = answer if isinstance(answer, list) else []
    refusals = {box: _refusal(template, {**before, name: [box]}) for box in boxes}
    of_boxes = [Problem(f"{name}={box}", str(refusal)) for box, refusal in refusals.items() if refusal]
    yield from of_boxes or [_naming_the_answer(name, answer, whole)]


def _naming_the_answer(name: str, answer: object, refusal: Problem) -> Problem:
    """Name the refused answer, where Copier names only the question."""
    reason = str(refusal).removeprefix(f"Validation error for question {name!r}: ")
    return refusal if reason == str(refusal) else Problem(f"{name}={answer!r}", reason)


def _refusal(template: Template, answers: Answers) -> Problem | None:
    try:
        rehearse(template, answers)
    except Problem as problem:
        return problem
    return None
