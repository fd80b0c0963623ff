"""A command that is ready to run: `python -m tests.support.ready`, an order a line, and for each an exit code.

Nearly all that a refusal costs is the start of Python and the import of libraries. So this has imported them, and for
each order it forks: what runs is `bastion` in a process of its own, with its own arguments, folder, environment and
streams. The modules of `bastion` itself are imported there, when they would be.

Copier is imported there, too, as far as anybody can tell: its process library takes a snapshot of the environment when
that is done, so when it is done matters. And what Jinja compiled for one order is known to all that follow.
"""

import gc
import json
import marshal
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from runpy import run_path
from types import CodeType, ModuleType
from typing import Any

from jinja2 import Environment

_LATER = ("copier", "plumbum")
_LIBRARIES = ("copier", "plumbum", "typer", "packaging.requirements", "packaging.specifiers", "urllib.request")

_DRAWS = "random"
_PARTS = ("block", "variable", "comment")


def main() -> None:
    libraries, codes = Imported.now(_LIBRARIES), Codes()
    gc.freeze()  # or each child would copy the memory of all that it never looks at, only to count references
    orders, answers = os.fdopen(os.dup(0), encoding="utf-8"), os.fdopen(os.dup(1), "w", encoding="utf-8")
    for line in orders:
        receiver, sender = os.pipe()
        child = os.fork()
        if not child:
            orders.close()
            answers.close()
            os.close(receiver)
            sys.meta_path.insert(0, libraries)
            _run(json.loads(line), codes, sender)
        os.close(sender)
        with os.fdopen(receiver, "rb") as learnt:
            codes.learn(learnt.read())
        _, status = os.waitpid(child, 0)
        answers.write(f"{os.waitstatus_to_exitcode(status)}\n")
        answers.flush()


class Imported(MetaPathFinder, Loader):
    """Modules that are imported already, and are found when they are asked for."""

    def __init__(self, modules: Mapping[str, ModuleType]) -> None:
        self._modules = modules

    @classmethod
    def now(cls, names: Sequence[str]) -> "Imported":
        """Import libraries, and forget again that those are imported for which the moment matters."""
        for name in names:
            import_module(name)
        later = [name for name in sys.modules if name.partition(".")[0] in _LATER]
        return cls({name: sys.modules.pop(name) for name in later})

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> ModuleSpec | None:
        del path, target
        return ModuleSpec(fullname, self) if fullname in self._modules else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return self._modules[spec.name]

    def exec_module(self, module: ModuleType) -> None:
        if module.__name__ == "copier":
            self._modules["plumbum"].local.env.__init__()


class Codes:
    """What Jinja compiled, by its source and by what it depends on besides."""

    def __init__(self) -> None:
        self._known: dict[tuple[Any, ...], CodeType] = {}
        self._learnt: dict[tuple[Any, ...], CodeType] = {}

    def learn(self, learnt: bytes) -> None:
        """Take over what a process has told in its end; one that was killed told nothing."""
        self._known |= marshal.loads(learnt) if learnt else {}  # noqa: S302 - written by a process of our own

    def tell(self) -> bytes:
        return marshal.dumps(self._learnt)

    def remember(self) -> None:
        """Have Jinja compile no source again."""
        compile_anew: Callable[..., CodeType] = Environment.compile

        def compile_once(environment: Environment, source: str, name: str | None = None, *more: str) -> CodeType:
            # What is drawn is drawn when it is compiled, because the filters that do it have nothing but constants.
            if _DRAWS in source:
                return compile_anew(environment, source, name, *more)
            key = (source, name, _syntax_of(environment))
            if key not in self._known:
                self._known[key] = self._learnt[key] = compile_anew(environment, source, name, *more)
            return self._known[key]

        Environment.compile = compile_once  # type: ignore[method-assign,assignment]


def _syntax_of(environment: Environment) -> tuple[Any, ...]:
    settings = (getattr(environment, f"{part}_{end}_string") for part in _PARTS for end in ("start", "end"))
    return (
        *settings,
        environment.line_statement_prefix,
        environment.line_comment_prefix,
        environment.trim_blocks,
        environment.lstrip_blocks,
        environment.newline_sequence,
        environment.keep_trailing_newline,
        repr(environment.autoescape),
        environment.undefined.__name__,
        tuple(environment.extensions),
    )


def _run(order: Mapping[str, Any], codes: Codes, sender: int) -> None:
    """Become the command: what is left of this process is what a script of that name would be."""
    os.environ.clear()
    os.environ.update(order["env"])
    os.chdir(order["cwd"])
    for number, path in enumerate(order["streams"]):
        stream = os.open(path, os.O_RDWR)
        os.dup2(stream, number)
        os.close(stream)
    codes.remember()
    sys.argv = order["command"]
    sys.path[0] = str(Path(sys.argv[0]).parent)
    try:
        run_path(sys.argv[0], run_name="__main__")
    finally:
        with os.fdopen(sender, "wb") as answer:
            answer.write(codes.tell())


if __name__ == "__main__":
    main()
