"""Every outcome of every condition of a template: each must happen in some row, or no row's tests say anything of it.

Conditions stand in files, in the names of files and folders, and in the rules that exclude some of them.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import reduce
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Template, TemplateError, meta, nodes

from bastion.problems import Problem
from bastion.space.expressions import atoms_of
from bastion.space.space import Space


@dataclass(frozen=True)
class Requirement:
    """What must be true in at least one row."""

    name: str
    met: Callable[[Mapping[str, Any]], bool]
    """Says so of `space.variables(combination)`."""
    names: tuple[str, ...] | None = None
    """What it looks at, when that is known: then only the answers that decide about it are searched."""
    file: str = ""
    """The file where it stands, if it stands in one."""
    complaint: str = ""
    """What to say when nothing ever makes it true."""


@dataclass(frozen=True)
class Text:
    """Something with conditions in it."""

    file: str
    where: str
    """Where in the file, if it is not the file itself."""
    content: str

    def place(self, condition: nodes.Expr) -> str:
        """Name the place of a condition."""
        return f"{self.where or self.file}:{condition.lineno}"

    def complaint(self, condition: nodes.Expr, *, outcome: bool) -> str:
        """Say that a condition never has an outcome, and quote its line: numbers mean little once others are put in."""
        line = self.content.splitlines()[condition.lineno - 1].strip()
        return f"asks what is never {str(outcome).lower()}: {line}"


def outcomes_of(template: Path, space: Space) -> tuple[list[Requirement], list[str]]:
    """Find the outcomes of every condition of a template.

    Args:
        template: The folder with `copier.yml`.
        space: What may be answered.

    Returns:
        The outcomes, and the places of conditions about which no answer decides.
    """
    found: dict[str, Requirement] = {}
    beyond: dict[str, None] = {}
    for text in _texts(template):
        for condition, outcome, holds in _outcomes(text, space):
            tree = _as_template(holds, space)
            if meta.find_undeclared_variables(tree) <= space.known.keys() | space.environment.globals.keys():
                name = f"{text.place(condition)}, {str(outcome).lower()}"
                met, names = _decision(name, tree, space)
                complaint = text.complaint(condition, outcome=outcome)
                # The same condition elsewhere is met by the same row.
                found.setdefault(repr(holds), Requirement(name, met, names, text.file, complaint))
            else:
                beyond[text.place(condition)] = None
    return list(found.values()), list(beyond)


def _texts(template: Path) -> Iterator[Text]:
    settings = yaml.safe_load((template / "copier.yml").read_text(encoding="utf-8"))
    exclusions = [each for each in settings.get("_exclude") or () if isinstance(each, str)]
    for number, rule in enumerate(exclusions, 1):
        yield Text("copier.yml", f"copier.yml, exclusion {number}", rule)
    suffix, root = settings.get("_templates_suffix", ".jinja"), template / (settings.get("_subdirectory") or "")
    never = [rule for rule in exclusions if "{" not in rule]
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root)
        if not any(fnmatch(part, rule) for part in name.parts for rule in never):
            file = path.relative_to(template).as_posix()
            yield Text(file, f"the name of {name.as_posix()}", name.name)
            if path.is_file() and name.name.endswith(suffix):
                yield Text(file, "", path.read_text(encoding="utf-8"))


def _outcomes(text: Text, space: Space) -> Iterator[tuple[nodes.Expr, bool, nodes.Expr]]:
    """Yield each condition with each of its outcomes and what has to hold for that."""
    try:
        tree = space.environment.parse(text.content)
    except TemplateError as error:
        raise Problem(f"{text.where or text.file} is no Jinja ({error.message})") from error
    for around, condition in _conditions(tree, ()):
        yield condition, True, _all(*around, condition)
        yield condition, False, _all(*around, nodes.Not(condition, lineno=condition.lineno))


def _conditions(
    node: nodes.Node, around: tuple[nodes.Expr, ...]
) -> Iterator[tuple[tuple[nodes.Expr, ...], nodes.Expr]]:
    """Yield each condition, and the conditions around it that must hold for it to be asked at all."""
    match node:
        case nodes.If():
            branches: list[tuple[Any, Sequence[nodes.Node]]] = [(each.test, each.body) for each in (node, *node.elif_)]
            last: Sequence[nodes.Node] = node.else_
        case nodes.CondExpr():
            branches, last = [(node.test, [node.expr1])], [node.expr2] if node.expr2 else []
        case _:
            branches, last = [], list(node.iter_child_nodes())
    for test, body in branches:
        yield around, test
        yield from _conditions(test, around)
        for child in body:
            yield from _conditions(child, (*around, test))
        around = (*around, nodes.Not(test, lineno=test.lineno))
    for child in last:
        yield from _conditions(child, around)


def _all(*conditions: nodes.Expr) -> nodes.Expr:
    return reduce(lambda left, right: nodes.And(left, right, lineno=right.lineno), conditions)


def _as_template(condition: nodes.Expr, space: Space) -> nodes.Template:
    yes, no = nodes.Const("yes"), nodes.Const("")
    tree = nodes.Template([nodes.Output([nodes.CondExpr(condition, yes, no)])])
    return tree.set_lineno(1).set_environment(space.environment)  # type: ignore[return-value]


def _decision(
    name: str, tree: nodes.Template, space: Space
) -> tuple[Callable[[Mapping[str, Any]], bool], tuple[str, ...]]:
    """Give what decides whether something holds, and what that looks at."""
    environment = space.environment
    compiled = Template.from_code(environment, environment.compile(tree), environment.make_globals(None))

    def met(variables: Mapping[str, Any]) -> bool:
        try:
            return compiled.render(variables) == "yes"
        except TemplateError as error:
            raise Problem(f"{name}: the condition cannot be computed ({error.message})") from error

    return met, tuple(atoms_of(tree, space.known))
