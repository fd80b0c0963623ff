"""What no text of a rendered project may hold, whatever its language."""

import re
from collections import Counter
from collections.abc import Container, Iterator
from pathlib import PurePosixPath

_DOCUMENTS = {".md", ".toml", ".ini", ".cfg", ".yml", ".yaml", ".env", ".example"}
_CODE = re.compile(r"^ *```.*?^ *```", re.DOTALL | re.MULTILINE)
_SET = re.compile(r"^([A-Za-z_]\w*)=", re.MULTILINE)
_GAP = re.compile(r"\A\n|\n\n\n")
_TRAILING_SPACE = re.compile(r"[ \t]$", re.MULTILINE)

# GitHub's own expressions begin with a dollar, and braces that a string of Python doubles hold no space.
_EXPRESSION = re.compile(r"(?<![${])\{\{[- ]|\{\{[- ]?\s*_?copier")
_TIGHT_EXPRESSION = re.compile(r"(?<![${])\{\{\w+(?:\s*\|[^{}]*)?\}\}")
_TIGHT_NAME = re.compile(r"(?<![${])\{\{(?P<name>\w+)[^{}\n]*\}\}")
_STATEMENT = re.compile(r"\{%-?\s|\s-?%\}|\{#-?\s.*?#\}|\{%-?(?:if|elif|else|endif|for|endfor|set|raw|endraw)\b")
_TEMPLATE_WORDS = re.compile(r"\b_copier_\w+|\.jinja\b|\bans_random\b|\bto_nice_yaml\b")


def problems_of(text: str, path: str, known: Container[str]) -> Iterator[str]:
    """Yield what is wrong with a text.

    Args:
        text: The content of a file.
        path: Its path in the project.
        known: The names of all questions and capabilities.
    """
    if text.startswith("\ufeff"):
        yield "begins with a byte order mark"
    if "\r" in text:
        yield "holds a carriage return"
    if text and not text.endswith("\n"):
        yield "does not end with a newline"
    if text.endswith("\n\n") or text == "\n":
        yield "ends with an empty line"
    for what, places in (("tag", _tags(text, path, known)), ("word of the template", _TEMPLATE_WORDS.finditer(text))):
        for line in dict.fromkeys(_line_of(text, found.start()) for found in places):
            yield f"holds a {what} that was left over: {line}"
    if trailing := _TRAILING_SPACE.search(text):
        yield f"has a space at the end of a line: {_line_of(text, trailing.start())}"
    if PurePosixPath(path).name.startswith(".env"):
        names = Counter(_SET.findall(text))
        yield from (f"sets {name} {count} times" for name, count in names.items() if count > 1)
    if _is_document(path) and _GAP.search(_CODE.sub("...", text)):
        yield "has a gap of two empty lines, or begins with one"


def _tags(text: str, path: str, known: Container[str]) -> Iterator[re.Match[str]]:
    for rule in (_EXPRESSION, _STATEMENT, *([_TIGHT_EXPRESSION] if _is_document(path) else [])):
        yield from rule.finditer(text)
    # In code, braces are doubled for other reasons too: only the names of the questionnaire give a tag away.
    yield from (found for found in _TIGHT_NAME.finditer(text) if found["name"] in known)


def _is_document(path: str) -> bool:
    name = PurePosixPath(path)
    return name.suffix in _DOCUMENTS or name.name in _DOCUMENTS


def _line_of(text: str, place: int) -> str:
    start, end = text.rfind("\n", 0, place) + 1, text.find("\n", place)
    return text[start : None if end < 0 else end].strip()
