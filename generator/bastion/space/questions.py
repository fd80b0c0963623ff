"""One question as Copier understands it: when it is asked, what may be answered, what else it is."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import combinations
from typing import Any

from bastion.problems import Problem
from bastion.space.expressions import Expression, atom

Answer = Any
"""A text, a number, true or false; for checkboxes the tuple of those that are set, in the order of the choices."""

NOTHING = object()
"""Stands for the value of a question without answer and default: in Jinja, its name does not exist."""


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
    """`no question`, `not asked`, `not answered`, `no choice`, `choice` or `answer`: what is wrong with its answer."""
    reason: str


@dataclass(frozen=True)
class Choice:
    """One possible answer, or one checkbox."""

    value: Any
    validator: Expression[str] | None = None


@dataclass(frozen=True, kw_only=True)
class Question:
    """A question, a computed capability, or a text with a default."""

    name: str
    type: str
    multiselect: bool
    when: bool | Expression[bool]
    choices: tuple[Choice, ...]
    validator: Expression[str] | None
    default: Answer | Expression[Answer]
    boxes: tuple[Any, ...]
    """Its checkboxes; they stay when only some of them are to be combined."""
    _stand_ins: dict[Answer, dict[str, Any]] = field(default_factory=dict, repr=False, compare=False)
    _subsets: dict[tuple[Any, ...], tuple[Answer, ...]] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def hidden(self) -> bool:
        """Say whether it is never asked: computed."""
        return self.when is False

    @cached_property
    def is_axis(self) -> bool:
        """Say whether the answer is one of a few: text is no combination."""
        return not self.hidden and (bool(self.choices) or self.type == "bool")

    @cached_property
    def is_conditional(self) -> bool:
        """Say whether other answers decide if it is asked."""
        return isinstance(self.when, Expression)

    @cached_property
    def values(self) -> tuple[Any, ...]:
        """List the choices, or yes and no."""
        return tuple(choice.value for choice in self.choices) or (False, True)

    def factor_of(self, choice: Any) -> tuple[str, Any]:  # noqa: ANN401 - a choice of any type
        """Name what is answered where a choice is taken, and the value it has then: each checkbox is answered alone."""
        return (atom(self.name, choice), True) if self.multiselect else (self.name, choice)

    def all_answers(self) -> tuple[Answer, ...]:
        """List every answer there is, valid with some other answers or not."""
        return self._possible(self.values)

    def asked(self, values: Values) -> bool:
        """Say whether it is asked, after what was answered so far."""
        return self.when(values.variables, values.keys) if isinstance(self.when, Expression) else self.when

    def answers(self, values: Values) -> tuple[Answer, ...]:
        """List the answers whose choices are open, after what was answered so far."""
        if not self.choices:
            return self.values
        closed = self._closed(values)
        return self._possible(tuple(choice.value for choice in self.choices if choice.value not in closed))

    def _closed(self, values: Values) -> dict[Any, str]:
        reasons = ((value, rule(values.variables, values.keys)) for value, rule in self._rules)
        return {value: reason for value, reason in reasons if reason}

    @cached_property
    def _rules(self) -> list[tuple[Any, Expression[str]]]:
        return [(choice.value, choice.validator) for choice in self.choices if choice.validator]

    def _possible(self, open_choices: tuple[Any, ...]) -> tuple[Answer, ...]:
        if not self.multiselect:
            return open_choices
        if open_choices not in self._subsets:
            self._subsets[open_choices] = tuple(
                some for size in range(len(open_choices) + 1) for some in combinations(open_choices, size)
            )
        return self._subsets[open_choices]

    def refusals(self, answer: Answer, values: Values) -> Iterator[Refusal]:
        """Yield what the question has against an answer; `values` hold it already."""
        yield from self.refused_choices(answer, values)
        if reason := self._verdict(values):
            yield Refusal(self.name, "answer", reason)

    def refused_choices(self, answer: Answer, values: Values) -> Iterator[Refusal]:
        """Yield what the choices alone have against an answer."""
        if not (self.choices or self.is_axis):
            return
        closed = self._closed(values)
        for each in answer if self.multiselect else (answer,):
            if each not in self.values:
                yield Refusal(self.name, "no choice", f"{each!r} is not in {list(self.values)}")
            elif each in closed:
                yield Refusal(self.name, "choice", closed[each])

    def accepts(self, values: Values) -> bool:
        """Say whether the validator of the whole answer is content; `values` hold the answer already."""
        return not self._verdict(values)

    def _verdict(self, values: Values) -> str:
        try:
            return self.validator(values.variables, values.keys) if self.validator else ""
        except Problem as problem:  # Copier takes it for the validator's message
            return str(problem)

    def value_by_default(self, values: Values) -> Answer:
        """Compute the default, or say that there is `NOTHING`."""
        if isinstance(self.default, Expression):
            return self.default(values.variables, values.keys)
        return self.default

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
            boxes = {atom(self.name, box): box in value for box in self.boxes}
            self._stand_ins[value] = {self.name: value, **boxes}
        return self._stand_ins[value]

    def fixed(self) -> "Question":
        """Return it with one answer that nobody is asked for."""
        return replace(self, when=False, choices=(), validator=None, default=self.all_answers()[0])

    def reduced(self, keep: Callable[[Any], bool], *, judging: bool) -> "Question":
        """Return it with some of its checkboxes, and without its validator unless that is to judge."""
        choices = tuple(choice for choice in self.choices if not self.multiselect or keep(choice.value))
        return replace(self, choices=choices, validator=self.validator if judging else None)
