"""The figures of the last complete proof, as the README tells them: `python -m bastion.proof.report.readme`."""

import json
import re
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from textwrap import fill
from typing import Any

BEGIN, END = "<!-- proof: written by `python -m bastion.proof.report.readme` -->", "<!-- /proof -->"

_BLOCK = re.compile(re.escape(BEGIN) + r".*?" + re.escape(END), re.DOTALL)
_WIDTH = 126

_DIGITS = 12
"""So many of a fingerprint are told: enough to see that it is another one."""


def block(report: Mapping[str, Any]) -> str:
    """Return the README's block about a report."""
    figures = report["figures"]
    rows = f"{figures['rows_passed']:,} of {figures['rows']:,}"
    pairs = f"{figures['pairs_met']:,} of {figures['pairs']:,}"
    triples = f"{figures['triples_met']:,} of {figures['triples']:,}"
    said = (
        f"The last proof, of {_days(report)} on Python {report['python']}, was of the template {_identity(report)}."
        f" It knew {figures['combinations']:,} valid"
        f" combinations of answers.{_of_files(report)} {rows} rows passed: each a project of its own, installed,"
        f" linted, type-checked, tested and started. They bring {pairs} possible pairs of answers together and"
        f" {triples} triples, and ran {_tests(report)}. What was not tested, and why, is at the end of"
        " [its report](docs/proof.html)."
    )
    return "\n".join((BEGIN, "", fill(said, _WIDTH, break_on_hyphens=False), "", END))


def _days(report: Mapping[str, Any]) -> str:
    """Say on which days its rows were proven: a row that was shown before is as old as it is."""
    made = [row["made"] for row in report["rows"] if row["made"]] or [report["made"]]
    days = {f"{each.day} {each:%B %Y}": None for each in map(datetime.fromisoformat, sorted(made))}
    first, *_, last = (*days, *days)
    return first if len(days) == 1 else f"{first} to {last}"


def _identity(report: Mapping[str, Any]) -> str:
    """Name the very files that were proven: those of today may be others."""
    template = report["template"]
    return f"{template['version']} with the fingerprint `{template['fingerprint'][:_DIGITS]}`"


def _tests(report: Mapping[str, Any]) -> str:
    """Count the tests of all rows. Rows have most of them in common, so what one project has is said too."""
    figures = report["figures"]
    most = max((row["tests"] for row in report["rows"]), default=0)
    return f"{figures['tests_passed']:,} tests, up to {most:,} of one project, and skipped {figures['tests_skipped']:,}"


def _of_files(report: Mapping[str, Any]) -> str:
    figures, static = report["figures"], report["static"]
    if static is None:
        return ""
    read = "not all were read" if static["partial"] else "all were read"
    found = f"{figures['findings']:,} things were wrong" if figures["findings"] else "nothing was wrong"
    return f" Their files have {figures['renderings']:,} distinct renderings; {read}, and {found}."


def replaced(readme: str, report: Mapping[str, Any]) -> str:
    """Return the README with the block about a report. Raises ValueError if it has no such block."""
    if not _BLOCK.search(readme):
        raise ValueError(f"the README holds no {BEGIN} ... {END}")
    return _BLOCK.sub(lambda _: block(report), readme)


def main(root: Path) -> None:
    """Bring the README of a checkout up to date with its `docs/proof.json`."""
    readme = root / "README.md"
    report = json.loads((root / "docs" / "proof.json").read_text(encoding="utf-8"))
    readme.write_text(replaced(readme.read_text(encoding="utf-8"), report), encoding="utf-8")


if __name__ == "__main__":
    main(Path(*sys.argv[1:2]))
