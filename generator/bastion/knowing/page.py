"""Text for a terminal: lines of at most 80 columns, with colours only where somebody sees them."""

import os
import shutil
from collections.abc import Iterable
from textwrap import wrap

import typer

from bastion.space.combinations import as_text

_WIDEST = 80


class Page:
    """Lines, collected."""

    def __init__(self) -> None:
        """Start without lines."""
        self._lines: list[str] = []
        self._width = min(_WIDEST, shutil.get_terminal_size((_WIDEST, 24)).columns)

    def blank(self) -> None:
        """Leave a line empty."""
        self._lines.append("")

    def heading(self, text: str) -> None:
        """Write bold text."""
        for line in self._wrapped(text, 0):
            self._add(line, bold=True)

    def paragraph(self, text: str, *, indent: int = 0, dim: bool = False) -> None:
        """Write running text.

        Args:
            text: Without line breaks.
            indent: How many columns are left free.
            dim: Whether it is less important than the rest.
        """
        for line in self._wrapped(text, indent):
            self._add(" " * indent + line, dim=dim)

    def entry(self, label: str, text: str, *, indent: int = 0, column: int = 14, strong: bool = False) -> None:
        """Write a label, and text in a column beside it.

        Args:
            label: The label; it is never cut off. If it is too long, the text begins on the next line.
            text: Without line breaks.
            indent: How many columns are left free.
            column: Where the text begins.
            strong: Whether the label is a name to look for.
        """
        lines = self._wrapped(text, column)
        head = " " * indent + label
        if len(head) >= column:
            self._add(head, bold=strong)
            head = ""
        painted = head.ljust(column).replace(label, _painted(label, bold=strong), 1) if head else " " * column
        self._lines.append(f"{painted}{lines[0] if lines else ''}".rstrip())
        for line in lines[1:]:
            self._add(" " * column + line)

    def entries(self, label: str, texts: Iterable[str], *, column: int = 14) -> None:
        """Write a label once, and beside it one text below the other.

        Args:
            label: The label.
            texts: The texts, without line breaks.
            column: The column in which they begin.
        """
        for text in texts:
            self.entry(label, text, column=column, strong=True)
            label = ""

    def __str__(self) -> str:
        """Return the whole text."""
        return "\n".join(self._lines)

    def _add(self, text: str, *, bold: bool = False, dim: bool = False) -> None:
        self._lines.append(_painted(text, bold=bold, dim=dim))

    def _wrapped(self, text: str, indent: int) -> list[str]:
        # Where an indent leaves no column, text that is too wide is better than none.
        return wrap(text, max(1, self._width - indent), break_long_words=False, break_on_hyphens=False)


def as_said(answer: object) -> str:
    """Write an answer as one would type it behind `--data question=`.

    Args:
        answer: Of any type; checkboxes are a tuple.
    """
    return ",".join(answer) or "[]" if isinstance(answer, tuple) else as_text(answer)


def _painted(text: str, *, bold: bool = False, dim: bool = False) -> str:
    return typer.style(text, bold=bold or None, dim=dim or None) if (bold or dim) and _is_coloured() else text


def _is_coloured() -> bool:
    """Say whether the user wants colours; if there is no terminal, `typer.echo` removes them."""
    return not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
