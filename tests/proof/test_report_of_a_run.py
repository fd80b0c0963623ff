"""`bastion prove --report`: what a run with a row that fails leaves in the folder."""

import json
from pathlib import Path
from xml.etree import ElementTree as ET

from tests.proof.proving import Prover
from tests.proof.small_template import COPIER_YML, replaced

OF_AN_UPDATE = "  - \"{% if _copier_operation == 'update' %}/app/bell.py{% endif %}\"\n"
"""A rule of `_exclude`, the sixth, that applies to no new project."""

OF_NOBODY = '  - "{% if red and not red %}/app/bell.py{% endif %}"\n'


def test_a_run_leaves_its_figures_its_page_and_its_junit_file_also_when_it_failed(
    prover: Prover, tmp_path: Path
) -> None:
    folder = tmp_path / "report"
    rules = {"copier.yml": COPIER_YML + OF_AN_UPDATE + OF_NOBODY}
    prover.change(rules | replaced("app/bell.py", 'b"x-bell", b"yes"', 'b"x-bell", b"no"'))

    finished = prover.prove(
        *("--only", "colour=red", "--only", "size=small", "--all", "--jobs", "1", "--report", str(folder))
    )

    report = json.loads((folder / "proof.json").read_text(encoding="utf-8"))
    page = (folder / "proof.html").read_text(encoding="utf-8")
    suites = ET.parse(folder / "proof.junit.xml").getroot()  # noqa: S314 - the command has written it
    passed, failed = report["rows"]
    assert finished.returncode == 1
    assert f"the report is {folder / 'proof.html'}" in finished.stdout
    assert (passed["id"], passed["passed"], passed["why"]) == ("red-small-nothing", True, ["asked for"])
    assert (failed["id"], failed["passed"], failed["tests"]) == ("red-small-bell", False, 2)
    assert failed["again"] in finished.stdout
    assert failed["seconds"] > 0 < failed["cpu_seconds"]
    assert report["not_run"] == ["red-small-whistle", "red-small-bell+whistle"]
    assert (report["never"], report["undecided"]) == (
        ["copier.yml, exclusion 7:1, true"],
        ["copier.yml, exclusion 6:1"],
    )
    assert report["figures"]["rows_passed"] == 1
    assert "Something failed" in page
    assert "tests/test_bell.py::test_its_header_is_there" in page
    assert {
        suite.get("name"): [case.get("name") for case in suite if case.find("failure") is not None] for suite in suites
    } == {
        "red-small-nothing": [],
        "red-small-bell": ["tests", "test files"],
    }
