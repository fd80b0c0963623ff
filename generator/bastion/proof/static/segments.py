"""A template's text as a row of segments, each of which depends on a few names only.

Blocks in the template are flat, so a rendering is a concatenation: of text that always stands, and of blocks and
expressions that are rendered once for each assignment of the names they use. What is not flat is one segment.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment, Template, meta, nodes

_TIED = (nodes.Assign, nodes.AssignBlock, nodes.Block, nodes.Extends, nodes.FromImport, nodes.Import, nodes.Include)
"""What one part of a template says to another."""


@dataclass(frozen=True)
class Segment:
    """A part of a text."""

    names: tuple[str, ...]
    """The variables it uses, in whatever branch."""

    text: str = ""
    """What stands here in any case, if it uses none."""

    template: Template | None = None

    def render(self, variables: Mapping[str, Any]) -> str:
        """Render it."""
        return self.template.render(variables) if self.template else self.text


def segments_of(text: str, environment: Environment) -> list[Segment]:
    """Split a text.

    Args:
        text: A template.
        environment: Jinja, set up as Copier does.
    """
    tree = environment.parse(text)
    if any(tree.find_all((*_TIED, nodes.Macro))):
        return [_compiled(tree.body, environment)]
    return list(_joined(_segment(node, environment) for node in _leaves(tree.body)))


def names_in(text: str, environment: Environment) -> set[str]:
    """Give the names that a text uses, in whatever branch."""
    return set(meta.find_undeclared_variables(environment.parse(text)))


def misspelt_answers(
    text: str, environment: Environment, answers: Mapping[str, Iterable[object]]
) -> Iterator[tuple[str, object]]:
    """Yield each question that is compared with an answer it cannot have: no error, and never true.

    Args:
        text: A template.
        environment: Jinja, set up as Copier does.
        answers: The possible ones, by question.
    """
    for compare in environment.parse(text).find_all(nodes.Compare):
        sides = [compare.expr, *(operand.expr for operand in compare.ops)]
        names = [side.name for side in sides if isinstance(side, nodes.Name) and side.name in answers]
        values = [value for side in sides for value in _constants(side)]
        yield from ((name, value) for name in names for value in values if value not in answers[name])


def _constants(side: nodes.Expr) -> Iterator[Any]:
    """Yield what one side of a comparison spells out: a value, or the values of a list."""
    match side:
        case nodes.Const():
            yield side.value
        case nodes.List() | nodes.Tuple():
            yield from (item.value for item in side.items if isinstance(item, nodes.Const))


def _leaves(body: Iterable[nodes.Node]) -> Iterator[nodes.Node]:
    for node in body:
        if isinstance(node, nodes.Output):
            yield from node.nodes
        else:
            yield node


def _segment(node: nodes.Node, environment: Environment) -> Segment:
    if isinstance(node, nodes.TemplateData):
        return Segment((), node.data)
    # An expression stands in an `Output`; a statement stands for itself.
    return _compiled([nodes.Output([node], lineno=1) if isinstance(node, nodes.Expr) else node], environment)


def _compiled(body: list[nodes.Node], environment: Environment) -> Segment:
    tree = nodes.Template(body, lineno=1)
    tree.set_environment(environment)
    names = tuple(sorted(meta.find_undeclared_variables(tree)))
    code = environment.compile(tree)
    return Segment(names, template=Template.from_code(environment, code, environment.make_globals(None)))


def _joined(segments: Iterable[Segment]) -> Iterator[Segment]:
    """Join neighbours that always stand."""
    fixed = ""
    for segment in segments:
        if segment.template is None:
            fixed += segment.text
            continue
        if fixed:
            yield Segment((), fixed)
            fixed = ""
        yield segment
    if fixed:
        yield Segment((), fixed)
