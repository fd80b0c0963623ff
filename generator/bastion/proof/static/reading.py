"""Reads each distinct rendering once: as text, by the parser of its language, and Python for what it says to others."""

import configparser
import json
import re
import tomllib
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath

import yaml

from bastion.proof.static.findings import Findings
from bastion.proof.static.progress import Progress
from bastion.proof.static.renderings import Document, Rendering
from bastion.proof.static.text_rules import problems_of
from bastion.source_facts import SourceFacts, facts_of
from bastion.space import strict_yaml

SYNTAX = "syntax"
_PLACE = re.compile(r" ?\(?(?:at )?line:? (\d+)(?:,? column \d+)?\)?")
_LANGUAGES = {
    ".py": "Python",
    ".toml": "TOML",
    ".yml": "YAML",
    ".yaml": "YAML",
    ".json": "JSON",
    ".ini": "INI file",
    ".cfg": "INI file",
}


@dataclass
class Reading:
    """What was seen in one rendering."""

    problems: list[tuple[str, str]] = field(default_factory=list)
    """Check and message."""

    facts: SourceFacts | None = None


def read(text: str, path: str, known: Container[str]) -> Reading:
    """Read one rendering.

    Args:
        text: Its content.
        path: Its path in the project.
        known: The names of all questions and capabilities.
    """
    reading = Reading([("text", problem) for problem in problems_of(text, path, known)])
    try:
        reading.facts = _parse(text, path)
    except (SyntaxError, ValueError, yaml.YAMLError, configparser.Error) as error:
        reading.problems.append((SYNTAX, f"is no {_LANGUAGES[PurePosixPath(path).suffix]}: {_reason(error, text)}"))
    return reading


def _reason(error: Exception, text: str) -> str:
    """Say what is wrong and quote the line: its number differs from one rendering to the next."""
    said = " ".join(str(getattr(error, "problem", None) or getattr(error, "msg", None) or error).split())
    mark, found = getattr(error, "problem_mark", None), _PLACE.search(said)
    line = mark.line + 1 if mark else getattr(error, "lineno", None) or (int(found[1]) if found else None)
    quoted = text.splitlines()[line - 1 : line] if line else []
    return _PLACE.sub("", said) + "".join(f" at `{each.strip()}`" for each in quoted)


def _parse(text: str, path: str) -> SourceFacts | None:
    match PurePosixPath(path).suffix:
        case ".py":
            return facts_of(text, path)
        case ".toml":
            tomllib.loads(text)
        case ".yml" | ".yaml":
            for _ in strict_yaml.load_all(text):
                pass
        case ".json":
            json.loads(text, object_pairs_hook=_without_doubles)
        case ".ini" | ".cfg":
            configparser.RawConfigParser(strict=True).read_string(text)
    return None


def _without_doubles(pairs: list[tuple[str, object]]) -> dict[str, object]:
    content = dict(pairs)
    for at, (key, _) in enumerate(pairs):
        if any(key == other for other, _ in pairs[:at]):
            raise ValueError(f"the key {key} is there twice")
    return content


def read_all(
    documents: Iterable[Document], known: Container[str], findings: Findings, progress: Progress
) -> Iterator[tuple[Rendering, SourceFacts]]:
    """Read every rendering, and yield what each Python file says.

    Linters and Copier work on the other cores meanwhile: a second process for this would cost more than it saves.
    """
    renderings = [each for document in documents for each in document.renderings]
    progress.stage("reading every distinct rendering", len(renderings))
    for rendering in renderings:
        if rendering.text is None:
            if not rendering.is_binary:
                findings.add_for("text", rendering.document, "is neither binary nor UTF-8", rendering.where)
            progress.advance()
            continue
        reading = read(rendering.text, rendering.document.path, known)
        for check, message in reading.problems:
            findings.add_for(check, rendering.document, message, rendering.where)
        if reading.facts:
            yield rendering, reading.facts
        progress.advance()
