"""Render the template by Copier's `run_copy`, many times over: `python -m tests.support.rendering < order.json`.

A process of `copier` per combination costs more than a second, and most of that is no rendering: starting, asking git
about the mode of each file, compiling the name of each file with Jinja as if it were new, gathering for each text what
it may name. So this is one process for many renders, runs where no git is on the PATH, replaces private parts of
Copier, and remembers what Jinja compiled and what all texts of a render may name. `tests/test_renders.py` shows that it
writes what the command writes, byte for byte.

The order is JSON: the template's folder, and for each destination its answers.
"""

import json
import os
import shutil
import sys
from collections.abc import Callable
from multiprocessing import Pool
from pathlib import Path
from types import CodeType
from typing import Any

from copier import _main, _template, run_copy
from jinja2 import Environment

from tests.support.store import keep

Job = tuple[str, str, dict[str, Any]]


def main() -> None:
    order = json.load(sys.stdin)
    jobs: list[Job] = [(order["template"], destination, answers) for destination, answers in order["renders"].items()]
    remember_what_was_compiled()
    settle_the_context_of_each_render()
    with Pool(min(os.cpu_count() or 1, len(jobs))) as pool:
        pool.map(_render, jobs, chunksize=1)


def remember_what_was_compiled() -> None:
    """Compile each source once: all environments here are of one template, so that equal sources are equal code."""
    Environment.compile = compiling_once()  # type: ignore[method-assign,assignment]


def compiling_once() -> Callable[..., CodeType]:
    """Give a method of environments that compiles a source for the first of them, and remembers it for all."""
    known: dict[tuple[Any, ...], CodeType] = {}
    compile_anew = Environment.compile

    def compile_once(self: Environment, *source_and_name: Any) -> CodeType:  # noqa: ANN401 - handed on as they came
        if source_and_name not in known:
            known[source_and_name] = compile_anew(self, *source_and_name)
        return known[source_and_name]

    return compile_once


def settle_the_context_of_each_render() -> None:
    """Compute once for a render what its texts may name: all is answered when the first file is written."""
    worker = _main.Worker
    render_template, answers_relpath = worker._render_template, worker.answers_relpath  # noqa: SLF001

    def render_settled(self: _main.Worker) -> None:
        self.__dict__["settled_path"] = answers_relpath.__get__(self)
        context = self._render_context()
        self.__dict__["_render_context"] = lambda: context
        try:
            render_template(self)
        finally:
            del self.__dict__["_render_context"], self.__dict__["settled_path"]

    def settled_path(self: _main.Worker) -> Path:
        known: Path | None = self.__dict__.get("settled_path")
        return known or answers_relpath.__get__(self)

    worker._render_template = render_settled  # type: ignore[method-assign]  # noqa: SLF001
    worker.answers_relpath = property(settled_path)  # type: ignore[method-assign,assignment]


def clone_each_version_once() -> None:
    """Let all renders of a version read the same clone: nobody writes there, and it goes with the temporary folder."""
    clone_anew, clones = _template.clone, dict[tuple[str, str], str]()  # type: ignore[attr-defined]

    def clone_once(url: str, ref: str = "HEAD", location: str | None = None) -> str:
        del location
        if (url, ref) not in clones:
            clones[url, ref] = clone_anew(url, ref)
        return clones[url, ref]

    _template.clone = clone_once  # type: ignore[attr-defined]


def ask_no_git_about_modes() -> None:
    """Leave out what changes nothing where git heeds the mode of files, and takes a process for each file."""
    _main.Worker._sync_git_index_executable_bit = lambda *_given: None  # type: ignore[method-assign]  # noqa: SLF001


def _render(job: Job) -> None:
    template, destination, answers = job
    unfinished = Path(f"{destination}.{os.getpid()}")
    run_copy(template, unfinished, answers, defaults=True, quiet=True)
    keep(unfinished, Path(destination))
    shutil.rmtree(unfinished, ignore_errors=True)


if __name__ == "__main__":
    main()
