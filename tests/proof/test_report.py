"""The report: the same figures for people, for CI systems and for programs, and nothing hidden in any."""

import json
import re
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from bastion.problems import Problem
from bastion.proof.matrix import matrix_of
from bastion.proof.report.coverage import Coverage
from bastion.proof.report.data import Run, build, row_data
from bastion.proof.report.page import page
from bastion.proof.report.writing import begin, write
from bastion.proof.results import Finding, StaticResult
from bastion.proof.rows.outcome import Outcome, Skipped, Step, Timed
from bastion.space.space import Combination, Space
from tests.proof.small_template import COMBINATIONS
from tests.proof.small_template import write as write_template
from tests.support.checkout import ROOT

TEMPLATE = {"version": "1.2.3", "fingerprint": "abc"}
PASSED = Step(name="tests", passed=True, seconds=2.5, cpu_seconds=3)
FAILED = Step(name="tests", passed=False, seconds=2, message="pytest ends with 1", output="E  <b>1 == 2</b> \x1b[0m")
READ = StaticResult(findings=[], combinations=24, renderings=31, partial=["app/main.py.jinja"], seconds=1.5)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_template(tmp_path_factory.mktemp("small"))


@pytest.fixture(scope="module")
def space(template: Path) -> Space:
    return Space.read(template / "copier.yml")


@pytest.fixture(scope="module")
def pairwise(template: Path) -> list[Combination]:
    return [row.combination for row in matrix_of(template).rows]


def outcome(space: Space, combination: Combination, step: Step = PASSED) -> Outcome:
    return Outcome(
        id=space.id_of(combination),
        answers=combination.as_data(),
        steps=[step],
        tests=7,
        skipped=[Skipped(test="tests/test_root.py::test_it", reason="Windows has no signals")],
        slowest=[Timed(test="tests/test_root.py::test_slow", seconds=1.25)],
        guards=["app.bell:Bell"],
    )


def run_of(space: Space, rows: list[Combination], step: Step = PASSED, **more: Any) -> Run:  # noqa: ANN401 - any field
    data = [row_data(outcome(space, row, step), ["strength 2"], "bastion prove --only 'a=<b>'") for row in rows]
    return Run(template=TEMPLATE, prover="def", promised="every pair of answers", rows=data, **more)


def test_the_figures_are_counted(space: Space, pairwise: list[Combination]) -> None:
    report = build(run_of(space, pairwise, static=READ), space)

    figures = report["figures"]
    assert figures["combinations"] == COMBINATIONS
    assert figures["renderings"] == 31
    assert figures["rows_passed"] == len(pairwise)
    assert figures["pairs_met"] == figures["pairs"]
    assert figures["triples_met"] < figures["triples"]
    assert figures["tests_passed"] == 7 * len(pairwise)


def test_pairs_and_triples_are_those_of_all_valid_combinations(space: Space) -> None:
    """Counted once more, from the combinations themselves."""
    everything = list(space.valid())
    facts = [tuple(space.parts.row_of(each).items()) for each in everything]
    coverage = Coverage(space, everything)

    for size, counted in ((2, coverage.pairs), (3, coverage.triples)):
        there_are = len({frozenset(some) for row in facts for some in combinations(row, size)})
        assert counted == (there_are, there_are)


def test_the_grid_says_how_often_each_two_answers_met(space: Space, pairwise: list[Combination]) -> None:
    """Counted once more, in what was answered."""
    report = build(run_of(space, pairwise), space)

    facts = [(fact["question"], fact["says"]) for fact in report["facts"]]
    met = {frozenset(facts[fact] for fact in pair["facts"]): pair["rows"] for pair in report["pairs"]}
    with_bell = [each for each in pairwise if "bell" in each["extras"]]
    large = [each for each in with_bell if each["size"] == "large"]
    assert len(with_bell) > len(large) > 1
    assert met[frozenset({("extras", "bell")})] == len(with_bell)
    assert met[frozenset({("extras", "bell"), ("size", "large")})] == len(large)
    assert f'title="size: large and extras: bell: {len(large)} rows">{len(large)}</td>' in page(report)


