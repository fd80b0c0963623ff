"""The report as JSON knows it: put together from a run, and from earlier runs over the same template."""

import json
import platform
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bastion.problems import Problem
from bastion.proof.report.coverage import Coverage
from bastion.proof.results import StaticResult
from bastion.proof.rows.outcome import Outcome
from bastion.space.space import Space

SCHEMA = 2

_SLOWEST = 15

Report = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Run:
    """What a run has shown, and of what."""

    template: Mapping[str, str]
    """`version` and `fingerprint`: of the rendered template, byte for byte."""

    prover: str
    """The fingerprint of the prover's own source: an older one may have asked for less."""

    promised: str
    """Which rows the run was to prove, in words."""

    rows: Sequence[Mapping[str, Any]] = ()
    """Of each row that was wanted and proven: its outcome, its answers, the command that proves it again."""

    not_run: Sequence[str] = ()
    never: Sequence[str] = ()
    """Outcomes of conditions that no valid combination has."""

    undecided: Sequence[str] = ()
    """Conditions about which no answer decides."""

    static: StaticResult | None = None


def row_data(outcome: Outcome, why: Sequence[str], again: str) -> dict[str, Any]:
    """Return what the report says of a row: why it was proven, what it has shown, how to see it again."""
    return {
        "why": list(why),
        **outcome.as_data(),
        "passed": outcome.passed,
        "seconds": round(outcome.seconds, 1),
        "cpu_seconds": round(outcome.cpu_seconds, 1),
        "again": again,
    }


def build(run: Run, space: Space, earlier: Report | None = None) -> Report:
    """Return the whole report.

    Args:
        run: What was shown now.
        space: What may be answered.
        earlier: A report that lies in the same place. What the very same prover has shown of the very same template
            stays in it, so that shards and tiers come together one after another.
    """
    identity = {"template": dict(run.template), "prover": run.prover}
    stays = earlier if earlier and all(earlier[name] == value for name, value in identity.items()) else None
    rows = {row["id"]: row for row in [*(stays["rows"] if stays else []), *run.rows]}
    static = asdict(run.static) if run.static else (stays or {}).get("static")
    not_run = [id_ for id_ in _grown("not_run", stays, run.not_run) if id_ not in rows]
    return _completed(
        {
            "schema": SCHEMA,
            "made": datetime.now(UTC).isoformat(timespec="seconds"),
            **identity,
            "python": ", ".join(sorted({row["python"] for row in rows.values()} - {""})) or platform.python_version(),
            "platform": platform.system(),
            "promised": _grown("promised", stays, [run.promised]),
            "static": static,
            "rows": list(rows.values()),
            "not_run": not_run,
            "never": _grown("never", stays, run.never),
            "undecided": _grown("undecided", stays, run.undecided),
        },
        space,
    )


def _grown(name: str, stays: Report | None, more: Iterable[str]) -> list[str]:
    """Return what an earlier report says in a field, and what is new, each once."""
    return list(dict.fromkeys([*(stays[name] if stays else ()), *more]))


def _completed(report: Report, space: Space) -> Report:
    """Add what follows from the rows."""
    coverage = Coverage(space, [row["answers"] for row in report["rows"] if row["passed"]])
    report["figures"] = _figures(report, space, coverage)
    report["facts"] = [asdict(fact) for fact in coverage.facts]
    report["pairs"] = [
        {"facts": [one, other], "rows": coverage.counts.get((one, other), 0)}
        for one, other in sorted(coverage.possible | {(fact, fact) for fact in range(len(coverage.facts))})
    ]
    report["slowest"] = _slowest(report["rows"])
    report["untested"] = [{"what": what, "why": why} for what, why in _untested(report, space, coverage)]
    return report


def _figures(report: Report, space: Space, coverage: Coverage) -> dict[str, Any]:
    rows, static = report["rows"], report["static"]
    (pairs_met, pairs), (triples_met, triples) = coverage.pairs, coverage.triples
    return {
        "combinations": space.count(),
        "renderings": static["renderings"] if static else None,
        "findings": len(static["findings"]) if static else None,
        "rows": len(rows),
        "rows_passed": sum(row["passed"] for row in rows),
        "pairs": pairs,
        "pairs_met": pairs_met,
        "triples": triples,
        "triples_met": triples_met,
        "tests_passed": sum(row["tests"] for row in rows),
        "tests_skipped": sum(len(row["skipped"]) for row in rows),
        "seconds": round(sum(row["seconds"] for row in rows), 1),
        "cpu_seconds": round(sum(row["cpu_seconds"] for row in rows), 1),
    }


