"""Which guards a render has, and which of them a request ever met.

A guard is ASGI code: a class whose `__call__` takes `scope, receive, send`, or a function inside a function that does.
It can be installed in a place that no request comes to, with all its code imported, typed and linted. So while a module
with a guard is loaded, one line is added at the beginning of that `__call__`, which writes down that it was met; and
one in an `__init__` that takes the application to wrap, which writes down that it was made. This costs a function call
a request, on every Python; tracing would cost each call of each function.
"""

import ast
import builtins
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

PACKAGE = "app"
MADE, MET = "made", "met"

_ASGI = ("scope", "receive", "send")
_SAW = "__bastion_saw__"

_Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Guard:
    """A guard in a module's source."""

    name: str
    """`app.module:Class`."""

    call: _Function
    wraps: _Function | None
    """The `__init__` that takes an application."""


def guards_of(tree: ast.AST, module: str) -> Iterator[Guard]:
    """Yield the guards in a module's source."""
    return _within(tree, f"{module}:", in_function=False)


def guards_in(package: Path) -> Iterator[str]:
    """Yield the names of all guards in a package's folder."""
    for path in sorted(package.rglob("*.py")):
        content = path.read_text(encoding="utf-8")
        if _may_hold_one(content.encode()):
            module = ".".join(path.relative_to(package.parent).with_suffix("").parts).removesuffix(".__init__")
            yield from (guard.name for guard in guards_of(ast.parse(content), module))


def _within(tree: ast.AST, prefix: str, *, in_function: bool) -> Iterator[Guard]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.ClassDef):
            yield from _of_class(node, prefix)
            yield from _within(node, f"{prefix}{node.name}.", in_function=False)
        elif isinstance(node, _Function):
            if in_function and _names(node) == list(_ASGI):
                yield Guard(f"{prefix}{node.name}", node, None)
            yield from _within(node, f"{prefix}{node.name}.", in_function=True)
        else:
            yield from _within(node, prefix, in_function=in_function)


def _of_class(node: ast.ClassDef, prefix: str) -> Iterator[Guard]:
    methods = {each.name: each for each in node.body if isinstance(each, _Function)}
    call, wraps = methods.get("__call__"), methods.get("__init__")
    if call and _names(call)[1:] == list(_ASGI):
        yield Guard(f"{prefix}{node.name}", call, wraps if wraps and "app" in _names(wraps) else None)


def _names(function: _Function) -> list[str]:
    return [each.arg for each in (*function.args.posonlyargs, *function.args.args)]


def _may_hold_one(content: bytes) -> bool:
    return all(name.encode() in content for name in _ASGI)


def watch(file: str) -> None:
    """Write down in `file` which guards are made and met in this process.

    Args:
        file: Where each is written at once, a line each, so that it does not matter how the process ends.
    """
    seen: set[str] = set()

    def saw(what: str) -> None:
        if what not in seen:
            seen.add(what)
            with Path(file).open("a", encoding="utf-8") as lines:
                lines.write(f"{what}\n")

    setattr(builtins, _SAW, saw)
    sys.meta_path.insert(0, _Finder())


class _Finder(MetaPathFinder):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname.partition(".")[0] != PACKAGE:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec and isinstance(spec.loader, SourceFileLoader):
            spec.loader = _Loader(spec.loader.name, spec.loader.path)
        return spec


class _Loader(SourceFileLoader):
    def get_code(self, fullname: str) -> CodeType | None:
        content = self.get_data(self.get_filename(fullname))
        if not _may_hold_one(content):
            return super().get_code(fullname)
        # Not from a file of bytecode, and into none: what is compiled here is for this process alone.
        return self.source_to_code(content, self.path)

    def source_to_code(  # type: ignore[override] # its parameters are private and have changed with versions
        self, data: "ReadableBuffer | str | ast.Module", path: str, **options: int
    ) -> CodeType:
        if not isinstance(data, bytes) or not _may_hold_one(data):
            return super().source_to_code(data, path, **options)
        tree = ast.parse(data, path)
        for guard in guards_of(tree, self.name):
            _add(guard.call, f"{MET} {guard.name}")
            if guard.wraps:
                _add(guard.wraps, f"{MADE} {guard.name}")
        compiled: Callable[..., CodeType] = super().source_to_code
        return compiled(tree, path, **options)


def _add(function: _Function, what: str) -> None:
    """Add our line; a docstring is no longer one when something stands before it."""
    call = ast.Expr(ast.Call(ast.Name(_SAW, ast.Load()), [ast.Constant(what)], []))
    place = 0 if ast.get_docstring(function, clean=False) is None else 1
    for node in ast.walk(ast.copy_location(call, function.body[0])):
        ast.copy_location(node, function.body[0])
    function.body.insert(place, call)