def test_a_row_that_failed_counts_for_no_pair(space: Space, pairwise: list[Combination]) -> None:
    report = build(run_of(space, pairwise, FAILED), space)

    assert report["figures"]["pairs_met"] == 0
    assert {pair["rows"] for pair in report["pairs"]} == {0}


def test_it_says_what_was_not_tested_and_why(space: Space, pairwise: list[Combination]) -> None:
    report = build(run_of(space, pairwise[:3], static=READ, not_run=["red-small-nothing"]), space)

    untested = {each["what"]: each["why"] for each in report["untested"]}
    assert "every pair of answers" in untested["21 combinations were not run as a whole"]
    assert any(re.fullmatch(r"\d+ ways of having two answers together", what) for what in untested)
    assert untested["red-small-nothing as a whole"] == "the run was stopped before it was done"
    assert untested["1 test of tests/test_root.py, in 3 rows: `test_it`"] == "Windows has no signals"
    assert "other texts than the defaults of title" in untested
    assert "some renderings of app/main.py.jinja" in untested
    assert "the files of combinations that no row has" not in untested


def test_it_names_the_outcomes_of_conditions_that_no_row_has(space: Space, pairwise: list[Combination]) -> None:
    run = run_of(space, pairwise, never=["x.md.jinja:1, true"], undecided=["copier.yml, exclusion 7:1"])

    untested = {each["what"]: each["why"] for each in build(run, space)["untested"]}
    assert untested["the outcome x.md.jinja:1, true"] == "no valid combination has it"
    assert untested["some outcome of copier.yml, exclusion 7:1"].startswith("no answer decides about it")


def test_tests_that_were_skipped_for_one_reason_are_one_line_for_each_file(
    space: Space, pairwise: list[Combination]
) -> None:
    """A test of 15 parameters is one name, and how often: nobody reads 15 lines that say the same."""
    ids = ("a.py::test_it[x::y/[z]]", "a.py::test_it[z]", "a.py::TestAll::test_more", "b.py::test_it")
    skipped = [{"test": id_, "reason": "no such library"} for id_ in ids]
    skipped.append({"test": "a.py::test_it[w]", "reason": "no such system"})
    late = {"test": "a.py::test_late", "reason": "too late"}
    run = run_of(space, pairwise[:2])
    rows = [{**run.rows[0], "skipped": [*skipped, late]}, {**run.rows[1], "skipped": skipped}]

    report = build(replace(run, rows=rows), space)

    lines = [each["what"] for each in report["untested"] if ".py" in each["what"]]
    assert lines == [
        "3 tests of a.py, each in 2 rows: `test_it` (2), `TestAll::test_more`",
        "1 test of b.py, in 2 rows: `test_it`",
        "1 test of a.py, in 2 rows: `test_it`",
        "1 test of a.py, in 1 row: `test_late`",
    ]
    assert report["figures"]["tests_skipped"] == 11


def test_reports_of_the_same_template_grow_together(tmp_path: Path, space: Space, pairwise: list[Combination]) -> None:
    beyond: dict[str, Any] = {"never": ["x.md.jinja:1, true"], "undecided": ["copier.yml, exclusion 7:1"]}
    write(run_of(space, pairwise[:4], **beyond), space, tmp_path)
    write(run_of(space, [], static=READ), space, tmp_path)
    both = write(run_of(space, pairwise[4:]), space, tmp_path)

    assert both["static"]["renderings"] == 31
    assert {name: both[name] for name in beyond} == beyond
    assert [row["id"] for row in both["rows"]] == [space.id_of(row) for row in pairwise]
    assert json.loads((tmp_path / "proof.json").read_text(encoding="utf-8")) == both


OTHER: tuple[dict[str, Any], ...] = ({"template": {"version": "1.2.3", "fingerprint": "def"}}, {"prover": "ghi"})


