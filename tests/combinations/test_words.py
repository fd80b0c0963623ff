"""A capability that is off leaves none of its words behind: in no file, no path, no comment and no sentence."""

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

import pytest
import yaml

from tests.support.checkout import ROOT, capabilities
from tests.support.renders import Rendered, Renders, assert_in_none

_LISTS = yaml.safe_load((ROOT / "tests" / "words.yml").read_text(encoding="utf-8"))
WORDS: dict[str, list[str]] = _LISTS["words"]
EXCUSED: list[dict[str, Any]] = _LISTS["excused"]

FOREIGN_TEXT = {
    ".copier-answers.yml": "the names of all questions, which an update reads",
    "app/accounts/common_passwords.txt": "what people choose as passwords",
}


def test_every_capability_has_words_of_its_own() -> None:
    assert WORDS.keys() == set(capabilities())
    assert [capability for capability, words in WORDS.items() if not words] == []


@pytest.mark.parametrize("capability", WORDS)
def test_no_word_is_left_where_the_capability_is_off(
    renders: Renders, every_render: list[Rendered], capability: str
) -> None:
    @cache
    def left(path: str, digest: str) -> list[str]:
        lines = lines_with_a_word(renders, capability, path, digest)
        return [f"{path}:{number}: {line.strip()}" for number, line in lines if not excuses(capability, path, line)]

    def find(rendered: Rendered) -> Iterator[str]:
        for path, digest in without(capability, rendered):
            yield from left(path, digest)

    assert_in_none(every_render, find)


def without(capability: str, rendered: Rendered) -> Iterator[tuple[str, str]]:
    """Yield the files of a render, unless it has the capability."""
    if capability not in rendered.capabilities:
        yield from ((path, digest) for path, digest in rendered.files.items() if path not in FOREIGN_TEXT)


def lines_with_a_word(renders: Renders, capability: str, path: str, digest: str) -> Iterator[tuple[int, str]]:
    """Yield the lines that hold a word, by their number; line 0 is the path."""
    word = re.compile("|".join(f"(?:{each})" for each in WORDS[capability]), re.IGNORECASE)
    for number, line in enumerate([path, *renders.text(digest).splitlines()]):
        if word.search(line):
            yield number, line


def excuses(capability: str, path: str, line: str) -> list[int]:
    """Name the entries that excuse a line."""
    return [
        number
        for number, each in enumerate(EXCUSED)
        if capability in each["words"]
        and any(fnmatchcase(path, pattern) for pattern in each["files"])
        and re.search(each["lines"], line)
    ]


@pytest.mark.parametrize(("capability", "word"), [(name, word) for name, words in WORDS.items() for word in words])
def test_every_word_occurs_where_the_capability_is_on(
    renders: Renders, every_render: list[Rendered], capability: str, word: str
) -> None:
    files = {file for each in every_render if capability in each.capabilities for file in each.files.items()}

    assert any(
        re.search(word, f"{path}\n{renders.text(digest)}", re.IGNORECASE)
        for path, digest in files
        if path not in FOREIGN_TEXT
    )


def test_every_excuse_has_a_reason_and_is_needed_for_each_of_its_words(
    renders: Renders, every_render: list[Rendered]
) -> None:
    files = {(each, file) for each in WORDS for rendered in every_render for file in without(each, rendered)}
    needed = {
        (number, capability)
        for capability, (path, digest) in files
        for _, line in lines_with_a_word(renders, capability, path, digest)
        for number in excuses(capability, path, line)
    }

    assert all(each["reason"] for each in EXCUSED)
    assert needed == {(number, capability) for number, each in enumerate(EXCUSED) for capability in each["words"]}


@pytest.mark.parametrize("path", FOREIGN_TEXT)
def test_no_foreign_text_is_named_for_nothing(every_render: list[Rendered], path: str) -> None:
    assert [each for each in every_render if path in each.files]
