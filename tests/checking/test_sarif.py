"""The report as code scanning reads it."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.checking.advisories import ADVISORY, list_in
from tests.checking.checked import ANSWERS_FILE, UNTRUSTED, Checked
from tests.support.commands import BASTION, failed, started
from tests.support.terminal import in_a_terminal

# As OASIS publishes it, unchanged: sarif-2.1/schema/sarif-schema-2.1.0.json of github.com/oasis-tcs/sarif-spec.
SCHEMA = Path(__file__).with_name("sarif-schema-2.1.0.json")


def _sarif(project: Checked, *flags: str) -> dict[str, Any]:
    finished = project.check("--sarif", *(flags or UNTRUSTED))
    report: dict[str, Any] = json.loads(finished.stdout)
    jsonschema.validate(report, json.loads(SCHEMA.read_text(encoding="utf-8")))
    (run,) = report["runs"]
    assert finished.returncode == (1 if run["results"] else 0)
    return dict(run)


def _uri(result: dict[str, Any]) -> str:
    return str(result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"])


def _everything_wrong(project: Checked) -> None:
    (project.folder / "app" / "asgi.py").unlink()
    project.edit("app/core/keys.py", "import", "import ")
    project.edit("app/main.py", "    rbac.SLICE,\n", "")
    project.edit("pyproject.toml", "starlette>=1.10", "starlette")
    project.write("jwt file #1.py", "")
    project.write("app/core/Keys %41.py", "")
    project.write("jwt.py", "")
    project.answer(mfa=True)


def test_a_check_that_was_not_possible_is_no_run_without_results(project: Checked) -> None:
    """Of an empty list code scanning would take every alert for mended."""
    (project.folder / ANSWERS_FILE).unlink()

    finished = project.check("--sarif", *UNTRUSTED)

    report = json.loads(finished.stdout)
    jsonschema.validate(report, json.loads(SCHEMA.read_text(encoding="utf-8")))
    (run,) = report["runs"]
    (invocation,) = run["invocations"]
    (notification,) = invocation["toolExecutionNotifications"]
    assert (finished.returncode, invocation["exitCode"]) == (2, 2)
    assert not invocation["executionSuccessful"]
    assert notification["level"] == "error"
    assert "go into a project that `bastion new` made" in notification["message"]["text"]
    assert "results" not in run
    assert failed(finished) == f"bastion: {notification['message']['text']}\n"


def test_a_clean_project_has_no_results(project: Checked) -> None:
    run = _sarif(project)

    assert run["results"] == []
    assert [each["message"]["text"] for each in run["invocations"][0]["toolExecutionNotifications"]] == [
        "Not checked: settings, because --no-run was given, so no code of the project was run."
    ]


def test_every_kind_of_finding_has_its_rule_place_and_fingerprint(project: Checked, tmp_path: Path) -> None:
    _everything_wrong(project)

    run = _sarif(project, "--no-run", "--advisories", str(list_in(tmp_path, ADVISORY)))

    rules = run["tool"]["driver"]["rules"]
    results = run["results"]
    assert {rule["id"] for rule in rules} - {each["ruleId"] for each in results} == {"unsafe-setting"}
    assert all(rule["help"]["text"] and rule["properties"]["tags"] == ["security"] for rule in rules)
    for result in results:
        place = result["locations"][0]["physicalLocation"]
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert place["region"]["startLine"] >= 1
        assert not place["artifactLocation"]["uri"].startswith(("/", "file:"))
    fingerprints = [each["partialFingerprints"]["primaryLocationLineHash"] for each in results]
    assert len(set(fingerprints)) == len(results)


def test_the_line_is_the_one_that_differs(project: Checked) -> None:
    lines = project.text("app/core/keys.py").splitlines(keepends=True)
    project.write("app/core/keys.py", "".join([*lines[:6], "# weaker\n", *lines[6:]]))

    (result,) = _sarif(project)["results"]

    assert result["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "app/core/keys.py"},
        "region": {"startLine": 7},
    }


@pytest.mark.parametrize("mark", [Path.mkdir, Path.touch], ids=["a repository", "a worktree or a submodule"])
def test_a_place_below_the_top_of_a_repository_is_told_from_there(
    project: Checked, tmp_path: Path, mark: Callable[[Path], object]
) -> None:
    """Code scanning takes it so; and no git is asked, whom a hostile project could have run something."""
    project.edit("app/main.py", "    rbac.SLICE,\n", "")
    (alone,) = _sarif(project)["results"]
    mark(tmp_path / ".git")
    (tmp_path / "services #1").mkdir()
    below = Checked(project.folder.rename(tmp_path / "services #1" / "api"))
    (told,) = _sarif(below)["results"]

    assert _uri(alone) == "app/main.py"
    assert _uri(told) == "services%20%231/api/app/main.py"
    assert told["partialFingerprints"] == alone["partialFingerprints"]
    assert [each["path"] for each in below.report()["findings"]] == ["app/main.py"]


def test_a_project_that_is_a_repository_is_told_from_its_own_top(project: Checked, tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (project.folder / ".git").mkdir()
    project.edit("app/main.py", "    rbac.SLICE,\n", "")

    assert _uri(_sarif(project)["results"][0]) == "app/main.py"


def test_a_finding_that_moves_stays_the_same_alert(project: Checked) -> None:
    project.edit("app/main.py", "    rbac.SLICE,\n", "")
    (before,) = _sarif(project)["results"]
    project.edit("app/main.py", "TITLE =", "OWN = 1\n\n\nTITLE =")
    (after,) = _sarif(project)["results"]

    assert before["locations"] != after["locations"]
    assert before["partialFingerprints"] == after["partialFingerprints"]


@pytest.mark.parametrize("form", [(), ("--json",), ("--sarif",)])
def test_the_exit_code_is_the_same_in_every_form(project: Checked, form: tuple[str, ...]) -> None:
    project.edit("app/core/keys.py", "import", "import ")

    assert project.check(*UNTRUSTED, *form).returncode == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no disk that is always full")
@pytest.mark.parametrize("form", [(), ("--json",), ("--sarif",)])
def test_a_report_that_nobody_can_read_is_no_finding(project: Checked, form: tuple[str, ...]) -> None:
    command = ("sh", "-c", 'exec "$@" > /dev/full', "sh", *BASTION, "check", *UNTRUSTED, *form)

    failed(started(*command, cwd=project.folder), "(No space left on device): free some space there")


def test_how_bad_a_finding_is_reaches_code_scanning(project: Checked, tmp_path: Path) -> None:
    """A warning is a result, and the exit code says so."""
    advisories = list_in(tmp_path, ADVISORY, {**ADVISORY, "id": "BASTION-2026-002", "severity": "low"})

    run = _sarif(project, "--no-run", "--advisories", str(advisories))

    assert [each["level"] for each in run["results"]] == ["error", "warning"]


def test_a_warning_alone_is_no_good_answer(project: Checked, tmp_path: Path) -> None:
    run = _sarif(project, "--no-run", "--advisories", str(list_in(tmp_path, {**ADVISORY, "severity": "moderate"})))

    assert [each["level"] for each in run["results"]] == ["warning"]


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are a Unix thing")
@pytest.mark.parametrize("form", ["--json", "--sarif"])
def test_machines_read_no_colours_whatever_they_read_through(project: Checked, form: str) -> None:
    shown = in_a_terminal("check", str(project.folder), form, *UNTRUSTED)

    assert json.loads(shown) == json.loads(project.check(form, *UNTRUSTED).stdout)
