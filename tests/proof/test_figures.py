"""The README's figures are those of `docs/proof.json`: nobody writes a number there by hand."""

import json
import re
from typing import Any

import pytest

from bastion.proof.report.page import page
from bastion.proof.report.readme import BEGIN, END, block, replaced
from bastion.space.space import Space
from tests.support.checkout import ROOT

FILE = ROOT / "docs" / "proof.json"
README = (ROOT / "README.md").read_text(encoding="utf-8")

FIGURES = {
    "combinations": 1336,
    "renderings": 4210,
    "findings": 0,
    "rows": 16,
    "rows_passed": 16,
    "pairs": 132,
    "pairs_met": 132,
    "triples": 517,
    "triples_met": 401,
    "tests_passed": 20112,
    "tests_skipped": 352,
}


def _report(**changes: object) -> dict[str, Any]:
    return {
        "made": "2026-11-26T05:40:00+00:00",
        "template": {"version": "1.2.3", "fingerprint": "0123456789abcdef" * 4},
        "python": "3.11.7",
        "figures": FIGURES | changes,
        "static": {"partial": []},
        "rows": [
            {"made": "2026-11-25T05:40:00+00:00", "tests": 1257},
            {"made": "2026-11-25T06:40:00+00:00", "tests": 2011},
        ],
    }


def _shown() -> dict[str, Any]:
    return dict(json.loads(FILE.read_text(encoding="utf-8")))


def test_the_readme_says_what_the_last_proof_has_shown() -> None:
    assert replaced(README, _shown()) == README


def test_the_page_beside_them_is_of_the_same_proof() -> None:
    assert FILE.with_suffix(".html").read_text(encoding="utf-8") == page(_shown())


def test_the_readme_says_which_tests_a_row_skips() -> None:
    rows = _shown()["rows"]
    skipped = [[each["test"].partition("::")[0] for each in row["skipped"]] for row in rows]

    assert skipped == [["tests/core/test_forms.py"] * len(skipped[0])] * len(rows)
    assert f"Skipped are the same {len(skipped[0])} tests in each row" in " ".join(README.split())


def test_no_sentence_of_the_readme_counts_the_combinations_by_hand() -> None:
    begins, _, rest = README.partition(BEGIN)
    by_hand = begins + rest.partition(END)[2]

    assert rest
    assert not re.search(rf"\b{Space.read(ROOT / 'copier.yml').count():,}\b", by_hand)


def test_it_says_the_figures() -> None:
    said = " ".join(block(_report()).split())

    assert "of 25 November 2026 on Python 3.11.7, was of the template 1.2.3 with the fingerprint `0123456789ab`" in said
    assert "It knew 1,336 valid combinations" in said
    assert "4,210 distinct renderings; all were read, and nothing was wrong" in said
    assert "16 of 16 rows passed" in said
    assert "132 of 132 possible pairs" in said
    assert "401 of 517 triples, and ran 20,112 tests, up to 2,011 of one project, and skipped 352" in said


def test_it_does_not_hide_what_failed_or_was_not_done() -> None:
    assert "15 of 16 rows passed" in " ".join(block(_report(rows_passed=15)).split())
    assert "3 things were wrong" in block(_report(findings=3))
    assert "renderings" not in block(_report() | {"static": None})
    assert "not all were read" in " ".join(block(_report() | {"static": {"partial": ["app/main.py"]}}).split())


def test_a_row_that_was_shown_before_is_as_old_as_it_is() -> None:
    report = _report()
    report["rows"][0]["made"] = "2026-10-31T23:00:00+00:00"

    assert "of 31 October 2026 to 25 November 2026 on" in " ".join(block(report).split())


def test_a_readme_without_its_block_is_an_error() -> None:
    with pytest.raises(ValueError, match="holds no"):
        replaced("# Title\n", _report())
