"""`ci: github`: a rendered project's workflow is safe to run on a stranger's pull request, and its commands exist."""

import json
import re
import shlex
import shutil
import sys
import tomllib
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import Render
from tests.support.checkout import ROOT
from tests.support.combinations import Combination
from tests.support.commands import environment, run, succeed
from tests.support.trees import files

ZIZMOR = (str(Path(sys.executable).parent / "zizmor"), "--offline", "--no-progress")
ACTIONLINT = str(Path(sys.executable).parent / "actionlint")
WORKFLOW = ".github/workflows/checks.yml"
DATABASES, LIMITS = ("sqlite", "postgresql"), ("gateway", "redis")
VARIANTS = list(product(DATABASES, LIMITS))
"""The workflow depends on what needs a server, and on nothing else."""

SERVICES = {"postgresql": "TEST_DATABASE_URL", "redis": "TEST_REDIS_URL"}
DISTRIBUTIONS = {"cyclonedx-py": "cyclonedx-bom"}
LEAST = {"contents": "read"}
TRACES = re.compile(r"github|dependabot|bandit|pip-audit|cyclonedx|sbom", re.IGNORECASE)

each_variant = pytest.mark.parametrize("variant", VARIANTS, ids="-".join)


@pytest.fixture(scope="session")
def workflows(render: Render) -> dict[tuple[str, str], Path]:
    """Every distinct workflow, rendered; shared, so nobody may change it."""
    return {variant: render(answers("github", *variant)) for variant in VARIANTS}


def answers(ci: str, database: str, rate_limit: str) -> Combination:
    return {"ci": ci, "database": database, "rate_limit": rate_limit, "features": []}


def workflow_of(project: Path) -> dict[Any, Any]:
    return dict(yaml.safe_load((project / WORKFLOW).read_text(encoding="utf-8")))


def jobs_of(project: Path) -> dict[str, dict[str, Any]]:
    jobs: dict[str, dict[str, Any]] = workflow_of(project)["jobs"]
    return jobs


def steps_of(project: Path) -> list[dict[str, Any]]:
    return [step for job in jobs_of(project).values() for step in job["steps"]]


def declared_in(project: Path) -> dict[str, Any]:
    return tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))


Workflows = dict[tuple[str, str], Path]


@each_variant
def test_zizmor_finds_nothing(workflows: Workflows, variant: tuple[str, str]) -> None:
    finished = run(*ZIZMOR, ".", cwd=workflows[variant])

    assert finished.returncode == 0, finished.stdout


@each_variant
def test_what_zizmor_finds_at_its_strictest_is_the_tag_of_a_test_server(
    workflows: Workflows, variant: tuple[str, str]
) -> None:
    """Dependabot knows no images of services: a digest would keep a server with known holes for ever."""
    found = json.loads(run(*ZIZMOR, "--persona=auditor", "--format=json", ".", cwd=workflows[variant]).stdout)

    services = set(variant) & SERVICES.keys()
    assert [finding["ident"] for finding in found] == ["unpinned-images"] * len(services)


@each_variant
def test_actionlint_finds_nothing(workflows: Workflows, variant: tuple[str, str]) -> None:
    finished = run(ACTIONLINT, "-no-color", WORKFLOW, cwd=workflows[variant])

    assert finished.returncode == 0, finished.stdout


@each_variant
def test_every_action_is_pinned_to_a_commit_and_says_which_release_that_is(
    workflows: Workflows, variant: tuple[str, str]
) -> None:
    used = re.findall(r"^ +- uses: (.+)$", (workflows[variant] / WORKFLOW).read_text(encoding="utf-8"), re.MULTILINE)

    assert len(used) == len([step for step in steps_of(workflows[variant]) if "uses" in step])
    assert [line for line in used if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line)] == []
    assert {line.partition("@")[0] for line in used} == {
        "actions/checkout",
        "astral-sh/setup-uv",
        "actions/upload-artifact",
    }


