"""A capability that is off leaves none of its words behind, and one that is on uses each of them somewhere."""

import re
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

from bastion.proof.static.findings import Findings
from bastion.proof.static.lines import lines_of
from bastion.proof.static.renderings import Document
from bastion.proof.static.sets import Combinations, Set
from bastion.proof.static.tables import TABLES, Excuse, Tables

_CHECK = "words"


class Words:
    """Every word of every capability, and which of them are seen."""

    def __init__(self, tables: Tables, combinations: Combinations) -> None:
        """Compile them.

        Args:
            tables: The words, the files that may hold any, and the lines that may hold some.
            combinations: All of them.
        """
        self._tables, self._combinations = tables, combinations
        self._patterns = [
            (name, word, re.compile(word, re.IGNORECASE), combinations.having(name))
            for name, words in tables.words.items()
            if combinations.knows(name)
            for word in words
        ]
        self._seen: set[tuple[str, str]] = set()
        self._needed: set[tuple[Excuse, str]] = set()

    def check(self, documents: Sequence[Document], findings: Findings) -> None:
        """Find words that leak, and lists that say too much or too little.

        Args:
            documents: All files.
            findings: Where to add them.
        """
        for document in documents:
            if document.path not in self._tables.foreign_text:
                for message, where in self._leaks(document):
                    findings.add(_CHECK, document.source.name, message, where)
        for message in self._idle({document.path for document in documents}):
            findings.add(_CHECK, TABLES, message, self._combinations.every)

    def _leaks(self, document: Document) -> Iterator[tuple[str, Set]]:
        lines = lines_of(document)
        lines[document.path] = lines.get(document.path, 0) | document.present
        text = "\n".join(lines)
        for name, word, pattern, on in self._patterns:
            # One search through all lines first: nearly every file holds no word of most capabilities.
            for line in lines if pattern.search(text) else ():
                if pattern.search(line):
                    if lines[line] & on:
                        self._seen.add((name, word))
                    leaking = lines[line] & ~on
                    if leaking and not self._is_excused(name, document.path, line):
                        yield f"holds a word of {name}, which is off: {line.strip()}", leaking

    def _is_excused(self, name: str, path: str, line: str) -> bool:
        excuses = {
            (excuse, name)
            for excuse in self._tables.excused
            if name in excuse.words
            and any(fnmatchcase(path, pattern) for pattern in excuse.files)
            and re.search(excuse.lines, line)
        }
        self._needed |= excuses
        return bool(excuses)

    def _idle(self, paths: set[str]) -> Iterator[str]:
        """Yield what the lists say for nothing, and which capability they forget."""
        tables = self._tables
        # Of a list that is gone altogether, too: without it nothing would leak any more.
        yield from (
            f"{name} has no words" for name in self._combinations.space.capabilities if not tables.words.get(name)
        )
        yield from (
            f"{name} has words, and is no capability" for name in tables.words if not self._combinations.knows(name)
        )
        yield from (
            f"{word!r} of {name} occurs nowhere"
            for name, word, _, _ in self._patterns
            if (name, word) not in self._seen
        )
        yield from (
            f"{path} may hold any word, and is in no project" for path in tables.foreign_text if path not in paths
        )
        for excuse in tables.excused:
            for name in excuse.words:
                if (excuse, name) not in self._needed:
                    yield f"excuses {name} in {', '.join(excuse.files)}, which needs no excuse"
