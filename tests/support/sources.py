"""Python files of a render, read without running them: what they import, and what they define."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True)
class Source:
    """One Python file."""

    imports: frozenset[tuple[str, str]]
    """Each imported module, with the name that is taken from it, or nothing."""

    names: frozenset[str]
    """What other files may import from it."""


@cache
def read(text: str) -> Source:
    tree = ast.parse(text)
    return Source(frozenset(_imports(tree)), frozenset(_names(tree)))


def _imports(tree: ast.AST) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((each.name, "") for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.module or "", each.name) for each in node.names)


def _names(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from (each.asname or each.name for each in node.names)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
