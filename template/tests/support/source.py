"""Rules about the source: what it must not hold, with a sample in which each rule finds it."""

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

SOURCES = sorted([*Path("app").rglob("*.py"), *Path("migrations").glob("*.py")])

Found = Iterator[ast.AST]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """`find` yields what is forbidden; `sample` is source in which it finds something; `but_in` are the exceptions."""

    find: Callable[[ast.AST], Found]
    samples: tuple[str, ...]
    but_in: frozenset[str] = field(default_factory=frozenset)


@cache
def tree_of(path: Path) -> ast.Module:
    """Return the syntax tree of a file, read once for all rules."""
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def nodes_of(tree: ast.AST) -> tuple[ast.AST, ...]:
    """Return every node of a tree, walked once for all rules."""
    return tuple(ast.walk(tree))


def name_of(node: ast.AST) -> str:
    """Return `a.b.c` for a name or an attribute, without what comes before a call."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{name_of(node.value)}.{node.attr}"
    return ""


def calls(*names: str) -> Callable[[ast.AST], Found]:
    """Find calls of these functions, whatever they are called on."""
    pattern = re.compile(rf"(.*\.)?({'|'.join(names)})")

    def find(tree: ast.AST) -> Found:
        return (node for node in nodes_of(tree) if isinstance(node, ast.Call) and pattern.fullmatch(name_of(node.func)))

    return find


def names_of_events(tree: ast.AST) -> Found:
    """Yield the names of events: `SecurityEvent(name=...)`, `about(user, ...)`, `attempt_from(network, ...)`."""
    for node in calls("SecurityEvent", "about", "attempt_from")(tree):
        assert isinstance(node, ast.Call)
        yield from node.args[1:2]
        yield from (each.value for each in node.keywords if each.arg == "name")


def found_by(rule: Rule) -> list[str]:
    """Return where the source holds what `rule` forbids."""
    return [
        f"{path}:{getattr(node, 'lineno', 0)}"
        for path in SOURCES
        if path.as_posix() not in rule.but_in
        for node in rule.find(tree_of(path))
    ]


def samples_not_found_by(rule: Rule) -> list[str]:
    """Return the samples in which `rule` finds nothing, so that it is known to see."""
    return [sample for sample in rule.samples if not list(rule.find(ast.parse(sample)))]


def exceptions_no_longer_of(rule: Rule) -> list[str]:
    """Return the exceptions in which there is nothing to except any more."""
    there = [path for path in sorted(rule.but_in) if Path(path).exists()]
    return [path for path in there if not list(rule.find(tree_of(Path(path))))]
