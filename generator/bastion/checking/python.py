"""Whether a Python file that users add to still says what the template's does, read as Python reads it.

Lines prove nothing here: a line that is kept may be in a string, behind an `if`, or before a line that undoes it. So
the template's statements have to be at the top level, unchanged and in their order, and a second binding of one of
their names undoes them. Users may add imports, statements, and entries to collections such as `SLICES`.
"""

import ast
import builtins
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

IsDispensable = Callable[[str], bool]
"""Tells whether users may delete a module, or a name in it: an example that carries no defence."""

_MAKERS = {"tuple": True, "list": True, "frozenset": False, "set": False}
"""The functions that make one collection of another, and whether they keep the order of the items."""

_BUILTINS = set(dir(builtins))
_Node = ast.stmt | ast.expr | ast.ExceptHandler | ast.pattern
_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True)
class Lost:
    """A part of the template's file that the project's file has lost.

    Attributes:
        line: a line of the project's file, or None if the part is nowhere.
        what: a sentence about it.
        module: the module that the part belongs to, if it belongs to one.
    """

    line: int | None
    what: str
    module: str | None = None


def lost_statements(template: bytes, project: bytes, is_dispensable: IsDispensable) -> Iterator[Lost]:
    """Yield the parts of the template's file that the project's file has lost.

    Args:
        template: The template's file.
        project: The project's file.
        is_dispensable: Tells whether users may delete a module.

    Raises:
        ValueError: The project's file is no Python.
    """
    before, after = _Module(_parsed(template)), _Module(_parsed(project))
    dispensable = {name for name, target in before.imports.items() if is_dispensable(target)}
    yield from _lost_imports(before, after, dispensable)
    yield from _lost_others(before, after, dispensable)
    yield from _bound_again(before, after, dispensable)


def _parsed(content: bytes) -> list[ast.stmt]:
    try:
        with warnings.catch_warnings(action="ignore"):
            tree = ast.parse(content)
        for node in ast.walk(tree):
            _forget_docstring(node)
        ast.dump(tree)
    except (SyntaxError, RecursionError, MemoryError) as error:
        raise ValueError(str(error)) from error
    return tree.body


def _forget_docstring(node: ast.AST) -> None:
    if isinstance(node, ast.Module | _Definition) and ast.get_docstring(node, clean=False) is not None:
        del node.body[0]


class _Module:
    """A file's statements: its imports, the names that it binds, and the statements that import nothing."""

    def __init__(self, body: Sequence[ast.stmt]) -> None:
        self.body = body
        self.imports = dict(bound for statement in body for bound in _imported(statement))
        self.others = [each for each in body if not isinstance(each, ast.Import | ast.ImportFrom)]
        self.bindings = [(name, node) for statement in body for name, node in _bindings(statement)]

    def times(self, name: str) -> list[_Node]:
        """Return the statements that bind a name. A second import of the same thing binds nothing new."""
        found: dict[object, _Node] = {}
        for bound, node in self.bindings:
            if bound == name:
                found.setdefault(dict(_imported(node)).get(name, node), node)
        return list(found.values())

    @property
    def borrowed(self) -> set[str]:
        """The builtins that the statements use."""
        names = (node.id for each in self.others for node in ast.walk(each) if isinstance(node, ast.Name))
        return _BUILTINS.intersection(names)


def _imported(node: ast.AST) -> Iterator[tuple[str, str]]:
    """Yield each name that a statement imports, and the module or name behind it."""
    if isinstance(node, ast.Import):
        for each in node.names:
            yield each.asname or each.name, each.name
            if not each.asname:  # `import a.b` binds `a`, and makes sure of `a.b`
                top = each.name.partition(".")[0]
                yield top, top
    elif isinstance(node, ast.ImportFrom):
        source = "." * node.level + (f"{node.module}." if node.module else "")
        for each in node.names:
            yield each.asname or each.name, f"{source}{each.name}"


def _bindings(node: ast.AST) -> Iterator[tuple[str, _Node]]:
    """Yield each name that is bound or changed in part outside of functions, or that a function declares global."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        yield from ((name, node) for name, _ in _imported(node))
    elif isinstance(node, ast.Name | ast.Attribute | ast.Subscript) and not isinstance(node.ctx, ast.Load):
        yield _root(node), node
    elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar):
        yield node.name or "", node
    elif isinstance(node, ast.MatchMapping):
        yield node.rest or "", node
    elif isinstance(node, _Definition):
        yield node.name, node
        yield from ((name, node) for each in ast.walk(node) if isinstance(each, ast.Global) for name in each.names)
        if isinstance(node, ast.ClassDef):  # its body binds names of its own, but may change parts of others
            inside = (bound for each in node.body for bound in _bindings(each))
            yield from (bound for bound in inside if isinstance(bound[1], ast.Attribute | ast.Subscript))
    for child in _outside_of_bodies(node):
        yield from _bindings(child)


def _outside_of_bodies(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the parts of a statement that bind names of the module: in a definition all but its body."""
    parts = ast.iter_child_nodes(node)
    return (each for each in parts if each not in node.body) if isinstance(node, _Definition) else parts


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call | ast.Starred):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


