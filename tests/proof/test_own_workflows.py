"""The workflows of this repository: safe to run on a stranger's pull request, and their commands exist."""

import re
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.checkout import ROOT
from tests.support.commands import bastion, run

FOLDER = ROOT / ".github" / "workflows"
WORKFLOWS = sorted(FOLDER.glob("*.yml"))
SCRIPTS = Path(sys.executable).parent

each_workflow = pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)


def _content(workflow: Path) -> dict[Any, Any]:
    return dict(yaml.safe_load(workflow.read_text(encoding="utf-8")))


def test_there_are_checks_a_nightly_run_and_a_weekly_one() -> None:
    assert [path.stem for path in WORKFLOWS] == ["checks", "nightly", "weekly"]


def test_zizmor_finds_nothing() -> None:
    command = (str(SCRIPTS / "zizmor"), "--offline", "--no-progress", "--pedantic", ".github")

    found = run(*command, cwd=ROOT)

    assert found.returncode == 0, found.stdout + found.stderr


def test_actionlint_finds_nothing(tmp_path: Path) -> None:
    """It looks for a repository around the files that it is given."""
    shutil.copytree(FOLDER, tmp_path / ".github" / "workflows")
    (tmp_path / ".git").mkdir()

    found = run(str(SCRIPTS / "actionlint"), cwd=tmp_path)

    assert found.returncode == 0, found.stdout + found.stderr


@each_workflow
def test_nothing_is_allowed_but_to_read(workflow: Path) -> None:
    content = _content(workflow)

    assert content["permissions"] == {}
    assert {str(job["permissions"]) for job in content["jobs"].values()} == {"{'contents': 'read'}"}
    assert all("timeout-minutes" in job for job in content["jobs"].values())


@each_workflow
def test_every_action_is_pinned_by_its_commit_and_says_its_version(workflow: Path) -> None:
    uses = re.findall(r"uses: (.+)", workflow.read_text(encoding="utf-8"))

    assert uses
    assert [each for each in uses if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", each)] == []


@each_workflow
def test_every_command_is_one(workflow: Path) -> None:
    commands = re.findall(r"uv run bastion (\w+) ([^\n)]*)", workflow.read_text(encoding="utf-8"))
    helps = {name: bastion(name, "--help", cwd=ROOT).stdout for name, _ in commands}

    assert commands
    for name, rest in commands:
        assert [flag for flag in re.findall(r"--[a-z-]+", rest) if flag not in helps[name]] == []


@pytest.mark.parametrize("name", ["checks", "nightly"])
def test_the_rows_of_a_job_are_rows_of_the_matrix_that_made_it(name: str) -> None:
    strengths = re.findall(r"bastion \w+ --strength (\d)", (FOLDER / f"{name}.yml").read_text(encoding="utf-8"))

    assert len(strengths) >= 2
    assert len(set(strengths)) == 1


def test_what_one_job_leaves_out_because_it_takes_long_another_one_runs() -> None:
    run_by = {
        name: [step["run"] for step in job["steps"] if "run" in step]
        for name, job in _content(FOLDER / "checks.yml")["jobs"].items()
    }

    assert run_by["tests"] == [".ci/run"]
    assert re.findall(r"pytest.*", (ROOT / ".ci" / "run").read_text(encoding="utf-8"))[-1] == 'pytest -m "not long"'
    assert run_by["long"] == ["uv run pytest -m long"]


def test_the_weekly_run_leaves_no_share_of_all_combinations_out() -> None:
    (job,) = _content(FOLDER / "weekly.yml")["jobs"].values()
    shards = job["strategy"]["matrix"]["shard"]

    assert shards == [f"{number}/{len(shards)}" for number in range(1, len(shards) + 1)]
    assert any('prove --all --shard "$SHARD"' in step.get("run", "") for step in job["steps"])


def test_a_push_a_pull_request_and_each_night_run_what_they_are_for() -> None:
    """`on` is a word that YAML takes for true."""
    triggers = {path.stem: _content(path)[True] for path in WORKFLOWS}

    assert triggers["checks"].keys() >= {"push", "pull_request"}
    assert triggers["checks"]["push"]["branches"] == ["main"]
    night, week = (triggers[name]["schedule"][0]["cron"].split()[2:] for name in ("nightly", "weekly"))
    assert night == ["*", "*", "*"]
    assert week[:2] == ["*", "*"]


@pytest.mark.parametrize("name", ["checks", "nightly"])
def test_there_is_a_job_for_each_row_that_the_matrix_lists(name: str) -> None:
    jobs = _content(FOLDER / f"{name}.yml")["jobs"]

    assert jobs["matrix"]["outputs"] == {"rows": "${{ steps.matrix.outputs.rows }}"}
    assert "bastion matrix" in jobs["matrix"]["steps"][-1]["run"]
    assert jobs["rows"]["needs"] == "matrix"
    assert jobs["rows"]["strategy"]["matrix"] == "${{ fromJSON(needs.matrix.outputs.rows) }}"
    proving = [step for step in jobs["rows"]["steps"] if "bastion prove" in step.get("run", "")]
    assert proving
    assert [step for step in proving if step["env"]["SHARD"] != "${{ matrix.shard }}"] == []
    assert [step for step in proving if '--shard "$SHARD"' not in step["run"]] == []


def test_every_combination_is_read_and_rows_are_proven_before_a_merge() -> None:
    reading = [step.get("run", "") for step in _content(FOLDER / "checks.yml")["jobs"]["read"]["steps"]]
    here = re.findall(r"^uv run bastion prove.*$", (ROOT / ".ci" / "run").read_text(encoding="utf-8"), re.MULTILINE)

    assert any("bastion prove --static" in command for command in reading)
    assert ["--static" in command for command in here] == [True, False]
