"""What a new password must be (SP 800-63B-4 section 3.1.1.2): long, not among those tried first, and nothing else."""

from itertools import islice
from pathlib import Path

import pytest

from app.accounts.blocklist import SHORTEST_CONTEXT_WORD, common_words, reason_to_refuse
from app.accounts.policy import LONGEST_PASSWORD, check_new_password
from app.accounts.settings import NIST_MIN_LENGTH
from app.core.application import Application
from app.core.errors import Problem
from app.core.kernel import Kernel
from tests.support.carrying import REFUSED
from tests.support.passwords import each_way_to_set, kernel_of, reason, reset_code
from tests.support.people import SignUp, try_login

LIST = Path("app/accounts/common_passwords.txt").read_text(encoding="utf-8").splitlines()[2:]
"""Its words, most common first, below two lines that say where they come from."""

EMAIL = "alice.winter@shop.example.com"
SERVICE = "harbour-api"
FULL_WIDTH = "".join(chr(ord(letter) + 0xFEE0) for letter in "password")

TRIED_FIRST = {
    "repeated": (
        "aaaaaaaaaaaaaaa",
        "abababababababab",
        "xkcdxkcdxkcdxkcd",
        "lovelovelovelove",
        "aaaaaaaaaaaaaaab",
        " " * 15,
        "1212121212121212",
    ),
    "keyboard_run": (
        "qwertyuiopasdfgh",
        "mnbvcxzlkjhgfdsa",
        "qwertzuiopasdfgh",
        "abcdefghijklmnop",
        "ZYXWVUTSRQPONMLK",
        "123456789012345",
        "1q2w3e4r5t6y7u8i",
        "1qaz2wsx3edc4rfv",
        "12345-67890-12345",
        "112233445566778899",
    ),
    "context_word": (
        "alicewinteralicewinter",
        "Alice-Winter-Alice-Winter",
        "Alice.Winter.1984",
        "winter2026alice!",
        "retniwecila2026",
        "al1c3-w1nt3r-2026",
        "harbourharbour12",
        "harbour2026secure",
        "SECURE-harbour-2026",
        "HarbourApi!HarbourApi!",
        "shop.example.com!!",
        "alice.winter@shop.example.com",
    ),
    "common": (
        "passwordpassword",
        "Password-Password-2026",
        "P@ssw0rdP@ssw0rd",
        "password2026password",
        "drowssapdrowssap",
        "password1234567890",
        "monkeydragon1234",
        "letmein!letmein!",
        "iloveyou iloveyou",
        "!!sunshine!!1984",
        FULL_WIDTH + FULL_WIDTH,
    ),
}

GOOD = (
    "correct horse battery staple",
    "abcmzkqpwxyrtvu",
    "4071 9936 2285 0613 7748",
    "雨が降る日は静かな図書館で本を読む",
    "🦊🐙🌵🎈🧊🪐🍉🚲🧭🛶🎻🪁🌋🧵🔭",
    "love🦊🐙🌵🎈🧊🪐🍉🚲🧭🛶🎻🪁🌋🧵🔭",
    "839201756419603love",
    "alice has 7 copper kettles",
    "kq passwordless wv 83",
    "  leading and trailing  ",
    "tab\tand line\nbreak here",
    "x" + "7Qz-w4!Tk" * 6,
)


def verdict(password: str) -> str:
    try:
        check_new_password(password, shortest=NIST_MIN_LENGTH, email=EMAIL, service=SERVICE)
    except Problem as problem:
        return problem.errors[0]["code"]
    return "fine"


@pytest.mark.asvs("V6.2.4", "V6.2.11")
@pytest.mark.parametrize("code", TRIED_FIRST)
def test_what_is_tried_first_is_refused_with_its_reason(code: str) -> None:
    verdicts = {password: verdict(password) for password in TRIED_FIRST[code]}

    assert verdicts == dict.fromkeys(TRIED_FIRST[code], code)


@pytest.mark.asvs("V6.2.5")
def test_any_composition_is_accepted_and_a_listed_word_inside_harms_nothing() -> None:
    verdicts = {password: verdict(password) for password in GOOD}

    assert verdicts == dict.fromkeys(GOOD, "fine")


def most_common_of_length(shortest: int, how_many: int) -> list[str]:
    """Return the first `how_many` passwords of at least `shortest` characters that the list stands for."""
    made = (word * times for word in LIST for times in (1, 2, 3, 4) if len(word) * times >= shortest)
    return list(islice(made, how_many))