@pytest.mark.parametrize("other", OTHER, ids=("another template", "another prover"))
def test_a_report_of_something_else_is_replaced(
    tmp_path: Path, space: Space, pairwise: list[Combination], other: dict[str, Any]
) -> None:
    write(run_of(space, pairwise), space, tmp_path)

    assert len(write(replace(run_of(space, pairwise[:1]), **other), space, tmp_path)["rows"]) == 1


def test_a_file_that_is_no_report_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "proof.json").write_text("[]", encoding="utf-8")

    with pytest.raises(Problem, match="is no report"):
        begin(tmp_path)


def test_junit_holds_a_suite_for_each_row_and_a_failure_for_each_step(
    tmp_path: Path, space: Space, pairwise: list[Combination]
) -> None:
    write(run_of(space, pairwise[:2], FAILED, static=READ), space, tmp_path)

    suites = ET.parse(tmp_path / "proof.junit.xml").getroot()  # noqa: S314 - we have written it
    assert [suite.get("name") for suite in suites] == ["static", *map(space.id_of, pairwise[:2])]
    (failure,) = suites[1].iter("failure")
    assert failure.get("message") == "pytest ends with 1"
    assert "again: bastion prove" in str(failure.text)


def test_the_page_needs_nothing_but_itself_and_escapes_what_it_shows(space: Space, pairwise: list[Combination]) -> None:
    html = page(build(run_of(space, pairwise[:2], FAILED), space))

    assert re.findall(r"\b(?:src|href)=|@import|url\(", html) == []
    assert "<script" not in html
    assert "<b>1 == 2</b>" not in html
    assert "&lt;b&gt;1 == 2&lt;/b&gt;" in html
    assert "Something failed" in html


@pytest.mark.parametrize(
    ("rows", "more", "says"),
    [
        (slice(None), {}, "Every row passed"),
        (slice(1), {"not_run": ["red-small-nothing"]}, "Not finished"),
        (slice(None), {"static": replace(READ, findings=[Finding("imports", "a.py", "x", "y")])}, "Something failed"),
    ],
    ids=["passed", "unfinished", "findings"],
)
def test_the_page_says_how_it_went(
    space: Space, pairwise: list[Combination], rows: slice, more: dict[str, Any], says: str
) -> None:
    assert says in page(build(run_of(space, pairwise[rows], **more), space))


def test_every_field_is_documented(space: Space, pairwise: list[Combination]) -> None:
    """Each in its own table: a row, the figures and the whole have fields of the same names."""
    guide = (ROOT / "docs" / "proof-report.md").read_text(encoding="utf-8")
    of_the_whole, of_a_row, of_the_figures = map(_documented, re.findall(r"(?:^\|.+\n)+", guide, re.MULTILINE))
    read = replace(READ, findings=[Finding("imports", "a.py", "any answers", "imports nothing")])

    report = build(run_of(space, pairwise, FAILED, static=read), space)

    row = report["rows"][0]
    assert of_the_whole.keys() == report.keys()
    assert of_a_row.keys() == row.keys()
    assert of_the_figures.keys() == report["figures"].keys()
    for field in ("template", "static", "facts", "pairs", "slowest", "untested"):
        assert _fields_of(report[field]) - _named_in(of_the_whole[field]) == set()
    assert _fields_of(report["static"]["findings"]) - _named_in(of_the_whole["static"]) == set()
    for field in ("steps", "skipped"):
        assert _fields_of(row[field]) - _named_in(of_a_row[field]) == set()


def _documented(table: str) -> dict[str, str]:
    """Give each field that a table names in its first column, with its line."""
    _, _, *lines = table.splitlines()
    return {field: line for line in lines for field in _named_in(line.split("|")[1])}


def _named_in(text: str) -> set[str]:
    return set(re.findall(r"`(\w+)`", text))


def _fields_of(value: Any) -> set[str]:  # noqa: ANN401 - a part of the report, or several of its kind
    return set(value if isinstance(value, dict) else value[0])
