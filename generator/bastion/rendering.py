"""Copier, through its public API.

Import this module inside `open_template`: see there.
"""

import shutil
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from copier import run_copy
from copier.errors import CopierAnswersInterrupt, CopierError
from jinja2 import TemplateError
from plumbum import ProcessExecutionError

from bastion.answers import Answers
from bastion.problems import Problem
from bastion.questionnaire import Questionnaire
from bastion.template import MAYBE_FULL, Template


def read_questionnaire(template: Template) -> Questionnaire:
    """Read the questions without asking or writing anything."""
    if template.copier_yml:
        return Questionnaire.read(template.copier_yml)
    try:
        questions = _rehearse(template, {}).questions
    except Problem as problem:
        raise Problem(f"cannot read the template {template.src} ({problem})", "check --template and --ref") from problem
    if not questions:
        raise Problem(f"{template.src} asks no questions", "give --template a folder or address with a copier.yml")
    return Questionnaire(questions)


def not_asked(template: Template, answers: Answers) -> Collection[str]:
    """Let Copier judge the answers by the template's choices and validators, without writing anything.

    Returns:
        The questions that it does not ask when these answers are given and the others have their default.
    """
    return _rehearse(template, answers).not_asked


def render(template: Template, project: Path, answers: Answers, *, defaults: bool) -> Collection[str]:
    """Write the project, asking whatever is not answered yet unless `defaults` is true.

    Returns:
        The questions that were not asked in the end.
    """
    with _copier_problems(remedy=MAYBE_FULL):
        worker = run_copy(template.src, project, dict(answers), vcs_ref=template.ref, defaults=defaults, quiet=True)
    return worker.answers.hidden


@dataclass(frozen=True)
class _Rehearsal:
    questions: Mapping[str, Any]
    not_asked: Collection[str]


def _rehearse(template: Template, answers: Answers) -> _Rehearsal:
    with _copier_problems(), TemporaryDirectory(prefix="bastion-") as nowhere:
        worker = run_copy(
            # A folder with nothing but the questionnaire is rehearsed without cloning anything.
            str(_questions_alone(template.copier_yml, Path(nowhere))) if template.copier_yml else template.src,
            f"{nowhere}/project",
            dict(answers),
            vcs_ref=None if template.copier_yml else template.ref,
            exclude=["*"],
            defaults=True,
            pretend=True,
            quiet=True,
        )
        return _Rehearsal(dict(worker.template.questions_data), worker.answers.hidden)


def _questions_alone(copier_yml: Path, folder: Path) -> Path:
    (folder / "template").mkdir()
    shutil.copy(copier_yml, folder)
    return folder


@contextmanager
def _copier_problems(remedy: str = "") -> Iterator[None]:
    try:
        yield
    except CopierAnswersInterrupt as error:
        raise KeyboardInterrupt from error
    except ProcessExecutionError as error:
        raise Problem((error.stderr.strip().splitlines() or ["git failed"])[-1], remedy) from error
    except TemplateError as error:
        raise Problem(f"the template is broken ({error.message})", "report it to its authors") from error
    except OSError as error:
        raise Problem.of_the_system("cannot write the project", error) from error
    except (CopierError, ValueError) as error:
        raise Problem(str(error) or type(error).__name__) from error
