"""Copier, through its public API.

Import this module inside `open_template`: see there.
"""

import os
import shutil
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from copier import Settings, load_settings, run_copy, run_update
from copier.errors import CopierAnswersInterrupt, CopierError, InteractiveSessionError, UnsafeTemplateError
from jinja2 import TemplateError
from plumbum import ProcessExecutionError

from bastion.answers import Answers
from bastion.choosing.wrapping import with_wrapped_help
from bastion.compiling import compiled_once
from bastion.git import reason_of
from bastion.problems import Problem
from bastion.questionnaire import Questionnaire
from bastion.template import MAYBE_FULL, Template
from bastion.temporary import temporary_folder

_WHOLE_FILE = 1_000_000
"""With so many lines around an edit, git puts it back by itself only in a file that the change does not concern. With
three it may find the same lines elsewhere first, in another job of a workflow for example; all others are merged."""

_NOTHING_OF_THE_USER = Settings()
"""No defaults of this user and no trusted repositories: the result does not depend on the user."""


@dataclass(frozen=True)
class Rehearsal:
    """The result of some answers, without anything written.

    Attributes:
        questions: the template's questions by name, computed ones included.
        not_asked: the questions that these answers settle, computed ones included.
        values: every answer, defaults and capabilities included.
        settings: the settings of the template's `copier.yml`, by their names there.
    """

    questions: Mapping[str, Any]
    not_asked: Collection[str]
    values: Mapping[str, Any]
    settings: Mapping[str, Any]

    @property
    def answers(self) -> Answers:
        """The answers to the questions that are not settled."""
        return {name: self.values[name] for name in self.questions if name in self.values.keys() - self.not_asked}

    @property
    def told(self) -> Answers:
        """The answers, without those to questions marked `secret`."""
        return {name: answer for name, answer in self.answers.items() if not self.questions[name].get("secret")}


def read_questionnaire(template: Template) -> Questionnaire:
    """Read the questions without asking or writing anything."""
    if template.copier_yml:
        return Questionnaire.read(template.copier_yml)
    try:
        questions = _rehearsed(template, {}, _NOTHING_OF_THE_USER).questions
    except Problem as problem:
        raise Problem(f"cannot read the template {template.src} ({problem})", "check --template and --ref") from problem
    if not questions:
        raise Problem(f"{template.src} asks no questions", "give --template a folder or address with a copier.yml")
    return Questionnaire(questions)


def render(template: Template, project: Path, answers: Answers, *, only: Collection[str] = ()) -> Mapping[str, Any]:
    """Write the project, and ask nothing: a question without an answer gets its default.

    Args:
        template: The template to render.
        project: The folder to write to.
        answers: The answers.
        only: The paths of the only files that are wanted; none means all.

    Returns:
        The settings of the template's `copier.yml`, by their names there.

    Raises:
        Problem: The template cannot be fetched or is broken, or the project cannot be written.
    """
    with _problems_of(template, MAYBE_FULL):
        worker = run_copy(
            template.src,
            project,
            dict(answers),
            vcs_ref=template.ref,
            exclude=["*", *(f"!/{path}" for path in only)] if only else (),
            defaults=True,
            quiet=True,
            settings=_NOTHING_OF_THE_USER,
        )
        return _settings_of(worker.template.config_data)


def update(template: Template, project: Path, answers: Answers, *, defaults: bool) -> None:
    """Bring a project to other answers or another version: Copier's three-way update, the user's edits kept.

    Args:
        template: The wanted version of the project's template.
        project: A clean git tree. Copier leaves a conflict where an edit and the update meet, and does not report it.
        answers: The answers that change.
        defaults: Whether a question that the project never answered gets its default; otherwise it is asked.

    Raises:
        Problem: The template cannot be fetched or is broken, or the project cannot be written.
    """
    with _problems_of(template):
        run_update(
            project,
            dict(answers),
            vcs_ref=template.ref,
            overwrite=True,
            skip_answered=True,
            context_lines=_WHOLE_FILE,
            defaults=defaults,
            quiet=True,
            settings=_of_the_user(template),
        )


