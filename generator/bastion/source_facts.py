"""Facts of one Python file: its imports, the names that it binds, the attributes of imports that it uses, its settings.

Each fact comes with its lines: in a file with very many renderings they say in which combinations the fact is true.
"""

import ast
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache

Lines = tuple[int, ...]

NO_PYTHON = (SyntaxError, ValueError, RecursionError, MemoryError)
"""The exceptions that Python raises for a file it cannot read; the last two for code that is nested too deeply."""

_PREFIX, _ALIAS = "env_prefix", "validation_alias"
_TYPING = "TYPE_CHECKING"


@dataclass(frozen=True)
class Import:
    """One imported module, or one name from it."""

    module: str
    name: str | None
    lines: Lines
    only_for_types: bool


@dataclass(frozen=True)
class Use:
    """An attribute of something imported: `headers.SLICE` after `from app import headers`."""

    module: str
    name: str
    lines: Lines


@dataclass(frozen=True)
class SettingsClass:
    """A class with fields; whether they are settings is decided by its bases."""

    name: str
    bases: tuple[str, ...]
    """Dotted names, with what they were imported from."""

    prefix: str | None
    fields: tuple[tuple[str, str | None, Lines], ...]
    """Name, alias, lines."""

    lines: Lines


@dataclass
class SourceFacts:
    """The facts of one file."""

    imports: list[Import] = field(default_factory=list)
    bound: list[tuple[str, Lines]] = field(default_factory=list)
    """The names that others can import from it."""

    uses: list[Use] = field(default_factory=list)
    read: list[tuple[str, Lines]] = field(default_factory=list)
    """The attributes that it reads, of any object."""

    classes: list[SettingsClass] = field(default_factory=list)
    binds_anything: bool = False
    """Whether it may bind more names than these: `import *`, or a `__getattr__` of the module."""


def tree_of(text: str) -> ast.Module:
    """Parse a file, without Python's warnings about the user's code.

    Args:
        text: Its content.

    Raises:
        SyntaxError: it is no Python.
    """
    with warnings.catch_warnings(action="ignore"):
        return ast.parse(text)


@cache
def facts_of(text: str, path: str) -> SourceFacts:
    """Read a file.

    Args:
        text: Its content.
        path: Its path in the project.

    Raises:
        SyntaxError: it is no Python.
    """
    tree = tree_of(text)
    with warnings.catch_warnings(action="ignore"):
        compile(tree, path, "exec", dont_inherit=True)
    package = _package_of(path)
    facts = SourceFacts()
    facts.imports += _imports(tree, package, only_for_types=False)
    for name, lines in _bound(tree.body):
        facts.bound.append((name, lines))
    facts.bound += ((name, ()) for node in ast.walk(tree) if isinstance(node, ast.Global) for name in node.names)
    facts.binds_anything = any(each.name == "*" for each in facts.imports) or any(
        name == "__getattr__" for name, _ in facts.bound
    )
    origins = _origins(tree, package)
    facts.uses += _uses(tree, origins)
    facts.read += _read(tree)
    facts.classes += (_class(node, origins) for node in tree.body if isinstance(node, ast.ClassDef))
    return facts


def module_of(path: str) -> str:
    """Return the dotted name under which a file is imported."""
    parts = path.removesuffix(".py").split("/")
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _package_of(path: str) -> list[str]:
    return path.split("/")[:-1]


# --- Imports ----------------------------------------------------------------------------------------------------------


def _imports(node: ast.AST, package: list[str], *, only_for_types: bool) -> Iterator[Import]:
    """Yield every import, also those within functions."""
    for child in ast.iter_child_nodes(node):
        match child:
            case ast.Import(names=names):
                for alias in names:
                    yield Import(alias.name, None, (child.lineno, alias.lineno), only_for_types)
            case ast.ImportFrom(names=names):
                module = _absolute(child, package)
                for alias in names:
                    yield Import(module, alias.name, (child.lineno, alias.lineno), only_for_types)
            case ast.If(test=test) if _TYPING in ast.unparse(test):
                yield from _imports(child, package, only_for_types=True)
            case ast.stmt() | ast.excepthandler() | ast.match_case():
                yield from _imports(child, package, only_for_types=only_for_types)


