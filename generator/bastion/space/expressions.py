"""Jinja as Copier sets it up, and expressions that are rendered once for each different input."""

from collections.abc import Callable, Container, Iterator, Mapping
from operator import itemgetter
from pathlib import PurePath, PurePosixPath, PureWindowsPath
from typing import Any, Generic, TypeVar

import jinja2
from jinja2 import Environment, TemplateError, nodes
from jinja2.sandbox import SandboxedEnvironment

from bastion.problems import Problem

Output = TypeVar("Output")

_UNDEFINED = {"jinja2.Undefined": jinja2.Undefined, "jinja2.StrictUndefined": jinja2.StrictUndefined}
_PATHS: Mapping[str, type[PurePath]] = {"posix": PurePosixPath, "windows": PureWindowsPath, "native": PurePath}


def environment_of(settings: Mapping[str, Any]) -> Environment:
    """Set Jinja up as Copier does for a template's `_envops`.

    Copier's own environment belongs to what it calls private; a test compares the two.

    Args:
        settings: `_envops`.
    """
    options = {"keep_trailing_newline": True, **settings}
    undefined = options.pop("undefined", "jinja2.Undefined")
    if undefined not in _UNDEFINED:
        raise Problem(f"copier.yml: _envops.undefined is {undefined!r}", f"use one of {', '.join(_UNDEFINED)}")
    environment = SandboxedEnvironment(
        extensions=["jinja2_ansible_filters.AnsibleCoreFiltersExtension"],
        undefined=_UNDEFINED[undefined],
        **options,
    )
    environment.globals["pathjoin"] = lambda *path, mode="posix": str(_PATHS[mode](*path))
    return environment


def atom(question: str, choice: object) -> str:
    """Name what one checkbox says: no variable of Jinja can be called like this."""
    return f"{question}={choice}"


class Expression(Generic[Output]):
    """A Jinja expression that remembers what it was for which input.

    Its input is not everything that was answered but what it names; of checkboxes, when it only asks whether they hold
    one thing or another, only these. So one expression has a handful of different inputs in any number of combinations.
    """

    def __init__(
        self, environment: Environment, text: str, known: Mapping[str, Container[str]], read: Callable[[str], Output]
    ) -> None:
        """Compile, or say that it is no Jinja.

        Args:
            environment: Jinja, set up.
            text: The expression, as `copier.yml` has it.
            known: The names of all questions, each with the checkboxes it has.
            read: Makes a value of the rendered text.
        """
        self._text, self._read = text, read
        try:
            self._template = environment.from_string(text)
        except TemplateError as error:
            raise Problem(f"copier.yml: {text!r} is no Jinja ({error.message})") from error
        self.atoms = tuple(sorted(set(atoms_of(environment.parse(text), known))))
        self._input: Callable[[Mapping[str, Any]], Any] = itemgetter(*self.atoms) if self.atoms else _nothing
        self._outputs: dict[Any, Output] = {}

    def __call__(self, variables: Mapping[str, Any], keys: Mapping[str, Any]) -> Output:
        """Render, or remember.

        Args:
            variables: What Jinja sees.
            keys: A hashable stand-in for each variable, and what each checkbox says.
        """
        given = self._input(keys)
        try:
            return self._outputs[given]
        except KeyError:
            output = self._outputs[given] = self._read(self._rendered(variables))
            return output

    def _rendered(self, variables: Mapping[str, Any]) -> str:
        try:
            return self._template.render(variables)
        except TemplateError as error:
            raise Problem(f"copier.yml: {self._text!r} cannot be computed ({error.message})") from error


def _nothing(_: Mapping[str, Any]) -> None:
    return None


def atoms_of(tree: nodes.Template, known: Mapping[str, Container[str]]) -> Iterator[str]:
    """Yield the names in an expression, and `question=choice` where it asks `'choice' in question`.

    Args:
        tree: The expression, parsed.
        known: The names of all questions, each with the checkboxes it has.
    """
    asked_within = set()
    for compare in tree.find_all(nodes.Compare):
        match compare:
            case nodes.Compare(
                expr=nodes.Const(value=str(choice)),
                ops=[nodes.Operand(op="in" | "notin", expr=nodes.Name(name=name) as checkboxes)],
            ) if choice in known.get(name, ()):
                asked_within.add(id(checkboxes))
                yield atom(name, choice)
    for node in tree.find_all(nodes.Name):
        if node.name in known and id(node) not in asked_within:
            yield node.name
