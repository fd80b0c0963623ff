"""Passwords that everyone tries first (SP 800-63B-4 section 3.1.1.2, ASVS V6.2.4, V6.2.11).

The trap: of the 19,646 entries of the best-known list only 46 have 15 characters, so a lookup in it refuses next to
nothing where 15 are asked for. What people do to reach 15 is repeat and join such words, run along the keyboard and
add a year; so the list is a list of words, and the rules below make the passwords out of them.

The whole password is judged and never a part of it: a long random one that happens to hold `love` is fine.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files
from itertools import islice

SHORTEST_WORD = 4
SHORTEST_CONTEXT_WORD = 3
_MOST_WORDS = 2
_UNLIKE_LETTERS = str.maketrans(
    {"@": "a", "4": "a", "3": "e", "1": "i", "!": "i", "0": "o", "$": "s", "5": "s", "7": "t"}
)
_TRIMMINGS = re.compile(r"^[\W\d_]+|[\W\d_]+$")
_SEPARATORS = re.compile(r"[\s\-_.,+]+")
_RUNS = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertzuiopasdfghjklyxcvbnm",
    "1q2w3e4r5t6y7u8i9o0p",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
)


@cache
def common_words() -> frozenset[str]:
    """Return the list: lower-case, most common first in the file."""
    text = (files("app.accounts") / "common_passwords.txt").read_text(encoding="utf-8")
    return frozenset(line for line in text.splitlines() if line and not line.startswith("#"))


def reason_to_refuse(password: str, context: Iterable[str] = ()) -> str | None:
    """Return why `password` would be among the first to be tried, or None.

    Args:
        password: as it was typed.
        context: what an attacker knows: the names of the service, the parts of the account's address.
    """
    folded = password.casefold()
    if _is_repetition(folded):
        return "repeated"
    if _is_run(_SEPARATORS.sub("", folded)):
        return "keyboard_run"
    words = frozenset(word for word in map(str.casefold, context) if len(word) >= SHORTEST_CONTEXT_WORD)
    forms = tuple(_forms(folded))
    if words and any(_is_made_of(form, words, most=_MOST_WORDS) for form in forms):
        return "context_word"
    if any(_is_made_of(form, common_words() | words, most=_MOST_WORDS) for form in forms):
        return "common"
    return None


def most_common_of_length(shortest: int, how_many: int) -> list[str]:
    """Return the first `how_many` passwords of at least `shortest` characters that the list stands for."""
    text = (files("app.accounts") / "common_passwords.txt").read_text(encoding="utf-8")
    words = [line for line in text.splitlines() if line and not line.startswith("#")]
    made = (word * times for word in words for times in (1, 2, 3, 4) if len(word) * times >= shortest)
    return list(islice(made, how_many))


def _forms(folded: str) -> Iterator[str]:
    """Yield how a password can be read: as it is, without trimmings, joined up, backwards, and with leet undone."""
    joined = _SEPARATORS.sub("", folded)
    readable = folded.translate(_UNLIKE_LETTERS)
    for form in (folded, joined, readable, _SEPARATORS.sub("", readable)):
        trimmed = _TRIMMINGS.sub("", form)
        yield from (form, trimmed, form[::-1], trimmed[::-1], _TRIMMINGS.sub("", form).translate(_UNLIKE_LETTERS))


def _is_made_of(text: str, words: frozenset[str], *, most: int) -> bool:
    """Return whether `text` is at most `most` of the words, one after another, or one of them repeated."""
    if not text:
        return False
    if text in words or any(text == word * (len(text) // len(word)) for word in _periods(text) if word in words):
        return True
    cuts = range(SHORTEST_CONTEXT_WORD, len(text) - SHORTEST_CONTEXT_WORD + 1)
    return most > 1 and any(text[:cut] in words and _is_made_of(text[cut:], words, most=most - 1) for cut in cuts)


def _periods(text: str) -> Iterator[str]:
    return (text[:size] for size in range(SHORTEST_CONTEXT_WORD, len(text) // 2 + 1) if len(text) % size == 0)


def _is_repetition(text: str) -> bool:
    """Return whether at most three characters are repeated throughout."""
    return any(text == (text[:size] * len(text))[: len(text)] for size in (1, 2, 3))


def _is_run(text: str) -> bool:
    """Return whether the text follows rows of the keyboard, the alphabet or the digits from end to end."""
    steps = {run[i : i + 2] for run in _RUNS for i in range(len(run) - 1)}
    steps |= {step[::-1] for step in steps}
    pairs = [text[i : i + 2] for i in range(len(text) - 1)]
    breaks = sum(pair not in steps for pair in pairs)
    return bool(pairs) and breaks <= len(pairs) // 8