def _absolute(node: ast.ImportFrom, package: list[str]) -> str:
    if not node.level:
        return node.module or ""
    base = package[: len(package) - node.level + 1]
    return ".".join([*base, *([node.module] if node.module else [])])


# --- Names ------------------------------------------------------------------------------------------------------------


def _bound(body: Iterable[ast.stmt]) -> Iterator[tuple[str, Lines]]:
    """Yield the names that statements of a module bind, also within `if`, `try`, `with` and loops."""
    for node in body:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.name, (node.lineno,)
            case ast.Import(names=names):
                yield from ((a.asname or a.name.partition(".")[0], (node.lineno, a.lineno)) for a in names)
            case ast.ImportFrom(names=names):
                yield from ((a.asname or a.name, (node.lineno, a.lineno)) for a in names)
            case _:
                yield from _stored(node)
                for block in ("body", "orelse", "finalbody"):
                    yield from _bound(getattr(node, block, ()))
                for handler in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
                    yield from _bound(handler.body)


def _stored(node: ast.stmt) -> Iterator[tuple[str, Lines]]:
    """Yield the names that one statement assigns, without those of the statements in it."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.stmt | ast.excepthandler | ast.match_case):
            for name in ast.walk(child):
                if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store):
                    yield name.id, (node.lineno, name.lineno)


def _origins(tree: ast.Module, package: list[str]) -> dict[str, tuple[str, Lines]]:
    """Return the origin of each imported name; a name that is also bound otherwise is left out."""
    origins: dict[str, tuple[str, Lines]] = {}
    again: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.ImportFrom(names=names):
                module = _absolute(node, package)
                found = [(a.asname or a.name, f"{module}.{a.name}", (node.lineno, a.lineno)) for a in names]
            case ast.Import(names=names):
                found = [(a.asname, a.name, (node.lineno, a.lineno)) for a in names if a.asname]
            case _:
                again.update(_otherwise_bound(node))
                continue
        for name, origin, lines in found:
            if origins.setdefault(name, (origin, lines))[0] != origin:
                again.add(name)
    return {name: origin for name, origin in origins.items() if name not in again}


def _otherwise_bound(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
            yield name
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)):
            yield name


def _uses(tree: ast.Module, origins: dict[str, tuple[str, Lines]]) -> Iterator[Use]:
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(id=name), attr=attribute, ctx=ast.Load()) if name in origins:
                origin, lines = origins[name]
                yield Use(origin, attribute, (*lines, node.lineno))


def _read(tree: ast.Module) -> Iterator[tuple[str, Lines]]:
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(attr=attribute, ctx=ast.Load()):
                yield attribute, (node.end_lineno or node.lineno,)


# --- Classes ----------------------------------------------------------------------------------------------------------


def _class(node: ast.ClassDef, origins: dict[str, tuple[str, Lines]]) -> SettingsClass:
    prefix, fields = None, []
    for statement in node.body:
        match statement:
            case ast.AnnAssign(target=ast.Name(id=name), value=value):
                fields.append((name, _keyword(value, _ALIAS), (node.lineno, statement.lineno)))
            case ast.Assign(targets=[ast.Name(id="model_config")], value=value):
                prefix = _keyword(value, _PREFIX)
    bases = [ast.unparse(base) for base in node.bases]
    return SettingsClass(
        name=node.name,
        bases=tuple(origins[base][0] if base in origins else base for base in bases),
        prefix=prefix,
        fields=tuple(fields),
        lines=(node.lineno,),
    )


def _keyword(value: ast.expr | None, name: str) -> str | None:
    """Return the text of a keyword argument anywhere in an expression."""
    for node in ast.walk(value) if value else ():
        match node:
            case ast.keyword(arg=found, value=ast.Constant(value=str(text))) if found == name:
                return text
    return None
