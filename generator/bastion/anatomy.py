"""The parts of a rendered project, read from its files and never run: files, routes, settings, dependencies.

Nothing here knows a feature. What a feature adds is the difference between two renders. A file whose content does not
match its name (a `.py` file that is not Python) is skipped.
"""

import ast
import re
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from bastion.source_facts import NO_PYTHON, SettingsClass, facts_of, module_of, tree_of

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
"""HEAD is not among them: it is a GET whose answer has no body."""

PROJECT = "project"
"""The group of the dependencies that the running project needs; the other groups have the names of `pyproject.toml`."""

_CODE = "app"
_BASE = "pydantic_settings.BaseSettings"
_NAMED = re.compile(r"^(?:# ?)?([A-Z][A-Z0-9_]*)=", re.MULTILINE)


@dataclass(frozen=True, order=True)
class Route:
    """A path and a method that a client can request."""

    path: str
    method: str
    file: str
    documented: bool = True
    """Whether it is in the OpenAPI document."""


def files_of(project: Path) -> list[str]:
    """List the paths of the project's files, without git's own.

    Args:
        project: The folder of a project as it was rendered, before anything was installed in it.
    """
    paths = (path.relative_to(project) for path in project.rglob("*") if path.is_file() or path.is_symlink())
    return sorted(path.as_posix() for path in paths if path.parts[0] != ".git")


def text_of(file: Path) -> str:
    """Return a file's text; an empty string if it is missing or not UTF-8.

    Args:
        file: A file of a project.
    """
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def routes_of(project: Path) -> list[Route]:
    """List the routes that routers declare, and those that guards answer by themselves.

    Args:
        project: The folder of a project.
    """
    return sorted(route for file, text in _code(project) for route in _routes(file, text))


def settings_of(project: Path) -> list[str]:
    """List the variables that the project reads at run time: fields of its settings, and names in `.env.example`.

    Args:
        project: The folder of a project.
    """
    code = _code(project)
    classes = {f"{module_of(file)}.{each.name}": each for file, text in code for each in facts_of(text, file).classes}
    named = _NAMED.findall(text_of(project / ".env.example"))
    return sorted({*named, *(setting for name in classes for setting in _settings(name, classes))})


def dependencies_of(project: Path) -> dict[str, list[str]]:
    """List the dependencies in `pyproject.toml` by group: first `PROJECT`, then the groups for development.

    Args:
        project: The folder of a project.
    """
    try:
        declared = tomllib.loads(text_of(project / "pyproject.toml"))
    except ValueError:
        # Not always a TOMLDecodeError: Python refuses a number with thousands of digits.
        return {}
    groups = {PROJECT: _table(declared, PROJECT).get("dependencies"), **_table(declared, "dependency-groups")}
    lists = {name: group for name, group in groups.items() if group and isinstance(group, list)}
    return {name: [each for each in group if isinstance(each, str)] for name, group in lists.items()}


def _table(declared: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    table = declared.get(name)
    return table if isinstance(table, dict) else {}


def _code(project: Path) -> Iterator[tuple[str, str]]:
    """Yield the path and the text of each Python file of the application."""
    for path in sorted((project / _CODE).rglob("*.py")):
        file, text = path.relative_to(project).as_posix(), text_of(path)
        try:
            facts_of(text, file)
        except NO_PYTHON:
            continue
        yield file, text


# --- Routes -----------------------------------------------------------------------------------------------------------


@cache
def _routes(file: str, text: str) -> tuple[Route, ...]:
    """Return the routes that one file declares. Cached, because a change leaves most files untouched."""
    try:
        return tuple(_found(file, tree_of(text)))
    except RecursionError:
        # Python compiles code that is nested too deeply to be walked through, or written out again.
        return ()


def _found(file: str, tree: ast.Module) -> Iterator[Route]:
    constants = dict(_constants(tree))
    routers = {name: options for name, options in constants.items() if isinstance(options, dict)}
    for decorator in _decorators(tree):
        match decorator:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id=name), attr=method), args=[ast.Constant(value=str(path)), *_]
            ):
                if name in routers and method.upper() in METHODS:
                    documented = bool(routers[name].get("include_in_schema", True))
                    yield Route(f"{routers[name].get('prefix', '')}{path}", method.upper(), file, documented)
    if _describes(tree):
        yield from _answered_by_a_guard(file, constants)


def _decorators(tree: ast.Module) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from node.decorator_list


def _describes(tree: ast.Module) -> bool:
    """Say whether the module adds to the OpenAPI document by itself, because it answers without a router."""
    return any(_is_description(node) for node in ast.walk(tree))


def _is_description(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id="kernel"), attr="describe")):
            return True
    return False


def _answered_by_a_guard(file: str, constants: Mapping[str, Any]) -> Iterator[Route]:
    declared = constants.get("METHODS")
    methods = declared if isinstance(declared, list | tuple | set) else ()
    for path in constants.values():
        if isinstance(path, str) and path.startswith("/"):
            yield from (Route(path, method, file) for method in methods if method in METHODS)


def _constants(tree: ast.Module) -> Iterator[tuple[str, Any]]:
    """Yield the names that the module binds to plain values, and each router with the options that are plain."""
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=made, keywords=keywords)):
                if ast.unparse(made).endswith("Router"):
                    yield (
                        name,
                        {each.arg: each.value.value for each in keywords if isinstance(each.value, ast.Constant)},
                    )
            case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Tuple(elts=values)):
                yield from zip(map(ast.unparse, names), map(_literal, values), strict=False)
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                yield name, _literal(value)


def _literal(node: ast.expr) -> object:
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError):
        # Code that compiles may have no value, like a dictionary with a list as a key.
        return None


# --- Settings ---------------------------------------------------------------------------------------------------------


def _settings(name: str, classes: Mapping[str, SettingsClass]) -> Iterator[str]:
    """Yield the variables that a settings class reads, inherited ones too; nothing for any other class."""
    lineage = list(_lineage(name, classes))
    if _BASE in lineage:
        family = [classes[each] for each in lineage if each in classes]
        prefix = next((each.prefix for each in family if each.prefix is not None), "")
        for each in family:
            yield from ((alias or f"{prefix}{field}").upper() for field, alias, _ in each.fields)


def _lineage(name: str, classes: Mapping[str, SettingsClass], heirs: Collection[str] = ()) -> Iterable[str]:
    """Yield a class and its ancestors, nearest first. A cycle is cut."""
    yield name
    if name in classes:
        module, family = name.rpartition(".")[0], {*heirs, name}
        for base in classes[name].bases:
            own = f"{module}.{base}"
            ancestor = own if own in classes else base
            if ancestor not in family:
                yield from _lineage(ancestor, classes, family)
