"""Whether an answers file holds what its questionnaire would have written."""

from dataclasses import dataclass

from bastion import rendering
from bastion.answers import Answers
from bastion.checking.findings import ANSWERS, TAMPERED, Finding
from bastion.mistakes import each_of
from bastion.problems import Problem
from bastion.project import ANSWERS_FILE, RenderedProject
from bastion.questionnaire import Questionnaire
from bastion.template import Template

_RESTORE = f"restore {ANSWERS_FILE} from git, and change answers by `bastion set`"


@dataclass(frozen=True)
class Judged:
    """The answers that count, or None if they make no project, and the findings in the file."""

    answers: Answers | None
    findings: list[Finding]


def judge(project: RenderedProject, template: Template) -> Judged:
    """Compare the answers file with the template's questionnaire.

    Args:
        project: The project.
        template: The template that the project was rendered from.

    Raises:
        Problem: The template cannot be fetched.
    """
    questionnaire = project.questionnaire_of(template)
    known = {name: answer for name, answer in project.answers.items() if name in questionnaire.names}
    findings = [_finding(_unknown(name, questionnaire)) for name in project.answers if name not in known]
    try:
        understood = questionnaire.understand(known)
        not_asked = rendering.rehearse(template, understood).not_asked
    except Problem as problem:
        refused = (_finding(f"holds an answer that is refused ({each})") for each in each_of(problem))
        return Judged(None, [*findings, *refused])
    findings += [_finding(f"answers {name}, which is not asked") for name in known if name in not_asked]
    findings += [
        _finding(f"has no answer to {name}")
        for name in questionnaire.names
        if name not in known and name not in not_asked
    ]
    return Judged(understood, findings)


def _unknown(name: str, questionnaire: Questionnaire) -> str:
    if name in questionnaire.questions:
        return f"sets {name}, which is computed from the answers and overrides them here"
    return f"answers {name!r}, which is no question"


def _finding(what: str) -> Finding:
    return Finding(rule=TAMPERED, defence=ANSWERS, path=ANSWERS_FILE, what=what, remedy=_RESTORE)
