"""Text for terminals of any width: a line above a prompt is cut off at the edge unless it is broken before."""

import os
import re
import shutil
from collections.abc import Mapping
from textwrap import fill
from typing import Any, TextIO

from bastion.terminals import is_terminal

_MARK = 3
"""The columns that the mark before a question or a choice takes."""

_YES_OR_NO = "(Y/n)"
"""The text that questionary writes behind a question."""

_USUAL_COLUMNS = 80
_TO_COPY = re.compile("`[^`]*`")
_GLUE = "\0"
"""Stands for a blank at which no line may end."""


def at_words(text: str, stream: TextIO | None, *, indent: str = "") -> str:
    """Break prose at words, where a terminal would break it anywhere; in a pipe it stays one line.

    Args:
        text: Without line breaks; a part between backticks is to be copied, and stays whole.
        stream: The stream that it is written to; None if it is closed.
        indent: The beginning of every line but the first.
    """
    if not is_terminal(stream):
        return text
    glued = _TO_COPY.sub(lambda to_copy: to_copy[0].replace(" ", _GLUE), text)
    return _filled(glued, _columns_of(stream), indent).replace(_GLUE, " ")


def wrapped_question(text: str) -> str:
    """Break a question that is answered by yes or no in the same line.

    Args:
        text: Without line breaks.
    """
    return _filled(f"{text} {_YES_OR_NO}", _columns(_MARK)).removesuffix(_YES_OR_NO).rstrip(" ")


def wrapped(text: str) -> str:
    """Break a text anew for this terminal: the first line by itself, the others as one paragraph with their indent.

    Args:
        text: The help of a question.
    """
    columns = _columns()
    if all(len(line) <= columns for line in text.splitlines()):
        return text
    asked, *explained = text.splitlines()
    indent = " " * (len(explained[0]) - len(explained[0].lstrip())) if explained else ""
    paragraph = fill(
        " ".join(line.strip() for line in explained), columns, initial_indent=indent, subsequent_indent=indent
    )
    return "\n".join(filter(None, [fill(asked, _columns(_MARK)), paragraph]))


def wrapped_choice(text: str, indent: str) -> str:
    """Break each line of a choice anew for this terminal.

    Args:
        text: The choice, without the mark before it.
        indent: The beginning of every line but the first.
    """
    return "\n".join(fill(line, _columns(_MARK), subsequent_indent=indent) for line in text.splitlines())


def _filled(text: str, columns: int, indent: str = "") -> str:
    return fill(text, columns, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def _columns(taken: int = 0) -> int:
    """Say how many columns are left: at least one, since text that is too wide is better than none."""
    return max(1, shutil.get_terminal_size().columns - 1 - taken)


def _columns_of(stream: TextIO) -> int:
    """Ask the terminal of this very stream: another stream may have another terminal."""
    try:
        columns = os.get_terminal_size(stream.fileno()).columns
    except OSError:
        columns = 0
    return max(1, (columns or _USUAL_COLUMNS) - 1)


def with_wrapped_help(copier_yml: Mapping[str, Any]) -> dict[str, Any]:
    """Break the help of each question anew for this terminal.

    Args:
        copier_yml: The whole content of the file.
    """
    return {
        name: {**each, "help": wrapped(each["help"])} if isinstance(each, dict) and "help" in each else each
        for name, each in copier_yml.items()
    }
