"""Renders every file of a template in all its assignments, or in a covering array of them."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePosixPath
from typing import Any

from jinja2 import TemplateError

from bastion.proof.static.array import Chosen, covering
from bastion.proof.static.exclusions import Exclusions
from bastion.proof.static.findings import Findings
from bastion.proof.static.layout import MANIFEST, Layout, Source
from bastion.proof.static.renderings import Document, Rendering
from bastion.proof.static.segments import Segment, segments_of
from bastion.proof.static.sets import Combinations, Set, first

MOST_ASSIGNMENTS = 4096
"""A file with more of them gets a covering array of strength 4."""

_MOST_OF_A_SEGMENT = 256


def is_known_by_lines(path: str) -> bool:
    """Say whether something has to be known of a file in every combination, rendered or not."""
    return path.endswith(".py") or path == MANIFEST or PurePosixPath(path).name.startswith(".env")


class Renderer:
    """Copier's part, done once for each assignment instead of once for each combination."""

    def __init__(self, layout: Layout, combinations: Combinations, findings: Findings) -> None:
        """Render the rules of exclusion."""
        self._layout, self._combinations, self._findings = layout, combinations, findings
        self.exclusions = Exclusions(layout, combinations)
        self._variables: dict[int, dict[str, Any]] = {}
        self._rendered: dict[tuple[int, tuple[Any, ...]], str] = {}
        self._outcomes_of: dict[int, dict[str, Set]] = {}
        self._kept: list[Segment] = []  # what is remembered is remembered by the identity of its segment

    def documents(self) -> Iterator[Document]:
        """Yield what becomes of each file: one document for each path that it can have."""
        for source in self._layout.sources:
            for path, where in self._paths(source).items():
                if present := where & ~self.exclusions.where(path):
                    yield self._document(source, path, present)

    def content(self, document: Document, number: int) -> bytes:
        """Compose what a file holds in one combination, rendered before or not."""
        for rendering in document.renderings:
            if rendering.where >> number & 1:
                return rendering.content
        segments = self._segments(document.source)
        return "".join(self._text(segment, number) for segment in segments).encode("utf-8")

    def _paths(self, source: Source) -> dict[str, Set]:
        """Give each path that a file can have. Where a part of it is empty, Copier leaves the file out."""
        if "{" not in source.path:
            return {source.path: self._combinations.every}
        segments = segments_of(source.path, self._layout.environment)
        paths: dict[str, Set] = {}
        for where, path in self._all(segments, self._combinations.every, source):
            if all(path.split("/")):
                paths[path] = paths.get(path, 0) | where
        return paths

    def _document(self, source: Source, path: str, present: Set) -> Document:
        document = Document(source, path, present)
        if source.is_template:
            self._render(document)
        else:
            document.renderings.append(Rendering(document, source.content, present))
        return document

    def _render(self, document: Document) -> None:
        segments = self._segments(document.source)
        groups = self._combinations.split(self._names(segments), document.present, MOST_ASSIGNMENTS)
        document.partial = groups is None
        texts: dict[str, Rendering] = {}
        sample = self._sample(segments, document.present) if groups is None else groups
        for where, text in self._composed(segments, sample, document.source):
            if text not in texts:
                pieces = self._pieces(segments, first(where)) if document.partial else ()
                texts[text] = Rendering(document, text.encode("utf-8"), pieces=pieces)
            texts[text].where |= where
        document.renderings = list(texts.values())
        if document.partial and is_known_by_lines(document.path) and any(map(self._is_too_much, segments)):
            message = "has too many renderings to read all, and a block in it that names too much to be read by itself"
            self._findings.add("rendering", document.source.name, message, document.present)

    def _is_too_much(self, segment: Segment) -> bool:
        return segment.template is not None and not self._outcomes(segment)

    def _segments(self, source: Source) -> list[Segment]:
        try:
            segments = self._layout.segments(source)
        except (TemplateError, UnicodeDecodeError) as error:
            self._findings.add("rendering", source.name, f"is no template: {error}", self._combinations.every)
            return []
        return segments

    def _names(self, segments: Iterable[Segment]) -> list[str]:
        return self._layout.names((name for segment in segments for name in segment.names), self._combinations)

    def _all(self, segments: Sequence[Segment], within: Set, source: Source) -> Iterator[tuple[Set, str]]:
        groups = self._combinations.split(self._names(segments), within, self._combinations.count) or []
        self._kept += segments
        return self._composed(segments, groups, source)

    def _composed(
        self, segments: Sequence[Segment], groups: Iterable[Set], source: Source
    ) -> Iterator[tuple[Set, str]]:
        """Yield each group of combinations with the text that they have."""
        for where in groups:
            try:
                yield where, "".join(self._text(segment, first(where)) for segment in segments)
            except (TemplateError, TypeError, ValueError) as error:
                self._findings.add("rendering", source.name, f"cannot be rendered: {error}", where)

    def _text(self, segment: Segment, number: int) -> str:
        """Render a segment in a combination, once for each assignment of its names."""
        if segment.template is None:
            return segment.text
        variables = self._known(number)
        key = id(segment), tuple(repr(variables.get(name)) for name in segment.names)
        if key not in self._rendered:
            self._rendered[key] = segment.render(variables)
        return self._rendered[key]

    def _known(self, number: int) -> dict[str, Any]:
        if number not in self._variables:
            self._variables[number] = self._layout.variables(self._combinations, number)
        return self._variables[number]

    # --- A file with too many assignments -----------------------------------------------------------------------------

    def _sample(self, segments: Sequence[Segment], present: Set) -> list[Set]:
        """Choose assignments: each four values that can meet do, and each two blocks that can be neighbours are."""
        variables = self._combinations.parts(self._names(segments))
        chosen = Chosen(covering(variables, present))
        for neighbours in self._neighbours(segments, present):
            if not neighbours & chosen.set:
                chosen.add(first(neighbours))
        return list(dict.fromkeys(self._same(variables, number, present) for number in chosen.numbers))

    @staticmethod
    def _same(variables: Iterable[Sequence[Set]], number: int, within: Set) -> Set:
        """Give the combinations with the same values as this one."""
        for parts in variables:
            within &= next(part for part in parts if part >> number & 1)
        return within

    def _neighbours(self, segments: Sequence[Segment], present: Set) -> Iterator[Set]:
        """Yield where two blocks stand and all between them are left out, for each two for which that can be."""
        empty = [self._outcomes(segment).get("", 0) for segment in segments]
        for at, segment in enumerate(segments):
            between = present & ~empty[at] if segment.template else 0
            for after in range(at + 1, len(segments)):
                if not between or segments[after].template is None:
                    break
                if together := between & ~empty[after]:
                    yield together
                between &= empty[after]

    def _pieces(self, segments: Sequence[Segment], number: int) -> list[tuple[str, Set]]:
        """Give the pieces of a rendering, each with the combinations that have it."""
        pieces = []
        for segment in segments:
            text = self._text(segment, number)
            own = self._combinations.parts(self._names([segment]))
            where = self._outcomes(segment).get(text) or self._same(own, number, self._combinations.every)
            pieces.append((text, where))
        return pieces

    def _outcomes(self, segment: Segment) -> dict[str, Set]:
        """Give each text that a segment can be, and where; nothing if it can be too many."""
        if id(segment) not in self._outcomes_of:
            every = self._combinations.every
            outcomes: dict[str, Set] = {}
            for where in self._combinations.split(self._names([segment]), every, _MOST_OF_A_SEGMENT) or []:
                text = self._text(segment, first(where))
                outcomes[text] = outcomes.get(text, 0) | where
            self._outcomes_of[id(segment)] = outcomes
        return self._outcomes_of[id(segment)]
