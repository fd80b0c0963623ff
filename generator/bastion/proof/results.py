"""What the first tier found: what it hands to the command and to the report."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong with the template."""

    check: str
    """Which check says so."""

    file: str
    """The template's file."""

    answers: str
    """The answers, or the capabilities, under which it is so."""

    message: str
    """What is wrong, in a line."""


@dataclass(frozen=True)
class StaticResult:
    """What reading every combination has shown."""

    findings: list[Finding]
    combinations: int
    renderings: int
    """How many distinct texts all files have in all combinations."""

    partial: list[str] = field(default_factory=list)
    """Files with so many renderings that a covering array of them was checked, and not all."""

    seconds: float = 0.0
