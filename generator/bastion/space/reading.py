"""From `copier.yml` to questions: every expression compiled, every value of the type that its question says."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any

import yaml
from jinja2 import Environment

from bastion.problems import Problem
from bastion.space.expressions import Expression
from bastion.space.questions import NOTHING, Answer, Choice, Question

_FALSE = re.compile(r"|n|no|f|false|off|~|null|none")


def as_bool(value: object) -> bool:
    """Take what was rendered for true or false, as Copier does."""
    with suppress(TypeError, ValueError):
        return bool(float(value))  # type: ignore[arg-type]
    return not _FALSE.fullmatch(value.strip().lower()) if isinstance(value, str) else bool(value)


_TYPES: Mapping[str, Callable[[Any], Any]] = {
    "bool": as_bool,
    "float": float,
    "int": int,
    "json": json.loads,
    "path": str,
    "str": str,
    "yaml": yaml.safe_load,
}


def read_questions(content: Mapping[str, Any], environment: Environment) -> Iterator[Question]:
    """Give the questions in their order.

    Args:
        content: What `copier.yml` says.
        environment: Jinja, set up.
    """
    # `name: default` is the short form of a question.
    details = {
        name: each if isinstance(each, dict) else {"default": each}
        for name, each in content.items()
        if not name.startswith("_")
    }
    readers = [_Reader(name, each, environment) for name, each in details.items()]
    boxes = {reader.name: reader.boxes for reader in readers}
    return (reader.question(boxes) for reader in readers)


class _Reader:
    """Reads one question."""

    def __init__(self, name: str, details: Mapping[str, Any], environment: Environment) -> None:
        self.name, self.details, self.environment = name, details, environment
        guessed = type(details.get("default")).__name__
        self.type = details.get("type") or (guessed if guessed in _TYPES else "yaml")
        if self.type not in _TYPES:
            raise Problem(f"copier.yml: {name} has the type {self.type!r}", f"use one of {', '.join(_TYPES)}")
        self.choices = [(self.cast(value), validator) for value, validator in _choices(name, details)]
        self.boxes = tuple(value for value, _ in self.choices) if details.get("multiselect") else ()
        self.known: Mapping[str, tuple[Any, ...]] = {}

    def question(self, known: Mapping[str, tuple[Any, ...]]) -> Question:
        self.known = known
        when, default = self.details.get("when", True), self.details.get("default", NOTHING)
        return Question(
            name=self.name,
            type=self.type,
            multiselect=bool(self.details.get("multiselect")),
            when=self.expression(when, as_bool) if isinstance(when, str) else as_bool(when),
            choices=tuple(Choice(value, self.judge(validator, str)) for value, validator in self.choices),
            validator=self.judge(self.details.get("validator"), str.strip),
            default=self.default(default),
            boxes=self.boxes,
        )

    def default(self, default: object) -> Any:  # noqa: ANN401 - an answer of any type
        if default is NOTHING:
            return default
        if isinstance(default, str):
            return self.expression(default, self.answer)
        if isinstance(default, list) and any("{" in str(each) for each in default):
            raise Problem(f"copier.yml: a part of the default of {self.name} is computed", "compute all of it")
        return self.answer(default)

    def judge(self, validator: str | None, read: Callable[[str], str]) -> Expression[str] | None:
        return self.expression(validator, read) if validator else None

    def expression(self, text: str, read: Callable[[str], Any]) -> Expression[Any]:
        return Expression(self.environment, text, self.known, read)

    def answer(self, value: object) -> Answer:
        """Make an answer of a default."""
        if not self.details.get("multiselect"):
            return self.cast(value)
        chosen = yaml.safe_load(value) if isinstance(value, str) else value
        if not isinstance(chosen, list):
            raise Problem(f"copier.yml: the default of {self.name} is no list ({value!r})")
        cast = [self.cast(each) for each in chosen]
        return tuple(choice for choice, _ in self.choices if choice in cast)

    def cast(self, value: object) -> Any:  # noqa: ANN401 - an answer of any type
        try:
            return _TYPES[self.type](value)
        except (TypeError, AttributeError, ValueError, yaml.YAMLError) as error:
            if self.type in {"json", "yaml"} and not isinstance(value, str):
                return value
            raise Problem(f"copier.yml: {value!r} of {self.name} is no {self.type}") from error


def _choices(name: str, details: Mapping[str, Any]) -> Iterator[tuple[Any, str | None]]:
    """Yield each choice's value and validator; Copier takes a list, a list of pairs, or a mapping."""
    choices = details.get("choices") or ()
    if isinstance(choices, str):
        raise Problem(f"copier.yml: the choices of {name} are computed", "list them, so that they can be counted")
    for choice in choices.items() if isinstance(choices, dict) else choices:
        value = choice[1] if isinstance(choice, list | tuple) else choice
        extended = value if isinstance(value, dict) else {"value": value}
        if isinstance(extended["value"], str) and "{" in extended["value"]:
            raise Problem(f"copier.yml: a choice of {name} is computed", "write it out, so that it can be counted")
        yield extended["value"], extended.get("validator")
