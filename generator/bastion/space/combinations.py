"""A combination of answers, and how it is written: as the name of a file, and as flags on the command line."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from typing import Any

import yaml

from bastion.space.questions import Answer, Question

_LONGEST = 80
_DIGEST = 8


class Combination(Mapping[str, Answer]):
    """An answer to each question that is asked and has choices: frozen, hashable."""

    __slots__ = ("_answers", "_hash")

    def __init__(self, answers: Mapping[str, Answer]) -> None:
        """Freeze the answers; a list of checkboxes becomes a tuple."""
        self._answers = {name: tuple(each) if isinstance(each, list) else each for name, each in answers.items()}
        self._hash: int | None = None

    @classmethod
    def of(cls, answers: Mapping[str, Answer]) -> "Combination":
        """Take answers, frozen or not."""
        return answers if isinstance(answers, Combination) else cls(answers)

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


class Words:
    """A word of its own for each answer, so that different answers never have the same name."""

    def __init__(self, questions: Iterable[Question]) -> None:
        """Choose the words; one that several answers would have takes the question's name along.

        Args:
            questions: Those with choices.
        """
        words: dict[tuple[str, Answer], str] = {}
        for question in questions:
            words |= {(question.name, value): _word(question.name, value) for value in question.values}
            words |= {(question.name, ()): "nothing"} if question.multiselect else {}
        for distinct in ("{name}.{word}", "{word}.{at}"):
            seen = Counter(word.lower() for word in words.values())  # some file systems see no capitals
            words = {
                key: distinct.format(name=key[0], word=word, at=at) if seen[word.lower()] > 1 else word
                for at, (key, word) in enumerate(words.items())
            }
        self._words = words

    def id_of(self, combination: Mapping[str, Answer]) -> str:
        """Name a combination: short, readable, safe as the name of a file, different for different answers.

        Args:
            combination: A valid one.
        """
        words = "-".join(self._of(name, answer) for name, answer in combination.items())
        if len(words) <= _LONGEST:
            return words
        return f"{words[: _LONGEST - _DIGEST - 1]}-{sha256(words.encode()).hexdigest()[:_DIGEST]}"

    def _of(self, name: str, answer: Answer) -> str:
        boxes = answer if isinstance(answer, tuple) and answer else (answer,)
        return "+".join(self._words[name, each] for each in boxes)


def _word(question: str, value: Answer) -> str:
    if isinstance(value, bool):
        return question if value else f"no_{question}"
    return re.sub(r"[^A-Za-z0-9_.]", "_", str(value))


def flags_of(combination: Mapping[str, Answer]) -> list[str]:
    """Write the flags that answer so on the command line.

    Args:
        combination: A valid one.
    """
    return [flag for name, answer in combination.items() for flag in ("--data", f"{name}={as_text(answer)}")]


def as_text(answer: Answer) -> str:
    """Write one answer as a flag has it: a list as YAML.

    Args:
        answer: Of any type.
    """
    if isinstance(answer, bool):
        return str(answer).lower()
    if isinstance(answer, tuple | list):
        return str(yaml.safe_dump(list(answer), default_flow_style=True, width=2**31)).strip()
    return str(answer)
