"""A capability that is off leaves none of its words behind: in no file, no path, no comment and no sentence."""

import re
from collections.abc import Iterator
from functools import cache

import pytest
import yaml

from tests.support.checkout import ROOT, capabilities
from tests.support.renders import Rendered, Renders, assert_in_none

WORDS: dict[str, list[str]] = yaml.safe_load((ROOT / "tests" / "words.yml").read_text(encoding="utf-8"))

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
    word = re.compile("|".join(f"(?:{each})" for each in WORDS[capability]), re.IGNORECASE)

    @cache
    def occurrences(path: str, digest: str) -> list[str]:
        lines = [path, *renders.text(digest).splitlines()]
        return [f"{path}:{number}: {line.strip()}" for number, line in enumerate(lines) if word.search(line)]

    def find(rendered: Rendered) -> Iterator[str]:
        if capability not in rendered.capabilities:
            for path, digest in rendered.files.items():
                if path not in FOREIGN_TEXT:
                    yield from occurrences(path, digest)

    assert_in_none(every_render, find)


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


@pytest.mark.parametrize("path", FOREIGN_TEXT)
def test_no_exception_is_kept_for_nothing(every_render: list[Rendered], path: str) -> None:
    assert [each for each in every_render if path in each.files]
