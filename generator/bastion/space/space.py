"""The space of valid answers: which combinations there are, and what follows from each.

All of it is read from `copier.yml`: questions, choices, `when`, the validators of questions and of choices. Copier goes
through the questions in their order and each sees what was answered before it; so does everything here.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import yaml
from jinja2 import Environment

from bastion.problems import Problem
from bastion.space import strict_yaml
from bastion.space.combinations import Combination, Words, flags_of
from bastion.space.expressions import environment_of
from bastion.space.parts import Parts
from bastion.space.questions import Answer, Question, Refusal
from bastion.space.reading import read_questions
from bastion.space.walking import Walk

__all__ = ["Combination", "Refusal", "Space"]


class Space:
    """What may be answered to one questionnaire."""

    def __init__(self, questions: Iterable[Question], environment: Environment) -> None:
        """Take the questions.

        Args:
            questions: In the order in which they are asked.
            environment: Jinja as the questionnaire sets it up.
        """
        self._walk, self.environment = Walk(questions), environment
        self.questions = self._walk.questions
        self.axes: Mapping[str, tuple[Answer, ...]] = {
            question.name: question.all_answers() for question in self.questions if question.is_axis
        }

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> Self:
        """Take what `copier.yml` says.

        Args:
            content: The questions, and Copier's settings with an underscore in front.
        """
        environment = environment_of(content.get("_envops") or {})
        return cls(read_questions(content, environment), environment)

    @classmethod
    def read(cls, copier_yml: Path) -> Self:
        """Read a questionnaire.

        Args:
            copier_yml: The file.
        """
        try:
            content = strict_yaml.load(copier_yml.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise Problem(f"cannot read {copier_yml}", "name the folder of a template") from error
        except yaml.YAMLError as error:
            raise Problem(f"{copier_yml} is not YAML ({strict_yaml.reason(error)})") from error
        if not isinstance(content, dict):
            raise Problem(f"{copier_yml} asks no questions")
        return cls.of(content)

    @cached_property
    def known(self) -> Mapping[str, tuple[Any, ...]]:
        """Name every question, computed or not, with the checkboxes it has."""
        return {question.name: question.boxes for question in self.questions}

    @cached_property
    def capabilities(self) -> tuple[str, ...]:
        """Name the hidden booleans: what templates ask for."""
        return tuple(question.name for question in self.questions if question.hidden and question.type == "bool")

    def valid(self) -> Iterator[Combination]:
        """Yield every valid combination, in the order of questions and choices."""
        return map(Combination, self._walk.ways())

    def refusals(self, answers: Mapping[str, Answer]) -> list[Refusal]:
        """Say everything that is wrong with some answers; nothing is wrong with a valid combination.

        Args:
            answers: To questions with choices.
        """
        return self._followed(answers)[1]

    def _followed(self, answers: Mapping[str, Answer]) -> tuple[dict[str, Any], list[Refusal]]:
        unknown = [
            Refusal(name, "no question", "there is no such question") for name in answers if name not in self.axes
        ]
        variables, refusals = self._walk.follow(Combination.of(answers))
        return variables, unknown + refusals

    def variables(self, combination: Mapping[str, Answer]) -> dict[str, Any]:
        """Compute what Jinja knows of a valid combination: answers, defaults, capabilities.

        Args:
            combination: An answer to each question that is asked and has choices.
        """
        variables, refusals = self._followed(combination)
        if refusals:
            raise Problem(f"{refusals[0].question} does not take {dict(combination)} ({refusals[0].reason})")
        return variables

    def completed(self, answers: Mapping[str, Answer]) -> Combination:
        """Answer by default what is not answered, and refuse what is no valid combination then.

        Args:
            answers: To questions with choices.
        """
        variables, refusals = self._followed(answers)
        if wrong := [refusal for refusal in refusals if refusal.kind != "not answered"]:
            raise Problem(f"{wrong[0].question} does not take {dict(answers)} ({wrong[0].reason})")
        asked = {*answers, *(refusal.question for refusal in refusals)}
        return Combination({name: variables[name] for name in self.axes if name in asked})

    @cached_property
    def parts(self) -> Parts:
        """Give the independent parts of the space."""
        return Parts(self.questions)

    def count(self) -> int:
        """Count the valid combinations."""
        return self.parts.count()

    def refuse_emptiness(self) -> None:
        """Refuse a questionnaire that takes no answers at all: of nothing, everything is true."""
        if not self.count():
            raise Problem("copier.yml: no combination of answers is valid", "loosen a validator")

    @cached_property
    def _words(self) -> Words:
        return Words(question for question in self.questions if question.is_axis)

    def id_of(self, combination: Mapping[str, Answer]) -> str:
        """Name a combination: short, readable, safe as the name of a file, different for different answers.

        Args:
            combination: A valid one.
        """
        return self._words.id_of(Combination.of(combination))

    @staticmethod
    def flags_of(combination: Mapping[str, Answer]) -> list[str]:
        """Write the flags that answer so on the command line.

        Args:
            combination: A valid one.
        """
        return flags_of(combination)
