"""Where a project may lie, and what happens to two that want the same place."""

import sys
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path

import pytest

from bastion.destination import Destination
from bastion.problems import Problem
from tests.support.commands import BASTION, environment, failed, git, run, succeed
from tests.support.gits import git_that_afterwards
from tests.support.sandboxes import Sandbox
from tests.support.trees import files_without_secret

if sys.platform == "win32":
    pytest.skip("there some of these names are taken by the system, and sh is missing", allow_module_level=True)

NEW = ("new", "--defaults", "--no-install")
PATIENCE_SECONDS = 120
MANAGE = ("uv", "run", "--quiet", "python", "-m", "app.manage")
AWKWARD = 'it\'s "so" & ünï çö 中 🎤; #1 $HOME (x) back\\slash [a]{b} c?d* @ ! = ,'
WORKING = {
    "a leading dash": "-api",
    "two dashes": "--",
    "a word of the template": "app",
    "a word of Windows": "con",
    "a tilde that is no home": "./~api",
    "spaces around": " api ",
    "the longest": "x" * 255,
}
# What keeps a project from working, and what it is said to do.
REFUSED = {
    "uv takes for the end of the path": "a:b",
    "Alembic takes for the start of a variable": "a%20b",
    "choose a shorter path": "x" * 256,
    "is not empty": "new/..",
}


@pytest.mark.parametrize("name", WORKING.values(), ids=WORKING)
def test_a_project_works_under_any_name(tmp_path: Path, environments: Path, name: str) -> None:
    """Its dependencies are installed elsewhere, to be quick."""
    succeed(*BASTION, *NEW, "--", name, cwd=tmp_path)
    project = tmp_path / name

    env = environment({"UV_PROJECT_ENVIRONMENT": str(environments / "names")})
    migrated = run(*MANAGE, "migrate", cwd=project, env=env)

    assert migrated.returncode == 0, migrated.stderr
    assert (project / "app.db").exists()
    assert git(project, "status", "--porcelain") == "?? uv.lock\n"


@pytest.mark.long
def test_a_project_works_in_a_place_with_an_awkward_name(tmp_path: Path) -> None:
    succeed(*BASTION, "new", f"{AWKWARD}/{AWKWARD}", "--defaults", cwd=tmp_path)
    project = tmp_path / AWKWARD / AWKWARD

    succeed(*MANAGE, "migrate", cwd=project)
    succeed("uv", "run", "pytest", "-q", "tests/core", "tests/notes", cwd=project)

    assert git(project, "status", "--porcelain") == ""


@pytest.mark.parametrize(("reason", "name"), REFUSED.items(), ids=REFUSED)
def test_a_place_where_no_project_works(tmp_path: Path, reason: str, name: str) -> None:
    place = Sandbox.below(tmp_path)
    (place.home / "mine").touch()

    failed(place.run(*NEW, name), reason)

    assert [path.name for path in place.home.iterdir()] == ["mine"]
    assert list(place.temporary.iterdir()) == []


def test_the_folder_above_is_no_place_even_through_a_folder_that_is_missing(tmp_path: Path) -> None:
    place = Sandbox.below(tmp_path)

    finished = place.run(*NEW, "missing/../project")

    assert finished.returncode == 0, finished.stderr
    assert [path.name for path in place.home.iterdir()] == ["project"]


def test_a_drive_that_there_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on Windows: not even the topmost folder above the destination is there."""
    monkeypatch.setattr("os.path.lexists", lambda _: False)
    destination = Destination(Path("/project").absolute(), exists=False)

    with pytest.raises(Problem, match="choose a destination on a drive that exists"), destination.staging():
        pass


def git_that_waits_for_another(folder: Path) -> dict[str, str]:
    """Let two runs reach the end of their rendering, and move into place at the same moment."""
    waiting = folder / "waiting"
    waiting.mkdir()
    both = f"""touch "{waiting}/$$"; while [ "$(ls "{waiting}" | wc -l)" -lt 2 ]; do sleep 0.01; done"""
    return git_that_afterwards(both, folder)


@pytest.mark.parametrize("time", range(3))
def test_of_two_runs_that_end_at_once_one_wins(tmp_path: Path, time: int) -> None:
    place, alone = Sandbox.below(tmp_path / "two"), Sandbox.below(tmp_path / "alone")
    both_wait = git_that_waits_for_another(tmp_path)
    features = ("features=[]", "features=[rbac]") if time % 2 else ("features=[rbac]", "features=[]")

    with ThreadPoolExecutor(2) as pool:
        ends = list(pool.map(lambda choice: place.run(*NEW, "project", "--data", choice, env=both_wait), features))

    winner = [end.returncode for end in ends].index(0)
    failed(ends[1 - winner], "project", "see what appeared there, and retry")
    assert alone.run(*NEW, "project", "--data", features[winner]).returncode == 0
    assert files_without_secret(place.home / "project") == files_without_secret(alone.home / "project")
    assert git(place.home / "project", "status", "--porcelain") == ""
    assert list(place.temporary.iterdir()) == []


def test_of_two_runs_in_one_empty_folder_one_wins_at_once(tmp_path: Path) -> None:
    """It is not replaced, because it may be a mount; so the files of two runs could mix there."""
    place, alone = Sandbox.below(tmp_path / "two"), Sandbox.below(tmp_path / "alone")
    (place.home / "project").mkdir()
    other_has_ended = tmp_path / "other-has-ended"
    waits = git_that_afterwards(f'while [ ! -e "{other_has_ended}" ]; do sleep 0.01; done', tmp_path)

    with ThreadPoolExecutor(2) as pool:
        runs = [pool.submit(place.run, *NEW, "project", env=waits) for _ in range(2)]
        wait(runs, PATIENCE_SECONDS, FIRST_COMPLETED)
        loser, winner = sorted(runs, key=Future.done, reverse=True)
        were_at_work = not winner.done()
        other_has_ended.touch()

    assert were_at_work
    failed(loser.result(), "another `bastion` is at work in", "let it end, or remove")
    assert winner.result().returncode == 0
    assert alone.run(*NEW, "project").returncode == 0
    assert files_without_secret(place.home / "project") == files_without_secret(alone.home / "project")
    assert git(place.home / "project", "status", "--porcelain") == ""
