"""A command that is ready to run: `python -m tests.support.ready`, an order a line, and for each an exit code.

Nearly all that a refusal costs is the start of Python and the import of libraries. So this has imported them, and for
each order it forks: what runs is `bastion` in a process of its own, with its own arguments, folder, environment and
streams. What is imported there, when it would be, is `bastion` itself and what takes a snapshot of the environment when
it is imported: Copier, and the library by which it runs other programs.
"""

import gc
import json
import os
import sys
import tempfile
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from runpy import run_path
from typing import Any

_LIBRARIES = (
    "jinja2",
    "jinja2_ansible_filters",
    "packaging.requirements",
    "packaging.specifiers",
    "pathspec",
    "pydantic",
    "pygments",
    "questionary",
    "typer",
    "urllib.request",
    "yaml",
)


def main() -> None:
    for name in _LIBRARIES:
        import_module(name)
    assert tempfile.tempdir is None, "a library has chosen a folder for temporary files: orders could name no other"
    # Or each child would copy the memory of all that it never looks at, only to count references.
    gc.freeze()
    orders, answers = os.fdopen(os.dup(0), encoding="utf-8"), os.fdopen(os.dup(1), "w", encoding="utf-8")
    for line in orders:
        child = os.fork()
        if not child:
            orders.close()
            answers.close()
            _run(json.loads(line))
        _, status = os.waitpid(child, 0)
        answers.write(f"{os.waitstatus_to_exitcode(status)}\n")
        answers.flush()


def _run(order: Mapping[str, Any]) -> None:
    """Become the command: what is left of this process is what a script of that name would be."""
    os.environ.clear()
    os.environ.update(order["env"])
    os.chdir(order["cwd"])
    for number, path in enumerate(order["streams"]):
        stream = os.open(path, os.O_RDWR)
        os.dup2(stream, number)
        os.close(stream)
    sys.argv = order["command"]
    sys.path[0] = str(Path(sys.argv[0]).parent)
    run_path(sys.argv[0], run_name="__main__")


if __name__ == "__main__":
    main()