def test_one_action_has_one_version(workflows: Workflows) -> None:
    used = {step["uses"] for project in workflows.values() for step in steps_of(project) if "uses" in step}

    assert len(used) == len({each.partition("@")[0] for each in used})


@each_variant
def test_a_job_may_read_the_repository_and_nothing_else(workflows: Workflows, variant: tuple[str, str]) -> None:
    project = workflows[variant]

    assert workflow_of(project)["permissions"] == {}
    assert [job["permissions"] for job in jobs_of(project).values()] == [LEAST] * 3
    checkouts = [step for step in steps_of(project) if step.get("uses", "").startswith("actions/checkout@")]
    assert [step["with"] for step in checkouts] == [{"persist-credentials": False}] * 3


@each_variant
def test_no_run_goes_on_for_ever_and_a_newer_one_takes_its_place(
    workflows: Workflows, variant: tuple[str, str]
) -> None:
    workflow = workflow_of(workflows[variant])

    assert all(job["timeout-minutes"] <= 30 for job in workflow["jobs"].values())
    assert workflow["concurrency"] == {"group": "checks-${{ github.ref }}", "cancel-in-progress": True}


def test_it_runs_for_every_change_and_every_day_as_the_documents_say(workflows: Workflows) -> None:
    for project in workflows.values():
        # YAML 1.1 reads the key `on` as true.
        triggers = workflow_of(project)[True]

        assert triggers.keys() == {"push", "pull_request", "schedule", "workflow_dispatch"}
        assert triggers["push"] == {"branches": ["main"]}
        assert re.fullmatch(r"\d+ \d+ \* \* \*", triggers["schedule"][0]["cron"])
        assert "the checks look every day" in (project / "SECURITY.md").read_text(encoding="utf-8")
        assert "push to `main`, and every day\n" in (project / "README.md").read_text(encoding="utf-8")


@each_variant
def test_nothing_that_a_stranger_writes_reaches_a_shell(workflows: Workflows, variant: tuple[str, str]) -> None:
    commands = [step["run"] for step in steps_of(workflows[variant]) if "run" in step]

    assert commands
    assert [command for command in commands if "${{" in command or "\n" in command] == []


@each_variant
def test_every_command_is_a_tool_that_the_project_installs(workflows: Workflows, variant: tuple[str, str]) -> None:
    groups = {
        name: {re.split(r"[\[<>=]", each)[0] for each in requirements}
        for name, requirements in declared_in(workflows[variant])["dependency-groups"].items()
    }
    for words in (shlex.split(step["run"]) for step in steps_of(workflows[variant]) if "run" in step):
        assert words[0] == "uv"
        if words[1] == "run":
            group = "ci" if words[2:5] == ["--isolated", "--only-group", "ci"] else "dev"
            tool = words[5] if group == "ci" else words[2]
            assert DISTRIBUTIONS.get(tool, tool) in groups[group], tool


def test_it_runs_the_checks_that_the_project_names(workflows: Workflows) -> None:
    for project in workflows.values():
        commands = " | ".join(step["run"] for step in steps_of(project) if "run" in step)
        named = re.findall(r"`((?:ruff|pyrefly) [a-z]+)`", (project / "AGENTS.md").read_text(encoding="utf-8"))

        assert {"ruff check", "ruff format", "pyrefly check"} == set(named)
        for command in (*named, "pytest", "bandit", "pip-audit --strict", "cyclonedx-py"):
            assert command in commands


@each_variant
def test_the_oldest_python_is_the_one_that_the_project_promises(workflows: Workflows, variant: tuple[str, str]) -> None:
    oldest, newest = jobs_of(workflows[variant])["tests"]["strategy"]["matrix"]["python"]

    assert declared_in(workflows[variant])["project"]["requires-python"] == f">={oldest}"
    assert tuple(map(int, newest.split("."))) > tuple(map(int, oldest.split(".")))


