"""Text for terminals of any width: what stands above a prompt is cut off at the edge unless it is broken before."""

import shutil
from collections.abc import Mapping
from textwrap import fill
from typing import Any

_MARK = 3
"""The columns that the mark before a question or a choice takes."""


def wrapped(text: str) -> str:
    """Break a text anew for this terminal: its first line by itself, the others as one paragraph with their indent.

    Args:
        text: What explains a question.
    """
    columns = _columns()
    if all(len(line) <= columns for line in text.splitlines()):
        return text
    asked, *explained = text.splitlines()
    indent = " " * (len(explained[0]) - len(explained[0].lstrip())) if explained else ""
    paragraph = fill(
        " ".join(line.strip() for line in explained), columns, initial_indent=indent, subsequent_indent=indent
    )
    return "\n".join(filter(None, [fill(asked, columns - _MARK), paragraph]))


def wrapped_choice(text: str, indent: str) -> str:
    """Break each line of a choice anew for this terminal.

    Args:
        text: What stands behind its mark.
        indent: What stands before a line that follows.
    """
    return "\n".join(fill(line, _columns() - _MARK, subsequent_indent=indent) for line in text.splitlines())


def _columns() -> int:
    return shutil.get_terminal_size().columns - 1


def with_wrapped_help(copier_yml: Mapping[str, Any]) -> dict[str, Any]:
    """Break what explains each question anew for this terminal.

    Args:
        copier_yml: The whole content of the file.
    """
    return {
        name: {**each, "help": wrapped(each["help"])} if isinstance(each, dict) and "help" in each else each
        for name, each in copier_yml.items()
    }