@pytest.mark.asvs("V6.2.4")
def test_the_first_three_thousand_of_policy_length_are_refused() -> None:
    tried_first = most_common_of_length(NIST_MIN_LENGTH, 3000)

    assert len(tried_first) == 3000
    assert [password for password in tried_first if verdict(password) == "fine"] == []


def test_each_word_of_the_list_counts_also_one_that_begins_like_a_comment() -> None:
    assert common_words() == set(LIST)
    assert {"123456", "#1bitch"} <= common_words()


def test_the_length_trap_is_real_so_a_lookup_alone_would_refuse_nothing() -> None:
    long_enough = [word for word in common_words() if len(word) >= NIST_MIN_LENGTH]

    assert len(common_words()) > 10_000
    assert len(long_enough) < 100


@pytest.mark.asvs("V6.2.1", "V6.2.9")
def test_length_is_counted_in_characters_and_neither_in_bytes_nor_in_keystrokes() -> None:
    fourteen_emoji = "🦊🐙🌵🎈🧊🪐🍉🚲🧭🛶🎻🪁🌋🧵"
    fourteen_when_composed = "quiet harbou" + "e\N{COMBINING ACUTE ACCENT}" * 2

    assert verdict("quiet harbours") == "too_short"
    assert verdict(fourteen_emoji) == "too_short"
    assert verdict(fourteen_when_composed) == "too_short"
    assert verdict("quiet harbours!") == "fine"
    assert verdict(fourteen_emoji + "🔭") == "fine"
    assert verdict("y" + "quiet harbours " * 17) == "fine"
    assert verdict("yy" + "quiet harbours " * 17) == "too_long"
    assert LONGEST_PASSWORD == 256


def test_what_cannot_be_typed_is_refused() -> None:
    assert verdict("quiet harbours\0 and boats") == "not_text"


def test_without_context_only_the_list_counts() -> None:
    assert reason_to_refuse("harbour2026secure") is None


@pytest.mark.asvs("V6.2.4", "V6.2.11")
async def test_every_way_to_set_a_password_asks_the_policy(as_user: SignUp, app: Application) -> None:
    alice = await as_user("alice.winter@example.com")
    code = await reset_code(app, alice.email)
    kernel: Kernel = kernel_of(app)
    common = most_common_of_length(NIST_MIN_LENGTH, 3000)[::60]
    # A name of two letters is no word: it is in too many others.
    word = kernel.name if len(kernel.name) >= SHORTEST_CONTEXT_WORD else "winter"
    tried = {**dict.fromkeys(common, ""), "quiet harbours": "too_short", f"{word}-2026-secure": "context_word"}

    for password, code_expected in tried.items():
        for answer in await each_way_to_set(alice, code, password):
            status, found = reason(answer)
            assert status == 422
            assert found == code_expected or not code_expected
            assert password not in answer.text

    assert len(common) == 50
    assert await try_login(alice, alice.email, alice.password) == 200


@pytest.mark.asvs("V6.2.9", "V6.2.5", "V6.2.8")
@pytest.mark.parametrize(
    "password",
    [
        "abcmzkqpwxyrtvu",
        "  spaces  are  kept  ",
        "🦊🐙🌵🎈🧊🪐🍉🚲🧭🛶🎻🪁🌋🧵🔭",
        "雨が降る日は静かな図書館で本を読む",
        "quiet harbours, " * 4,
        "quiet harbours, " * 16,
        "🦊🐙🌵🎈🧊🪐🍉🚲🧭🛶🎻🪁🌋🧵🔭🪀" * 16,
    ],
    ids=["15 letters", "spaces", "15 emoji", "CJK", "64", "256", "256 emoji"],
)
async def test_a_long_password_registers_and_logs_in_exactly_as_typed(as_user: SignUp, password: str) -> None:
    bob = await as_user()
    made = await bob.post("/auth/register", json={"email": "carol@example.com", "password": password})

    right = await try_login(bob, "carol@example.com", password)
    trimmed = await try_login(bob, "carol@example.com", password[:-1])

    assert made.status_code == 201
    assert (right, trimmed) == (200, REFUSED)


async def test_257_characters_are_422_at_every_way_and_never_500(as_user: SignUp, app: Application) -> None:
    alice = await as_user()
    code = await reset_code(app, alice.email)

    answers = await each_way_to_set(alice, code, "quiet harbours, " * 16 + "!")
    far_too_long = await each_way_to_set(alice, code, "quiet harbours, " * 1000)

    assert [reason(answer) for answer in answers] == [(422, "too_long")] * 3
    assert [answer.status_code for answer in far_too_long] == [422] * 3
