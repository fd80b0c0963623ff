"""A report, written for people and as JSON."""

import json
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from bastion.checking.findings import Finding, Level, Report
from bastion.visible import visible


def as_text(report: Report) -> str:
    """Write a report for people: a line for each finding, the changes, and a summary with what was not checked.

    Args:
        report: The report of a check.
    """
    return "\n".join([*map(_line, report.findings), *_changes(report), *_summary(report)])


def _line(finding: Finding) -> str:
    note = "note: " if finding.level is Level.NOTE else ""
    place = f"{finding.path}:{finding.line}" if finding.line else finding.path
    return visible(f"{finding.defence}: {place}: {note}{finding.what}; {finding.remedy}")


def _changes(report: Report) -> Iterator[str]:
    """Show the changes by defence, and each file once, however many findings it has."""
    changed = sorted((each for each in report.findings if each.diff), key=lambda each: each.defence)
    shown: set[str] = set()
    for defence, findings in groupby(changed, key=lambda each: each.defence):
        yield f"\n{defence} stops {report.stops[defence]}."
        for finding in findings:
            if finding.path not in shown:
                shown.add(finding.path)
                yield from ("", f"    --- the template's {finding.path}", f"    +++ {visible(finding.path)}")
                yield from (f"    {line}" for line in finding.diff)


def _summary(report: Report) -> Iterator[str]:
    if report.findings:
        yield ""
    for each in report.not_checked:
        yield visible(f"Not checked: {each.what}, because {each.why}.")
    if report.stops:
        off = f"; not in this project: {', '.join(report.off)}" if report.off else ""
        yield f"Compared with {visible(report.ref)} of the template. Defences: {', '.join(report.stops)}{off}."
    if report.advisories:
        yield visible(f"Advisories: {report.advisories}.")
    yield _verdict(report)


def _verdict(report: Report) -> str:
    notes = sum(each.level is Level.NOTE for each in report.findings)
    count = len(report.findings) - notes
    findings = f"{count or 'No'} finding{'' if count == 1 else 's'}"
    return f"{findings}, and {notes} note{'' if notes == 1 else 's'}." if notes else f"{findings}."


def as_json(report: Report) -> str:
    """Write a report for machines.

    Args:
        report: The report of a check.
    """
    return json.dumps(
        {
            "template": {"src": report.src, "version": report.ref},
            "clean": report.is_clean,
            "defences": {"on": list(report.stops), "off": report.off},
            "advisories": report.advisories,
            "findings": [_as_data(finding) for finding in report.findings],
            "not_checked": [{"what": each.what, "why": visible(each.why)} for each in report.not_checked],
        },
        indent=2,
    )


def _as_data(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule.id,
        "level": finding.level.value,
        "defence": finding.defence,
        "path": finding.path,
        "line": finding.line,
        "what": visible(finding.what),
        "remedy": visible(finding.remedy),
        "diff": list(finding.diff),
    }
