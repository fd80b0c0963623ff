"""Whatever can be chosen, switched on or asked for happens somewhere: what never does is dead, and nobody notices."""

from collections.abc import Iterator

from bastion.problems import Problem
from bastion.proof.outcomes import Requirement, outcomes_of
from bastion.proof.static.findings import Findings
from bastion.proof.static.layout import QUESTIONNAIRE, Layout
from bastion.proof.static.sets import Combinations, first
from bastion.space.questions import NOTHING, Question
from bastion.space.space import Space

_CHECK = "reach"
_MOST_TRIED = 4096
"""A condition on so many different answers is left to the rows."""


def check_answers(combinations: Combinations, findings: Findings) -> None:
    """Find answers that nobody can give, capabilities that nobody has or lacks, and defaults that are refused.

    Args:
        combinations: All of them.
        findings: Where to add them.
    """
    space = combinations.space
    for question in space.questions:
        if question.is_axis:
            for message in _never_given(question, combinations):
                findings.add(_CHECK, QUESTIONNAIRE, message, combinations.every)
    for name in space.capabilities:
        if (on := combinations.having(name)) in {0, combinations.every}:
            message = f"switches {name} {'on' if on else 'off'}, whatever the answers"
            findings.add(_CHECK, QUESTIONNAIRE, message, combinations.every)
    if refused := _refused_defaults(space):
        findings.add(_CHECK, QUESTIONNAIRE, refused, combinations.every)


def _never_given(question: Question, combinations: Combinations) -> Iterator[str]:
    name = question.name
    asked = combinations.every & ~combinations.answered(name, None)
    if not asked:
        yield f"asks {name} with no valid answers to the others"
    elif question.multiselect:
        for box, (on, off) in combinations.boxes(name).items():
            if not on & asked:
                yield f"offers {name}={box}, which no valid combination has"
            elif not off & asked:
                yield f"offers {name}={box}, which every valid combination has"
    else:
        for answer in question.all_answers():
            if not combinations.answered(name, answer):
                yield f"offers {name}={answer}, which no valid combination has"


def _refused_defaults(space: Space) -> str:
    if any(question.is_axis and question.default is NOTHING for question in space.questions):
        return ""
    try:
        space.completed({})
    except Problem as problem:
        return f"refuses its own defaults: {problem}"
    return ""


def check_conditions(layout: Layout, combinations: Combinations, findings: Findings) -> None:
    """Find conditions of files, of their names and of `_exclude` that always turn out the same.

    Args:
        layout: The template.
        combinations: All of them.
        findings: Where to add them.
    """
    outcomes, _ = outcomes_of(layout.root, combinations.space)
    for outcome in outcomes:
        if not _happens(outcome, combinations):
            findings.add(_CHECK, outcome.file, outcome.complaint, combinations.every)


def _happens(outcome: Requirement, combinations: Combinations) -> bool:
    names = outcome.names or ()
    texts = {each.name for each in combinations.space.questions if not (each.is_axis or each.hidden)}
    if not texts.isdisjoint(names):
        return True  # anything can be written there
    groups = combinations.split(names, combinations.every, _MOST_TRIED)
    return groups is None or any(outcome.met(combinations.variables(first(group))) for group in groups)