def _slowest(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the slowest tests, each with the row in which it took longest."""
    worst: dict[str, dict[str, Any]] = {}
    for row in rows:
        for timed in row["slowest"]:
            if timed["seconds"] > worst.get(timed["test"], {"seconds": -1})["seconds"]:
                worst[timed["test"]] = {**timed, "row": row["id"]}
    return sorted(worst.values(), key=lambda each: each["seconds"], reverse=True)[:_SLOWEST]


def _untested(report: Report, space: Space, coverage: Coverage) -> Iterator[tuple[str, str]]:
    figures, static = report["figures"], report["static"]
    if left := figures["combinations"] - figures["rows_passed"]:
        yield (
            _counted(left, "combination was", "combinations were") + " not run as a whole",
            f"proven was: {'; '.join(report['promised'])}; `bastion prove --all` runs every one",
        )
    yield from _not_met("two", figures["pairs"] - figures["pairs_met"], "no row that passed has them; see the grid")
    yield from _not_met("three", figures["triples"] - figures["triples_met"], "`--strength 3` brings them together")
    if coverage.refused:
        yield (
            f"{_counted(coverage.refused, 'pair', 'pairs')} of answers",
            "the questionnaire refuses them, so nobody can have them",
        )
    for row in report["rows"]:
        if not row["passed"]:
            yield f"{row['id']} as a whole", "it failed"
    for id_ in report["not_run"]:
        yield f"{id_} as a whole", "the run was stopped before it was done"
    yield from _unseen_outcomes(report)
    yield from _skipped_tests(report["rows"])
    if texts := [question.name for question in space.questions if not (question.is_axis or question.hidden)]:
        yield (
            f"other texts than the defaults of {' and '.join(texts)}",
            "there is no end of them; tests of the questionnaire try odd ones",
        )
    yield f"any Python but {report['python']}, any system but {report['platform']}", "that is what this run ran on"
    if not static:
        yield (
            "the files of combinations that no row has",
            "`bastion prove --static` reads them, and was not part of this report",
        )
    for file in static["partial"] if static else ():
        yield f"some renderings of {file}", "it has more than can be read; those of a covering array were"


def _not_met(how_many: str, count: int, why: str) -> Iterator[tuple[str, str]]:
    if count:
        yield f"{_counted(count, 'way', 'ways')} of having {how_many} answers together", why


def _unseen_outcomes(report: Report) -> Iterator[tuple[str, str]]:
    """Yield the outcomes of conditions in the template that no row has, however many are proven."""
    for outcome in report["never"]:
        yield f"the outcome {outcome}", "no valid combination has it"
    for place in report["undecided"]:
        # Of its outcomes, rows may show the one that a new project has.
        yield f"some outcome of {place}", "no answer decides about it: each row is a new project, and none is updated"


def _counted(count: int, one: str, more: str) -> str:
    return f"{count:,} {one if count == 1 else more}"


def _skipped_tests(rows: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """Yield the tests of a file that were skipped for one reason in equally many rows, and the reason."""
    for (file, reason, count), tests in _skipped(rows).items():
        each = "each " if tests.total() > 1 else ""
        names = [f"`{name}` ({times})" if times > 1 else f"`{name}`" for name, times in tests.items()]
        number, in_rows = _counted(tests.total(), "test", "tests"), _counted(count, "row", "rows")
        yield f"{number} of {file}, {each}in {in_rows}: {', '.join(names)}", reason


def _skipped(rows: Sequence[Mapping[str, Any]]) -> Mapping[tuple[str, str, int], Counter[str]]:
    """Count skipped tests by file, reason and in how many rows: each name, and with how many parameters."""
    found: defaultdict[tuple[str, str, int], Counter[str]] = defaultdict(Counter)
    of_rows = Counter((each["test"], each["reason"]) for row in rows for each in row["skipped"])
    for (test, reason), count in of_rows.items():
        file, _, name = test.partition("::")
        found[file, reason, count][name.partition("[")[0]] += 1
    return found


def read(folder: Path) -> Report | None:
    """Return the report that lies in a folder, if there is one of this schema."""
    file = folder / "proof.json"
    if not file.exists():
        return None
    try:
        report: Report = json.loads(file.read_text(encoding="utf-8"))
        return report if report["schema"] == SCHEMA else None
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise Problem(f"{file} is no report", "choose another folder for --report, or delete it") from error
