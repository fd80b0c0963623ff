"""What a file of the template becomes: its distinct texts, and the combinations that have each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from bastion.proof.static.layout import Source
from bastion.proof.static.sets import Set, union


@dataclass(eq=False)
class Rendering:
    """One text that a file can have."""

    document: "Document"
    content: bytes
    where: Set = 0
    """The combinations whose assignment was rendered, and gave this."""

    pieces: Sequence[tuple[str, Set]] = ()
    """If not every assignment was rendered: what this is made of, and the combinations that have each piece."""

    @cached_property
    def text(self) -> str | None:
        """Give the content as text, if it is text."""
        try:
            return None if self.is_binary else self.content.decode("utf-8")
        except UnicodeDecodeError:
            return None

    @property
    def is_binary(self) -> bool:
        """Say whether the content is no text in any encoding."""
        return b"\0" in self.content

    def standing(self, lines: Iterable[int]) -> Set:
        """Give the combinations in which these lines, counted from 1, stand in this file."""
        if not self.pieces:
            return self.where
        where = self.document.present
        for line in lines:
            where &= self._lines[line - 1]
        return where

    @cached_property
    def _lines(self) -> list[Set]:
        """For each line, the combinations that have all pieces of it."""
        lines = [self.document.present]
        for text, where in self.pieces:
            begun, *further = text.split("\n")
            if begun:
                lines[-1] &= where
            lines += [self.document.present & where] * len(further)
        return lines


@dataclass(eq=False)
class Document:
    """A file of the rendered project: what it can hold, and the combinations in which it is there."""

    source: Source
    path: str
    present: Set
    renderings: list[Rendering] = field(default_factory=list)
    partial: bool = False
    """Whether a covering array of its assignments was rendered, and not all."""

    @property
    def seen(self) -> Set:
        """The combinations whose rendering of this file was looked at."""
        return union(rendering.where for rendering in self.renderings)
