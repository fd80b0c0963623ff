"""Jinja templates that Copier compiles again and again, compiled once.

Copier compiles the name of a folder once for every file in it, and the path of the answers file once for every file and
folder. One `bastion add` compiles ten thousand times, only a thousand different texts, and that is a third of its time.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from types import CodeType
from typing import Any
from weakref import WeakKeyDictionary

from jinja2 import Environment


@contextmanager
def compiled_once() -> Iterator[None]:
    """Let each environment of Jinja keep its compiled texts, within the block."""
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
