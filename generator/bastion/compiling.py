"""What Copier has Jinja compile, compiled once.

Copier compiles the name of each folder again for each file in it, and where the answers lie again for each of both: on
the way through `bastion add` that is ten thousand compilations of a thousand texts, a third of what it costs.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from types import CodeType
from typing import Any
from weakref import WeakKeyDictionary

from jinja2 import Environment


@contextmanager
def compiled_once() -> Iterator[None]:
    """Let each environment of Jinja keep what it has compiled, within the block."""
    compile_anew = Environment.compile
    known: WeakKeyDictionary[Environment, dict[tuple[Any, ...], CodeType]] = WeakKeyDictionary()

    def compile_once(self: Environment, *source_and_name: Any) -> CodeType:  # noqa: ANN401 - handed on as they came
        codes = known.setdefault(self, {})
        if source_and_name not in codes:
            codes[source_and_name] = compile_anew(self, *source_and_name)
        return codes[source_and_name]

    Environment.compile = compile_once  # type: ignore[method-assign,assignment]
    try:
        yield
    finally:
        Environment.compile = compile_anew  # type: ignore[method-assign]
