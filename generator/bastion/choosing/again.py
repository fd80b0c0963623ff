"""Command lines to copy: the next steps, and the command that makes this project again."""

import json
import shlex
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from bastion.answers import Answers
from bastion.questionnaire import Questionnaire


@dataclass(frozen=True)
class Source:
    """The template and the version as the user named them; None for the template inside this package."""

    template: str | None
    ref: str | None

    @property
    def flags(self) -> list[str]:
        """The flags that name the template and the version."""
        named = {"--template": self.template, "--ref": self.ref}
        return [word for flag, value in named.items() if value for word in (flag, value)]


def next_commands(folder: str) -> list[str]:
    """Write the three commands that follow.

    Args:
        folder: The destination as the user wrote it.
    """
    return [shlex.join(["cd", _as_argument(folder)]), "uv run pytest", "uv run python -m app.manage dev"]


def reproducing_command(folder: str, source: Source, left_out: Collection[str], answers: Answers) -> str:
    """Write the command that makes the project again.

    Args:
        folder: The destination as the user wrote it.
        source: Where the project comes from.
        left_out: The flags with which git or the installation is left out.
        answers: The answers that are not the defaults.
    """
    data = [word for name, answer in answers.items() for word in ("--data", f"{name}={_as_flag(answer)}")]
    return shlex.join(["bastion", "new", _as_argument(folder), *source.flags, "--defaults", *left_out, *data])


def decisive_answers(answers: Answers, said: Collection[str], questionnaire: Questionnaire) -> Answers:
    """Return the answers that somebody gave and that differ from the default.

    Args:
        answers: All answers.
        said: The questions that somebody answered.
        questionnaire: The questions.
    """
    return {
        name: answer
        for name, answer in answers.items()
        if name in said and not questionnaire.by_default({name: answer})
    }


def _as_argument(folder: str) -> str:
    """Write a folder so that neither the shell nor a command takes it for something else."""
    if folder.startswith("~"):
        return str(Path(folder).expanduser())
    return f"./{folder}" if folder.startswith("-") else folder


def _as_flag(answer: object) -> str:
    match answer:
        case str():
            return answer
        case list() if all(isinstance(each, str) for each in answer):
            return f"[{', '.join(answer)}]"
        case _:
            return json.dumps(answer)
