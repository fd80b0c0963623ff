"""The report for people: one page that needs nothing but itself."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

_FOLDER = Path(__file__).parent
_MINUTE = 60


@dataclass(frozen=True)
class Cell:
    """A pair of answers in the grid."""

    kind: str
    """`met`, `missed`, `refused`, `same` (an answer with itself) or `other` (two answers to one question)."""

    count: int
    heat: int
    """How often it was met, of 100 for the most often."""

    title: str


@dataclass(frozen=True)
class Line:
    """A line of the grid: an answer, and how often it met each answer before it."""

    says: str
    cells: Sequence[Cell]


def page(report: Mapping[str, Any]) -> str:
    """Return the report as HTML."""
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"number": _number, "duration": _duration, "day": _day, "prose": _prose}
    environment.globals["chip"] = _chip
    rows = sorted(report["rows"], key=lambda row: row["passed"])
    return environment.get_template("proof.html.jinja").render(
        report=report,
        figures=report["figures"],
        rows=rows,
        longest_row=max((row["seconds"] for row in rows), default=1) or 1,
        longest_test=max((each["seconds"] for each in report["slowest"]), default=1) or 1,
        verdict=_verdict(report),
        questions=[(name, len(list(group))) for name, group in groupby(fact["question"] for fact in report["facts"])],
        grid=list(_grid(report)),
    )


def _verdict(report: Mapping[str, Any]) -> str:
    """Say in a word how it went: `failed`, `unfinished` or `passed`."""
    figures = report["figures"]
    if figures["rows_passed"] < figures["rows"] or figures["findings"]:
        return "failed"
    unfinished = report["not_run"] or not (figures["rows"] or report["static"])
    return "unfinished" if unfinished else "passed"


def _grid(report: Mapping[str, Any]) -> Iterator[tuple[str, list[Line]]]:
    """Yield the lines of the grid, question by question: the lower half of a square."""
    facts = report["facts"]
    rows = {tuple(pair["facts"]): pair["rows"] for pair in report["pairs"]}
    most = max(rows.values(), default=1) or 1
    lines = [
        Line(fact["says"], [_cell(facts, rows, most, column, index) for column in range(index + 1)])
        for index, fact in enumerate(facts)
    ]
    for question, group in groupby(zip(facts, lines, strict=True), key=lambda each: each[0]["question"]):
        yield question, [line for _, line in group]


def _cell(
    facts: Sequence[Mapping[str, str]], rows: Mapping[tuple[int, ...], int], most: int, one: int, other: int
) -> Cell:
    count = rows.get((one, other))
    title = f"{_in_full(facts[one])} and {_in_full(facts[other])}" if one != other else _in_full(facts[one])
    if count is None:
        same_question = facts[one]["question"] == facts[other]["question"]
        return Cell("other" if same_question else "refused", 0, 0, f"{title}: cannot be")
    kind = "same" if one == other else "met" if count else "missed"
    return Cell(kind, count, round(100 * count / most), f"{title}: {count} {'row' if count == 1 else 'rows'}")


def _in_full(fact: Mapping[str, str]) -> str:
    return f"{fact['question']}: {fact['says']}"


def _number(value: float) -> str:
    return f"{value:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")


def _duration(seconds: float) -> str:
    if seconds < _MINUTE:
        return f"{seconds:.1f}\N{NARROW NO-BREAK SPACE}s"
    minutes, rest = divmod(round(seconds), _MINUTE)
    return f"{minutes}\N{NARROW NO-BREAK SPACE}min\N{NARROW NO-BREAK SPACE}{rest:02}\N{NARROW NO-BREAK SPACE}s"


def _day(moment: str) -> str:
    return f"{datetime.fromisoformat(moment):%-d %B %Y, %H:%M} UTC"


def _prose(text: str) -> Markup:
    """Set what stands in backticks as code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704 - it is escaped


_SAYS_NOTHING_ALONE = re.compile(r"none|no|yes|off|on|other", re.IGNORECASE)


def _chip(question: str, answer: object) -> str:
    """Say an answer as shortly as it can be understood without its question beside it."""
    if isinstance(answer, list | tuple):
        return " + ".join(map(str, answer)) or f"no {question}"
    if isinstance(answer, bool):
        return question if answer else f"no {question}"
    return f"{question}: {answer}" if _SAYS_NOTHING_ALONE.fullmatch(str(answer)) else str(answer)
