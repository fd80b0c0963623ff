"""A report as SARIF 2.1.0, for code scanning."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from bastion.checking.findings import RULES, Finding, Report, Rule
from bastion.problems import INVALID_INPUT
from bastion.template import PUBLIC_URL
from bastion.versions import own_version
from bastion.visible import visible

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_HOME = PUBLIC_URL.removesuffix(".git")
_SEVERITY = "8.0"
"""The number that code scanning shows as high."""


def as_sarif(report: Report) -> str:
    """Write a report as one run of one tool.

    Args:
        report: The report of a check.
    """
    return _log(_invocation(report), results=[_result(finding, report) for finding in report.findings])


def as_failure(problems: Sequence[str]) -> str:
    """Write why there is no report, as one run of one tool.

    Args:
        problems: The problems that prevented the check.
    """
    errors = [{"level": "error", "message": {"text": visible(each)}} for each in problems]
    # The key `results` is left out: from an empty list code scanning would take every alert for fixed.
    return _log({"executionSuccessful": False, "exitCode": INVALID_INPUT, "toolExecutionNotifications": errors})


def _log(invocation: Mapping[str, Any], **results: Sequence[Any]) -> str:
    run = {
        "tool": {"driver": _driver()},
        "automationDetails": {"id": "bastion-check/"},
        "invocations": [invocation],
        **results,
        "columnKind": "unicodeCodePoints",
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def _driver() -> dict[str, Any]:
    return {
        "name": "bastion",
        "semanticVersion": own_version(),
        "informationUri": _HOME,
        "rules": [_rule(rule) for rule in RULES],
    }


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "name": "".join(word.capitalize() for word in rule.id.split("-")),
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": f"{rule.summary}."},
        "help": {"text": rule.help},
        "helpUri": f"{_HOME}#still-as-safe",
        "defaultConfiguration": {"level": "error"},
        "properties": {"tags": ["security"], "security-severity": _SEVERITY},
    }


def _invocation(report: Report) -> dict[str, Any]:
    """Say which questions were not answered: no result is not the same as a good result."""
    notes = [
        {"level": "note", "message": {"text": visible(f"Not checked: {each.what}, because {each.why}.")}}
        for each in report.not_checked
    ]
    return {"executionSuccessful": True, "toolExecutionNotifications": notes}


def _result(finding: Finding, report: Report) -> dict[str, Any]:
    stops = report.stops.get(finding.defence)
    told = f"{finding.defence}: {finding.what}. Remedy: {finding.remedy}." + (f" It stops {stops}." if stops else "")
    return {
        "ruleId": finding.rule.id,
        "ruleIndex": RULES.index(finding.rule),
        "level": finding.level.value,
        "message": {"text": visible(told)},
        "locations": [
            {
                "physicalLocation": {
                    # Code scanning looks for the path from the top of the repository.
                    "artifactLocation": {"uri": quote(str(report.place / finding.path), errors="surrogateescape")},
                    "region": {"startLine": finding.line or 1},
                }
            }
        ],
        # The same finding is the same alert, wherever in the file it has moved.
        "partialFingerprints": {"primaryLocationLineHash": _fingerprint(finding)},
    }


def _fingerprint(finding: Finding) -> str:
    parts = (finding.rule.id, finding.defence, finding.path, finding.what)
    return f"{hashlib.sha256(ascii(parts).encode()).hexdigest()[:16]}:1"
