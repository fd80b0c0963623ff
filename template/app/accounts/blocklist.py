"""Passwords that everyone tries first (SP 800-63B-4 section 3.1.1.2, ASVS V6.2.4, V6.2.11).

The trap: of the 19,640 entries of the best-known list only 48 have 15 characters, so a lookup in it refuses next to
nothing where 15 are asked for. What people do to reach 15 is repeat and join such words, run along the keyboard and
add a year; so the list is a list of words, and the rules below make the passwords out of them.

The whole password is judged and never a part of it: a long random one that happens to hold `love` is fine.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from importlib.resources import files
from itertools import dropwhile
from unicodedata import normalize

SHORTEST_CONTEXT_WORD = 3
_MOST_WORDS = 2
_MOST_DECORATIONS = 10
"""Digits and signs that are taken off a word: a phone number's worth. More of them may be the secret themselves."""
_LONGEST_JUDGED = 512
_LONGEST_REPEATED = 6
_MOST_FLAWS = 8
"""One character in so many may break a repetition or a run."""
_UNLIKE_LETTERS = str.maketrans(
    {"@": "a", "4": "a", "3": "e", "1": "i", "!": "i", "0": "o", "$": "s", "5": "s", "7": "t"}
)
_DECORATIONS = (re.compile(r"^[\W\d_]+|[\W\d_]+$"), re.compile(r"[\W\d_]{2,}"), re.compile(r"[\W\d_]+"))
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
    lines = (files("app.accounts") / "common_passwords.txt").read_text(encoding="utf-8").splitlines()
    # Only at the head: further down a word may begin with the same sign.
    return frozenset(dropwhile(lambda line: line.startswith("#"), lines))


def reason_to_refuse(password: str, context: Iterable[str] = ()) -> str | None:
    """Return why `password` would be among the first to be tried, or None.

    Args:
        password: as it was typed.
        context: what an attacker knows: the names of the service, the parts of the account's address.

    Returns:
        `repeated`, `keyboard_run`, `context_word` or `common`; None where it is none of these.
    """
    # Some signs fold to eighteen letters: what is judged stays as long as a password can be.
    folded = normalize("NFKC", password).casefold()[:_LONGEST_JUDGED]
    if _is_repetition(folded):
        return "repeated"
    if _is_run(_SEPARATORS.sub("", folded)):
        return "keyboard_run"
    words = frozenset(word for word in map(str.casefold, context) if len(word) >= SHORTEST_CONTEXT_WORD)
    forms = tuple(_forms(folded))
    common = common_words()
    if _any_made_of(forms, words.__contains__):
        return "context_word"
    if _any_made_of(forms, common.__contains__):
        return "common"
    return "context_word" if _any_made_of(forms, lambda word: word in words or word in common) else None


def _forms(folded: str) -> Iterator[str]:
    """Yield how a password can be read: as it is, without decorations, joined up, backwards, and with leet undone."""
    for spelled in (folded, _SEPARATORS.sub("", folded)):
        bare = {spelled, *(_without(decorations, spelled) for decorations in _DECORATIONS)}
        readable = {form.translate(_UNLIKE_LETTERS) for form in bare}
        readable |= {_without(_DECORATIONS[0], form) for form in readable}
        for form in bare | readable:
            yield from (form, form[::-1])


def _without(decorations: re.Pattern[str], text: str) -> str:
    bare = decorations.sub("", text)
    return bare if len(text) - len(bare) <= _MOST_DECORATIONS else text


def _any_made_of(forms: Iterable[str], is_word: Callable[[str], bool]) -> bool:
    return any(_is_made_of(form, is_word, most=_MOST_WORDS) for form in forms)


def _is_made_of(text: str, is_word: Callable[[str], bool], *, most: int) -> bool:
    """Return whether `text` is at most `most` words, one after another, or one of them repeated."""
    if not text:
        return False
    if is_word(text) or any(text == word * (len(text) // len(word)) for word in _periods(text) if is_word(word)):
        return True
    cuts = range(SHORTEST_CONTEXT_WORD, len(text) - SHORTEST_CONTEXT_WORD + 1)
    return most > 1 and any(is_word(text[:cut]) and _is_made_of(text[cut:], is_word, most=most - 1) for cut in cuts)


def _periods(text: str) -> Iterator[str]:
    return (text[:size] for size in range(SHORTEST_CONTEXT_WORD, len(text) // 2 + 1) if len(text) % size == 0)


def _is_repetition(text: str) -> bool:
    """Return whether a few characters are repeated throughout."""
    for size in range(1, min(_LONGEST_REPEATED, len(text) // 2) + 1):
        flaws = sum(text[i] != text[i - size] for i in range(size, len(text)))
        if flaws <= (len(text) - size) // _MOST_FLAWS:
            return True
    return False


def _is_run(text: str) -> bool:
    """Return whether the text follows rows of the keyboard, the alphabet or the digits from end to end."""
    steps = {run[i : i + 2] for run in _RUNS for i in range(len(run) - 1)}
    steps |= {step[::-1] for step in steps} | {sign * 2 for sign in text}
    pairs = [text[i : i + 2] for i in range(len(text) - 1)]
    breaks = sum(pair not in steps for pair in pairs)
    return bool(pairs) and breaks <= len(pairs) // _MOST_FLAWS