@each_variant
def test_a_server_is_there_exactly_where_the_tests_need_it(workflows: Workflows, variant: tuple[str, str]) -> None:
    tests = jobs_of(workflows[variant])["tests"]
    needed = set(variant) & SERVICES.keys()

    assert set(tests.get("services", {})) == needed
    assert set(tests.get("env", {})) == {SERVICES[name] for name in needed}
    for name in needed:
        support = (workflows[variant] / "tests" / "support" / f"{name}.py").read_text(encoding="utf-8")
        (port, _) = tests["services"][name]["ports"][0].split(":")
        assert SERVICES[name] in support
        assert re.search(rf"[/@]localhost:{port}(/|$)", tests["env"][SERVICES[name]])
    assert ("services" in tests, "env" in tests) == (bool(needed), bool(needed))


def test_the_database_of_the_tests_is_one_for_tests(workflows: Workflows) -> None:
    tests = jobs_of(workflows["postgresql", "gateway"])["tests"]

    assert tests["env"]["TEST_DATABASE_URL"].endswith("/app_test")
    assert tests["services"]["postgresql"]["env"]["POSTGRES_DB"] == "app_test"


@each_variant
def test_updates_are_proposed_when_they_are_a_week_old(workflows: Workflows, variant: tuple[str, str]) -> None:
    config = yaml.safe_load((workflows[variant] / ".github" / "dependabot.yml").read_text(encoding="utf-8"))

    assert {update["package-ecosystem"] for update in config["updates"]} == {"uv", "github-actions"}
    assert [update["cooldown"] for update in config["updates"]] == [{"default-days": 7}] * 2


def test_bandit_is_told_the_same_here_and_there(workflows: Workflows) -> None:
    here = yaml.safe_load((ROOT / "tests" / "combinations" / "bandit.yaml").read_text(encoding="utf-8"))

    for project in workflows.values():
        assert declared_in(project)["tool"]["bandit"] == here
        assert [line for line in skipped_by(project) if not re.search(r'^ +"B\d+", # .', line)] == []


def skipped_by(project: Path) -> list[str]:
    lines = (project / "pyproject.toml").read_text(encoding="utf-8").partition("[tool.bandit]")[2].splitlines()
    found = [line for line in lines if line.startswith("    ")]
    assert found
    return found


def test_the_audit_runs(workflows: Workflows, tmp_path: Path) -> None:
    """Each command as it stands, but for the question to the advisory service, which tests do not ask."""
    project = tmp_path / "project"
    shutil.copytree(workflows["sqlite", "gateway"], project)
    variables = environment({"UV_LOCKED": workflow_of(project)["env"]["UV_LOCKED"], "UV_PYTHON": sys.executable})
    succeed("uv", "lock", "--quiet", cwd=project, env={**variables, "UV_LOCKED": "0"})

    for step in jobs_of(project)["audit"]["steps"]:
        if "run" in step:
            asks_nobody = ["--dry-run"] if "pip-audit" in step["run"] else []
            succeed(*shlex.split(step["run"]), *asks_nobody, cwd=project, env=variables)

    bill = json.loads((project / "sbom.cdx.json").read_text(encoding="utf-8"))
    names = {component["name"].lower() for component in bill["components"]}
    assert {"fastapi", "sqlalchemy", "pyjwt", "cryptography", "uvicorn"} <= names
    assert names.isdisjoint({"pytest", "bandit", "pip-audit", "ruff"})


def test_nowhere_yet_leaves_no_trace(render: Render) -> None:
    project = render(answers("none", "postgresql", "redis"))

    traces = [
        (path, TRACES.findall(path + content.decode("utf-8", "ignore")))
        for path, content in files(project).items()
        if path not in {".copier-answers.yml", "app/accounts/common_passwords.txt"}
    ]
    assert [trace for trace in traces if trace[1]] == []