def rehearse(template: Template, answers: Answers, *, ask: bool = False, offered: Answers | None = None) -> Rehearsal:
    """Let Copier answer every question without writing anything.

    Args:
        template: Where the questions come from.
        answers: The answers that are known.
        ask: Whether to ask the other questions in the terminal; otherwise they get their defaults.
        offered: Valid answers that are offered there instead of the template's defaults.

    Raises:
        Problem: An answer is not among the choices, or a validator refuses it, with the template's reason.
    """
    return _rehearsed(template, answers, _of_the_user(template), ask=ask, offered=offered)


def _rehearsed(
    template: Template, answers: Answers, settings: Settings, *, ask: bool = False, offered: Answers | None = None
) -> Rehearsal:
    # Where nothing has to be cloned, git fails for want of room alone.
    remedy = MAYBE_FULL if template.copier_yml else ""
    with _problems_of(template, remedy), temporary_folder("bastion-") as nowhere:
        worker = run_copy(
            # A folder with nothing but the questionnaire is rehearsed without cloning anything.
            str(_questions_alone(template.copier_yml, nowhere, ask=ask)) if template.copier_yml else template.src,
            f"{nowhere}/project",
            dict(answers),
            vcs_ref=None if template.copier_yml else template.ref,
            exclude=["*"],
            defaults=not ask,
            user_defaults=dict(offered or {}),
            pretend=True,
            quiet=True,
            settings=settings,
        )
        return Rehearsal(
            worker.template.questions_data,
            worker.answers.hidden,
            worker.answers.combined,
            _settings_of(worker.template.config_data),
        )


def _of_the_user(template: Template) -> Settings:
    """Return the defaults that this user has for the questions of a template.

    A default for a computed capability is left out: a `false` would take away a defence without a word. The user's
    trusted repositories are left out too, because Copier would run their tasks.
    """
    with _copier_problems():
        defaults = load_settings().defaults
    names = read_questionnaire(template).names if defaults else ()
    return Settings(defaults={name: defaults[name] for name in defaults if name in names})


def _settings_of(config_data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return Copier's settings under the names that they have in the file."""
    return {f"_{name}": setting for name, setting in config_data.items()}


def _questions_alone(copier_yml: Path, folder: Path, *, ask: bool) -> Path:
    (folder / "template").mkdir()
    if ask:
        content = with_wrapped_help(yaml.safe_load(copier_yml.read_text(encoding="utf-8")))
        (folder / copier_yml.name).write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    else:
        shutil.copy(copier_yml, folder)
    return folder


@contextmanager
def _problems_of(template: Template, remedy: str = "") -> Iterator[None]:
    """Tell the problems of a template, also what an expression in it raises, which Copier lets pass.

    Args:
        template: The template; what our own raises is a defect, and no problem.
        remedy: As for `_copier_problems`.
    """
    with _copier_problems(remedy):
        try:
            yield
        except (ArithmeticError, AttributeError, LookupError, TypeError) as error:
            if template.copier_yml or isinstance(error, CopierError):
                raise
            raise Problem(
                f"the template is broken ({type(error).__name__}: {error})", "report it to its authors"
            ) from error


@contextmanager
def _copier_problems(remedy: str = "") -> Iterator[None]:
    try:
        with compiled_once():
            yield
    except (CopierAnswersInterrupt, InteractiveSessionError) as error:
        # Ctrl-C, and Ctrl-D.
        raise KeyboardInterrupt from error
    except UnsafeTemplateError as error:
        raise Problem(
            "the template wants to run code of its own here", "use `copier --trust` itself if you trust it"
        ) from error
    except ProcessExecutionError as error:
        raise Problem(reason_of(error.stderr), remedy) from error
    except TemplateError as error:
        raise Problem(f"the template is broken ({error.message})", "report it to its authors") from error
    except OSError as error:
        raise _of_the_system(error) from error
    except (CopierError, RuntimeError, ValueError) as error:  # RuntimeError: links in a circle, up to Python 3.12
        raise Problem(str(error) or type(error).__name__) from error


def _of_the_system(error: OSError) -> Problem:
    """Tell which access the system refused: to a file of the template, or else to the project."""
    file = os.fsdecode(error.filename or "")
    if os.path.lexists(file) and not os.access(file, os.R_OK):
        return Problem(f"cannot read {file} ({error.strerror})", "mend that, or choose another template")
    return Problem.of_the_system("cannot write the project", error)
