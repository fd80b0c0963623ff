"""The space of valid answers: which combinations there are, and what follows from each.

All of it is read from `copier.yml`: questions, choices, `when`, the validators of questions and of choices. Copier goes
through the questions in their order and each sees what was answered before it; so does everything here.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment, TemplateError

from bastion.problems import Problem
from bastion.proof.expressions import atom, environment_of
from bastion.proof.questions import NOTHING, Answer, Question, Refusal, Values

_LONGEST_ID = 80
_DIGEST = 8
_UNKNOWN = object()


class Combination(Mapping[str, Answer]):
    """An answer to each question that is asked and has choices: frozen, hashable."""

    __slots__ = ("_answers", "_hash")

    def __init__(self, answers: Mapping[str, Answer]) -> None:
        """Freeze the answers; a list of checkboxes becomes a tuple."""
        self._answers = {name: tuple(each) if isinstance(each, list) else each for name, each in answers.items()}
        self._hash: int | None = None

    def __getitem__(self, question: str) -> Answer:
        """Give the answer to a question that is asked."""
        return self._answers[question]

    def __iter__(self) -> Iterator[str]:
        """Go through the questions that are asked, in their order."""
        return iter(self._answers)

    def __len__(self) -> int:
        """Count the questions that are asked."""
        return len(self._answers)

    def __hash__(self) -> int:
        """Hash, once."""
        if self._hash is None:
            self._hash = hash(frozenset(self._answers.items()))
        return self._hash

    def __eq__(self, other: object) -> bool:
        """Compare the answers."""
        return self._answers == (other._answers if isinstance(other, Combination) else other)

    def __repr__(self) -> str:
        """Show the answers."""
        return f"Combination({self._answers!r})"

    def as_data(self) -> dict[str, Any]:
        """Give the answers as JSON, YAML and Copier know them: checkboxes are a list."""
        return {name: list(each) if isinstance(each, tuple) else each for name, each in self._answers.items()}


class Space:
    """What may be answered to one questionnaire."""

    def __init__(self, content: Mapping[str, Any]) -> None:
        """Compile the questionnaire.

        Args:
            content: What `copier.yml` says.
        """
        details = {name: _detailed(each) for name, each in content.items() if not name.startswith("_")}
        known = {name: _checkboxes(each) for name, each in details.items()}
        self.environment: Environment = environment_of(content.get("_envops") or {})
        self.questions = tuple(Question(name, each, self.environment, known) for name, each in details.items())
        self.axes: Mapping[str, tuple[Answer, ...]] = {
            question.name: question.all_answers() for question in self.questions if question.is_axis
        }
        boxes = (atom(name, box) for name, some in known.items() for box in some)
        self._unknown = dict.fromkeys([*details, *boxes], _UNKNOWN)

    @classmethod
    def read(cls, copier_yml: Path) -> "Space":
        """Read a questionnaire.

        Args:
            copier_yml: The file.
        """
        try:
            content = yaml.safe_load(copier_yml.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise Problem(f"cannot read {copier_yml}", "name the folder of a template") from error
        except yaml.YAMLError as error:
            raise Problem(f"{copier_yml} is not YAML") from error
        if not isinstance(content, dict):
            raise Problem(f"{copier_yml} asks no questions")
        return cls(content)

    @cached_property
    def capabilities(self) -> tuple[str, ...]:
        """Name the hidden booleans: what templates ask for."""
        return tuple(question.name for question in self.questions if question.hidden and question.type == "bool")

    def valid(self) -> Iterator[Combination]:
        """Yield every valid combination, in the order of questions and choices."""
        return map(Combination, self._ways(0, self._start(), {}))

    def _ways(self, index: int, values: Values, answers: dict[str, Answer]) -> Iterator[dict[str, Answer]]:
        """Answer one question after another, in each way that is open after the answers before it."""
        for position in range(index, self._last + 1):
            question = self.questions[position]
            if question.is_axis and self._is_asked(question, values):
                for answer in question.answers(values):
                    further = values.copy()
                    question.put(answer, further)
                    if question.accepts(further):
                        yield from self._ways(position + 1, further, answers | {question.name: answer})
                return
            if self._refused_default(question, values):
                return
        yield answers

    @cached_property
    def _last(self) -> int:
        """Find the last question that can refuse an answer or offer several."""
        return max((at for at, each in enumerate(self.questions) if not each.hidden), default=-1)

    def _refused_default(self, question: Question, values: Values) -> list[Refusal]:
        default = self._guarded(question.default, question, values)
        asked = not question.hidden and self._is_asked(question, values)
        if default is NOTHING:
            if asked:
                raise Problem(f"copier.yml: {question.name} has neither choices nor a default")
            return []
        question.put(default, values)
        if asked:
            return list(question.refusals(default, values))
        # Copier does not validate what is not asked, but it looks the default up among the choices.
        return list(question.refused_choices(default, values)) if question.choices else []

    def _is_asked(self, question: Question, values: Values) -> bool:
        return bool(self._guarded(question.asked, question, values))

    @staticmethod
    def _guarded(compute: Any, question: Question, values: Values) -> Any:  # noqa: ANN401
        try:
            return compute(values)
        except TemplateError as error:
            raise Problem(f"copier.yml: {question.name} cannot be computed ({error.message})") from error

    def _start(self) -> Values:
        return Values({"_copier_operation": "copy", "_copier_phase": "prompt"}, dict(self._unknown))

    def refusals(self, answers: Mapping[str, Answer]) -> list[Refusal]:
        """Say everything that is wrong with some answers; nothing is wrong with a valid combination.

        Args:
            answers: To questions with choices.
        """
        return self._gone_through(answers)[1]

    def variables(self, combination: Mapping[str, Answer]) -> dict[str, Any]:
        """Compute what Jinja knows of a valid combination: answers, defaults, capabilities.

        Args:
            combination: An answer to each question that is asked and has choices.
        """
        values, refusals = self._gone_through(combination)
        if refusals:
            first = refusals[0]
            raise Problem(f"{first.question} refuses {dict(combination)} ({first.reason})")
        return values.variables

    def _gone_through(self, answers: Mapping[str, Answer]) -> tuple[Values, list[Refusal]]:
        values, refusals = (
            self._start(),
            [
                Refusal(name, "no question", f"there is no question {name!r}")
                for name in answers
                if name not in self.axes
            ],
        )
        for question in self.questions:
            if question.hidden or question.name not in answers:
                refusals += self._refused_default(question, values)
                if question.is_axis and self._is_asked(question, values):
                    refusals.append(Refusal(question.name, "not answered", "it is asked"))
            elif self._is_asked(question, values):
                question.put(answers[question.name], values)
                refusals += question.refusals(answers[question.name], values)
            else:
                refusals.append(Refusal(question.name, "not asked", "it is not asked"))
                refusals += self._refused_default(question, values)
        return values, refusals

    def count(self) -> int:
        """Count the valid combinations."""
        return sum(1 for _ in self.valid())

    def id_of(self, combination: Mapping[str, Answer]) -> str:
        """Name a combination: short, readable, safe as the name of a file, different for different answers.

        Args:
            combination: A valid one.
        """
        words = "-".join(self._in_words(name, answer) for name, answer in combination.items())
        if len(words) <= _LONGEST_ID:
            return words
        return f"{words[: _LONGEST_ID - _DIGEST - 1]}-{sha256(words.encode()).hexdigest()[:_DIGEST]}"

    def _in_words(self, name: str, answer: Answer) -> str:
        boxes = answer if isinstance(answer, tuple) and answer else (answer,)
        return "+".join(self._words[name, each] for each in boxes)

    @cached_property
    def _words(self) -> Mapping[tuple[str, Answer], str]:
        """Give each answer a word of its own; a word of several answers takes the question's name along."""
        words: dict[tuple[str, Answer], str] = {}
        for question in self.questions:
            if question.is_axis:
                values = [choice.value for choice in question.choices] or [False, True]
                words |= {(question.name, value): _word(question.name, value) for value in values}
                words |= {(question.name, ()): "nothing"} if question.multiselect else {}
        for distinct in ("{name}.{word}", "{word}.{at}"):
            seen = Counter(words.values())
            words = {
                key: distinct.format(name=key[0], word=word, at=at) if seen[word] > 1 else word
                for at, (key, word) in enumerate(words.items())
            }
        return words

    @staticmethod
    def flags_of(combination: Mapping[str, Answer]) -> list[str]:
        """Write the flags that answer so on the command line.

        Args:
            combination: A valid one.
        """
        return [flag for name, answer in combination.items() for flag in ("--data", f"{name}={_as_text(answer)}")]


def _detailed(question: Any) -> Mapping[str, Any]:  # noqa: ANN401 - whatever YAML can hold
    """Write a short question, `name: default`, in full."""
    return question if isinstance(question, dict) else {"default": question}


def _checkboxes(details: Mapping[str, Any]) -> Sequence[str]:
    if not details.get("multiselect"):
        return ()
    choices = details.get("choices") or ()
    values = choices.values() if isinstance(choices, dict) else choices
    return [value["value"] if isinstance(value, dict) else value for value in values]


def _word(question: str, value: Answer) -> str:
    if isinstance(value, bool):
        return question if value else f"no_{question}"
    return re.sub(r"[^A-Za-z0-9_.]", "_", str(value))


def _as_text(answer: Answer) -> str:
    if isinstance(answer, bool):
        return str(answer).lower()
    if isinstance(answer, tuple | list):
        return str(yaml.safe_dump(list(answer), default_flow_style=True, width=2**31)).strip()
    return str(answer)
