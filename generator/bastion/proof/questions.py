"""One question of `copier.yml` as Copier understands it: when it is asked, what may be answered, what else it is."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import yaml
from jinja2 import Environment, TemplateError

from bastion.problems import Problem
from bastion.proof.expressions import Expression, atom

Answer = Any
"""A text, a number, true or false; for checkboxes the tuple of those that are set, in the order of the choices."""

NOTHING = object()
"""Stands for the value of a question without answer and default: in Jinja, its name does not exist."""

_WORDS = {"y": True, "yes": True, "t": True, "true": True, "on": True} | dict.fromkeys(
    ("", "n", "no", "f", "false", "off", "~", "null", "none"), False
)


def as_bool(value: object) -> bool:
    """Take what was rendered for true or false, as Copier does."""
    with suppress(TypeError, ValueError):
        return bool(float(value))  # type: ignore[arg-type]
    return _WORDS.get(value.strip().lower(), True) if isinstance(value, str) else bool(value)


_TYPES: Mapping[str, Callable[[Any], Any]] = {
    "bool": as_bool,
    "float": float,
    "int": int,
    "json": json.loads,
    "path": str,
    "str": str,
    "yaml": yaml.safe_load,
}


class Values:
    """What is known while the questions are gone through: for Jinja, and as input of expressions."""

    __slots__ = ("keys", "variables")

    def __init__(self, variables: dict[str, Any], keys: dict[str, Any]) -> None:
        """Start with what is given.

        Args:
            variables: What Jinja sees.
            keys: A hashable stand-in for each variable, and what each checkbox says.
        """
        self.variables, self.keys = variables, keys

    def copy(self) -> "Values":
        """Return a copy that can go another way."""
        return Values(self.variables.copy(), self.keys.copy())


@dataclass(frozen=True)
class Refusal:
    """Why these answers are no valid combination."""

    question: str
    kind: str
    """`not asked`, `not answered`, `no choice`, `choice` or `answer`: what the question says about its answer."""
    reason: str


@dataclass(frozen=True)
class Choice:
    """One possible answer, or one checkbox."""

    value: Any
    validator: Expression[str] | None


class Question:
    """A question, a computed capability, or a text with a default."""

    def __init__(
        self, name: str, details: Mapping[str, Any], environment: Environment, known: Mapping[str, Sequence[str]]
    ) -> None:
        """Compile every expression of a question.

        Args:
            name: The name of the question.
            details: What `copier.yml` says of it.
            environment: Jinja, set up.
            known: The names of all questions, each with the checkboxes it has.
        """
        self.name, self._environment, self._known = name, environment, known
        self.type = _type_of(name, details)
        self.multiselect = bool(details.get("multiselect"))
        self.hidden = details.get("when") is False
        self._when = details.get("when", True)
        self._asked = self._expression(self._when, as_bool)
        self.choices = tuple(
            Choice(self._cast(value), self._expression(validator, str)) for value, validator in _choices(name, details)
        )
        self._validators = [(choice.value, choice.validator) for choice in self.choices if choice.validator]
        self._validator = self._expression(details.get("validator"), str.strip)
        self._default = details.get("default", NOTHING)
        self._computed = self._expression(self._default, self._read)
        self._stand_ins: dict[Answer, dict[str, Any]] = {}
        self._ways: dict[tuple[Any, ...], tuple[Answer, ...]] = {}

    @property
    def is_axis(self) -> bool:
        """Say whether the answer is one of a few: text is no combination."""
        return not self.hidden and (bool(self.choices) or self.type == "bool")

    @property
    def is_conditional(self) -> bool:
        """Say whether other answers decide if it is asked."""
        return isinstance(self._when, str)

    def expressions(self) -> Iterator[Expression[Any]]:
        """Yield what decides whether it is asked and what may be answered."""
        for each in (self._asked, self._validator, *(validator for _, validator in self._validators)):
            if each:
                yield each

    @property
    def computation(self) -> Expression[Any] | None:
        """Give the expression of its default, if that is one."""
        return self._computed

    def all_answers(self) -> tuple[Answer, ...]:
        """List every answer there is, valid with some other answers or not."""
        return self._possible(tuple(choice.value for choice in self.choices))

    def asked(self, values: Values) -> bool:
        """Say whether it is asked, after what was answered so far."""
        return self._asked(values.variables, values.keys) if self._asked else as_bool(self._when)

    def answers(self, values: Values) -> tuple[Answer, ...]:
        """List the answers whose choices are open, after what was answered so far."""
        closed = self._closed(values)
        return self._possible(tuple(choice.value for choice in self.choices if choice.value not in closed))

    def _closed(self, values: Values) -> dict[Any, str]:
        reasons = ((value, rule(values.variables, values.keys)) for value, rule in self._validators)
        return {value: reason for value, reason in reasons if reason}

    def _possible(self, open_choices: tuple[Any, ...]) -> tuple[Answer, ...]:
        if not self.choices:
            return (False, True)
        if not self.multiselect:
            return open_choices
        if open_choices not in self._ways:
            self._ways[open_choices] = tuple(
                some for size in range(len(open_choices) + 1) for some in combinations(open_choices, size)
            )
        return self._ways[open_choices]

    def refusals(self, answer: Answer, values: Values) -> Iterator[Refusal]:
        """Yield what the question has against an answer; `values` hold it already."""
        if self.choices:
            yield from self.refused_choices(answer, values)
        if reason := self._verdict(values):
            yield Refusal(self.name, "answer", reason)

    def refused_choices(self, answer: Answer, values: Values) -> Iterator[Refusal]:
        """Yield what the choices alone have against an answer."""
        chosen = answer if self.multiselect else (answer,)
        known = [choice.value for choice in self.choices]
        closed = self._closed(values)
        for each in chosen:
            if each not in known:
                yield Refusal(self.name, "no choice", f"{each!r} is not in {known}")
            elif each in closed:
                yield Refusal(self.name, "choice", closed[each])

    def _verdict(self, values: Values) -> str:
        try:
            return self._validator(values.variables, values.keys) if self._validator else ""
        except TemplateError as error:  # Copier takes it for the validator's message
            return str(error)

    def accepts(self, values: Values) -> bool:
        """Say whether the validator of the whole answer is content; `values` hold the answer already."""
        return not (self._validator and self._verdict(values))

    def default(self, values: Values) -> Answer:
        """Compute the default, or say that there is `NOTHING`."""
        if self._computed:
            return self._computed(values.variables, values.keys)
        return self._default if self._default is NOTHING else self._read(self._default)

    def put(self, value: Answer, values: Values) -> None:
        """Let the later questions see a value."""
        if value is NOTHING:
            return
        values.variables[self.name] = list(value) if self.multiselect else value
        if isinstance(value, str | bool):
            values.keys[self.name] = value
        else:
            values.keys.update(self._stand_in(value))

    def _stand_in(self, value: Answer) -> dict[str, Any]:
        if not self.multiselect:
            return {self.name: repr(value)}
        if value not in self._stand_ins:
            boxes = {atom(self.name, each): each in value for each in self._known[self.name]}
            self._stand_ins[value] = {self.name: value, **boxes}
        return self._stand_ins[value]

    def _expression(self, text: object, read: Callable[[str], Any]) -> Expression[Any] | None:
        """Compile a text; what is none is no expression."""
        if not isinstance(text, str) or not text:
            return None
        try:
            return Expression(self._environment, text, self._known, read)
        except TemplateError as error:
            raise Problem(f"copier.yml: an expression of {self.name} is no Jinja ({error.message})") from error

    def _read(self, value: object) -> Answer:
        """Make an answer of a default, computed or not."""
        if not self.multiselect:
            return self._cast(value)
        chosen = yaml.safe_load(value) if isinstance(value, str) else value
        if not isinstance(chosen, list):
            raise Problem(f"copier.yml: the default of {self.name} is no list ({value!r})")
        cast = [self._cast(each) for each in chosen]
        return tuple(choice.value for choice in self.choices if choice.value in cast)

    def _cast(self, value: object) -> Any:  # noqa: ANN401 - whatever YAML can hold
        try:
            return _TYPES[self.type](value)
        except (TypeError, AttributeError):
            if self.type in {"json", "yaml"}:
                return value
            raise Problem(f"copier.yml: {value!r} of {self.name} is no {self.type}") from None
        except (ValueError, yaml.YAMLError) as error:
            raise Problem(f"copier.yml: {value!r} of {self.name} is no {self.type}") from error


def _type_of(name: str, details: Mapping[str, Any]) -> str:
    guessed = type(details.get("default")).__name__
    type_name = details.get("type") or (guessed if guessed in _TYPES else "yaml")
    if type_name not in _TYPES:
        raise Problem(f"copier.yml: {name} has the type {type_name!r}", f"use one of {', '.join(_TYPES)}")
    return str(type_name)


def _choices(name: str, details: Mapping[str, Any]) -> Iterator[tuple[Any, str]]:
    """Yield each choice's value and validator; Copier takes a list, a list of pairs, or a mapping."""
    choices = details.get("choices") or ()
    if isinstance(choices, str):
        raise Problem(f"copier.yml: the choices of {name} are computed", "list them, so that they can be counted")
    for choice in choices.items() if isinstance(choices, dict) else choices:
        value = choice[1] if isinstance(choice, list | tuple) else choice
        extended = value if isinstance(value, dict) else {"value": value}
        if isinstance(extended["value"], str) and "{" in extended["value"]:
            raise Problem(f"copier.yml: a choice of {name} is computed", "write it out, so that it can be counted")
        yield extended["value"], extended.get("validator", "")
