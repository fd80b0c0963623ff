"""The report as CI systems read it: a suite for each row, a case for each of its steps."""

from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree as ET

# XML knows no way to write these, and tools colour their output with one of them.
_UNWRITABLE = dict.fromkeys([*range(9), 11, 12, *range(14, 32)], "�")


def junit(report: Mapping[str, Any]) -> bytes:
    """Return the report as JUnit XML."""
    root = ET.Element("testsuites", name="bastion prove")
    if report["static"]:
        _static(root, report["static"])
    for row in report["rows"]:
        failed = [step for step in row["steps"] if not step["passed"]]
        suite = _suite(root, row["id"], tests=len(row["steps"]), failures=len(failed), seconds=row["seconds"])
        for step in row["steps"]:
            case = ET.SubElement(suite, "testcase", classname=row["id"], name=step["name"], time=str(step["seconds"]))
            if not step["passed"]:
                _fail(case, step["message"], f"{step['output']}\n\nagain: {row['again']}")
    ET.indent(root)
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _static(root: ET.Element, static: Mapping[str, Any]) -> None:
    findings = static["findings"]
    suite = _suite(root, "static", tests=max(1, len(findings)), failures=len(findings), seconds=static["seconds"])
    for finding in findings:
        case = ET.SubElement(suite, "testcase", classname=finding["check"], name=finding["file"])
        _fail(case, finding["message"], f"with {finding['answers']}")
    if not findings:
        ET.SubElement(suite, "testcase", classname="static", name="every combination", time=str(static["seconds"]))


def _suite(root: ET.Element, name: str, *, tests: int, failures: int, seconds: float) -> ET.Element:
    return ET.SubElement(
        root, "testsuite", name=name, tests=str(tests), failures=str(failures), errors="0", time=str(seconds)
    )


def _fail(case: ET.Element, message: str, text: str) -> None:
    failure = ET.SubElement(case, "failure", message=message.translate(_UNWRITABLE))
    failure.text = text.translate(_UNWRITABLE)
