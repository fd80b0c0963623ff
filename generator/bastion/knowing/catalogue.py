"""All choices, the capabilities that each turns on, and the attacks that these stop, read from `copier.yml`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import yaml

from bastion.answers import Answers
from bastion.defences import ALWAYS, Defence, read_defences, read_no_defences
from bastion.knowing.comparing import Comparison
from bastion.questionnaire import with_labels
from bastion.space.combinations import Combination
from bastion.space.questions import Question
from bastion.space.space import Space
from bastion.template import own_data


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One answer to a question, or one of its checkboxes.

    Attributes:
        question: the question's name.
        value: its value in an answers file.
        label: its text for people.
        is_default: whether the default answers have it.
        with_it: the project nearest to the default answers that has it.
        without_it: the project without it that shows what it adds.
        turns_on: the capabilities of `with_it` that `without_it` lacks.
        defends: the defences that it brings and that some other answer would not bring.
        misses: the defences that some other answer would bring and that it does not bring.
    """

    question: str
    value: str
    label: str
    is_default: bool
    with_it: Combination
    without_it: Combination
    turns_on: Sequence[str]
    defends: Sequence[str]
    misses: Sequence[str]

    @property
    def answer(self) -> str:
        """The choice, as a flag writes it."""
        return f"{self.question}={self.value}"

    @property
    def meaning(self) -> str:
        """The label, for a place where the value is shown beside it."""
        return self.label.removeprefix(f"{self.value}: ")


class Catalogue:
    """The questionnaire as something to choose from."""

    def __init__(self, content: Mapping[str, Any]) -> None:
        """Take a questionnaire.

        Args:
            content: The whole `copier.yml`.
        """
        self.content = content
        self.space = Space.of(content)
        self.no_defences = read_no_defences(content)
        self._defences = read_defences(content)

    @classmethod
    def of_this_package(cls) -> "Catalogue":
        """Read the questionnaire of the template in this package."""
        return cls(yaml.safe_load((own_data() / "copier.yml").read_text(encoding="utf-8")))

    @property
    def defences(self) -> Mapping[str, Defence]:
        """The defences that answers decide about, by capability."""
        return {name: defence for name, defence in self._defences.items() if name != ALWAYS}

    @property
    def always(self) -> Defence | None:
        """The defence that no answer takes away."""
        return self._defences.get(ALWAYS)

    @property
    def questions(self) -> list[Question]:
        """The questions that somebody may answer, in their order."""
        return [question for question in self.space.questions if not question.hidden]

    @cached_property
    def choices(self) -> Mapping[str, Sequence[Choice]]:
        """The choices of each question that has some."""
        return {each.name: tuple(self._choices(each)) for each in self.questions if each.choices}

    def chosen_by(self, answers: Answers) -> list[Choice]:
        """Return the choices that some answers consist of.

        Args:
            answers: By question; for checkboxes a list of the boxes that are set.
        """
        return [
            choice
            for question, choices in self.choices.items()
            for choice in choices
            if question in answers and choice.value in _as_list(answers[question])
        ]

    def help_of(self, question: str) -> tuple[str, str]:
        """Return the text of a question, and the paragraph that says how to know the answer.

        Args:
            question: The question's name.
        """
        asked, *how_to_know = str(self.content[question].get("help", question)).splitlines()
        return asked, " ".join(line.strip() for line in how_to_know)

    def default_of(self, question: str) -> Any:  # noqa: ANN401 - an answer of any type
        """Return the default answer to a question.

        Args:
            question: The question's name.
        """
        return self._by_default[question]

    def rule_of(self, question: Question) -> str:
        """Return the rule for a question's text, in the words with which its validator refuses an empty text.

        Args:
            question: The question. If it has choices, there is no such rule.
        """
        if question.choices or not question.validator:
            return ""
        values = {**self._by_default, question.name: ""}
        return question.validator(values, {name: str(value) for name, value in values.items()})

    @cached_property
    def _by_default(self) -> Mapping[str, Any]:
        return self.space.variables(self.space.completed({}))

    def _choices(self, question: Question) -> Iterator[Choice]:
        labelled = with_labels(self.content[question.name])
        for choice, (label, _) in zip(question.choices, labelled, strict=True):
            comparison = Comparison(self.space, question, choice.value)
            on, others = comparison.turned_on, comparison.alternatives
            mine = on(comparison.with_it)
            yield Choice(
                question=question.name,
                value=str(choice.value),
                label=str(label),
                is_default=comparison.is_default,
                with_it=comparison.with_it,
                without_it=comparison.without_it,
                turns_on=[each for each in self.space.capabilities if each in mine - on(comparison.without_it)],
                defends=[each for each in self.defences if each in mine and any(each not in on(one) for one in others)],
                misses=[each for each in self.defences if each not in mine and any(each in on(one) for one in others)],
            )


def _as_list(answer: object) -> list[str]:
    return [str(each) for each in answer] if isinstance(answer, list) else [str(answer)]
