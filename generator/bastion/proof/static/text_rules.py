"""What no text of a rendered project may hold, whatever its language."""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

_DOCUMENTS = {".md", ".toml", ".ini", ".cfg", ".yml", ".yaml", ".env", ".example"}
_CODE = re.compile(r"^ *```.*?^ *```", re.DOTALL | re.MULTILINE)
_GAP = re.compile(r"\A\n|\n\n\n")
_TRAILING_SPACE = re.compile(r"[ \t]$", re.MULTILINE)

# GitHub's own expressions begin with a dollar, and braces that a string of Python doubles hold no space.
_EXPRESSION = re.compile(r"(?<![${])\{\{[- ]|\{\{[- ]?\s*_?copier")
_STATEMENT = re.compile(r"\{%-?\s|\s-?%\}|\{#-?\s.*?#\}")
_TEMPLATE_WORDS = re.compile(r"\b_copier_\w+|\.jinja\b|\bans_random\b|\bto_nice_yaml\b")


def problems_of(text: str, path: str) -> Iterator[str]:
    """Yield what is wrong with a text.

    Args:
        text: The content of a file.
        path: Its path in the project.
    """
    if "\r" in text:
        yield "holds a carriage return"
    if text and not text.endswith("\n"):
        yield "does not end with a newline"
    if text.endswith("\n\n") or text == "\n":
        yield "ends with an empty line"
    for rule, what in ((_EXPRESSION, "tag"), (_STATEMENT, "tag"), (_TEMPLATE_WORDS, "word of the template")):
        for found in rule.finditer(text):
            yield f"holds a {what} that was left over: {_line_of(text, found.start())}"
    if trailing := _TRAILING_SPACE.search(text):
        yield f"has a space at the end of a line: {_line_of(text, trailing.start())}"
    if _is_document(path) and _GAP.search(_CODE.sub("...", text)):
        yield "has a gap of two empty lines, or begins with one"


def _is_document(path: str) -> bool:
    name = PurePosixPath(path)
    return name.suffix in _DOCUMENTS or name.name in _DOCUMENTS


def _line_of(text: str, place: int) -> str:
    start, end = text.rfind("\n", 0, place) + 1, text.find("\n", place)
    return text[start : None if end < 0 else end].strip()
