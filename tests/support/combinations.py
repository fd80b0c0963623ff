"""Every combination of answers, read from the questionnaire."""

from itertools import product

from tests.support.checkout import questions

Combination = dict[str, str]


def all_combinations() -> list[Combination]:
    """Multiply the choices of every question that has choices; free text is not a combination."""
    choices = {name: list(details["choices"].values()) for name, details in questions().items() if "choices" in details}
    return [dict(zip(choices, answers, strict=True)) for answers in product(*choices.values())]


def name_of(combination: Combination) -> str:
    return "-".join(combination.values())


def as_flags(combination: Combination) -> list[str]:
    return [flag for name, answer in combination.items() for flag in ("--data", f"{name}={answer}")]