# --- Imports ----------------------------------------------------------------------------------------------------------


def _lost_imports(before: _Module, after: _Module, dispensable: set[str]) -> Iterator[Lost]:
    for name, target in before.imports.items():
        if name not in dispensable and after.imports.get(name) != target:
            yield Lost(_line(after.times(name)), f"{target} is not imported as {name}", target)


def _bound_again(before: _Module, after: _Module, dispensable: set[str]) -> Iterator[Lost]:
    own = (name for name, _ in before.bindings if name not in dispensable)
    # A collection may be written with any of the makers, and the template's statements rely on builtins.
    for name in dict.fromkeys((*own, *sorted(before.borrowed | _MAKERS.keys()))):
        if again := after.times(name)[len(before.times(name)) :]:
            yield Lost(_line(again), f"{name} is bound again or changed", before.imports.get(name))
    for star in after.times("*"):
        yield Lost(star.lineno, "an import with * may bind any name again")


# --- All other statements ---------------------------------------------------------------------------------------------


def _lost_others(before: _Module, after: _Module, dispensable: set[str]) -> Iterator[Lost]:
    wanted = [_shape(statement) for statement in before.others]
    missing = _missing(wanted, [_shape(statement) for statement in after.others])
    for at in missing:
        yield Lost(
            _line(after.times(_name(before.others[at]))), f"{_described(before.others[at])} is not the template's"
        )
    for at, statement in enumerate(before.others):
        if at not in missing and (collection := _collection(statement)):
            there = next(each for each in after.others if _shape(each) == wanted[at])
            yield from _lost_items(before, _name(statement), collection.items, there, dispensable)


def _shape(statement: ast.stmt) -> str:
    """Return a text that is equal for equal statements; the items of a collection do not count, as users add some."""
    collection = _collection(statement)
    if not collection:
        return ast.dump(statement)
    kind = "list" if collection.keeps_order else "set"
    return f"{type(statement).__name__} of a {kind} to {_name(statement)}"


def _missing(wanted: Sequence[str], found: Sequence[str]) -> list[int]:
    """Return the indexes of the wanted texts that are not found in this order."""
    matcher = SequenceMatcher(None, wanted, found, autojunk=False)
    kept = {at for block in matcher.get_matching_blocks() for at in range(block.a, block.a + block.size)}
    return [at for at in range(len(wanted)) if at not in kept]


def _lost_items(
    before: _Module, name: str, items: Sequence[ast.expr], there: ast.stmt, dispensable: set[str]
) -> Iterator[Lost]:
    collection = _collection(there)
    found = [ast.dump(each) for each in collection.items] if collection else []
    wanted = [each for each in items if _root(each) not in dispensable]
    for at in _missing([ast.dump(each) for each in wanted], found):
        is_there = ast.dump(wanted[at]) in found
        what = f"{ast.unparse(wanted[at])} {'stands at another place' if is_there else 'is missing'} in {name}"
        yield Lost(there.lineno, what, before.imports.get(_root(wanted[at])))


@dataclass(frozen=True)
class _Collection:
    """The collection that a statement gives a name to."""

    keeps_order: bool
    items: Sequence[ast.expr]


def _collection(statement: ast.stmt) -> _Collection | None:
    """Return the collection that a statement gives a name to, or None if no items can be read."""
    if not _name(statement) or not isinstance(statement, ast.Assign | ast.AnnAssign):
        return None
    value, keeps_order = statement.value, True
    match value:
        case ast.Call(func=ast.Name(id=maker), args=[] | [_], keywords=[]) if maker in _MAKERS:
            value, keeps_order = value.args[0] if value.args else ast.Tuple([]), _MAKERS[maker]
    match value:
        case ast.Tuple(elts=items) | ast.List(elts=items):
            return _Collection(keeps_order, items)
        case ast.Set(elts=items):
            return _Collection(keeps_order=False, items=items)
    return None


def _name(statement: ast.stmt) -> str:
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return name
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return name
    return ""


def _described(statement: ast.stmt) -> str:
    return _name(statement) or f"`{ast.unparse(statement).splitlines()[0]}`"


def _line(nodes: Sequence[_Node]) -> int | None:
    return nodes[0].lineno if nodes else None
