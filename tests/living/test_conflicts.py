"""Where an edit and a change meet: both sides are there, nothing of the user's is lost, and the exit code says so."""

import re
import sys
from pathlib import Path

import pytest

from tests.living.conftest import Project
from tests.support.living import Living


def with_a_conflict(ours: Living) -> None:
    """Edit the line of the answers' place in `app/main.py` where the feature adds its own."""
    ours.replace("app/main.py", "    hosts.SLICE,\n    body_limit.SLICE,\n", "    hosts.SLICE,\n    ours.SLICE,\n")
    ours.commit()


def test_both_sides_are_shown_and_the_edit_stays(project: Project) -> None:
    ours = project()
    with_a_conflict(ours)

    finished = ours.bastion("add", "cors")

    assert finished.returncode == 1
    assert "    <<<<<<< before updating" in finished.stdout
    assert "        ours.SLICE," in finished.stdout
    assert "        cors.SLICE," in finished.stdout
    assert "git add -- app/main.py" in finished.stdout
    assert "    ours.SLICE,\n" in ours.read("app/main.py")
    assert {line.split()[2] for line in ours.git("ls-files", "--unmerged").splitlines()} == {"1", "2", "3"}
    assert ours.git("status", "--porcelain", "app/main.py").startswith("UU ")
    assert (ours.folder / "app/cors").is_dir()


@pytest.mark.skipif(sys.platform == "win32", reason="such names are none there")
def test_no_line_and_no_name_of_others_reaches_the_terminal_as_it_is(project: Project) -> None:
    """An escape sequence hides a line, or writes another; a name with a line break adds a command to copy."""
    ours = project()
    ours.replace("app/main.py", "    body_limit.SLICE,\n", "    our\u202es.SLICE,\n")
    ours.replace("pyproject.toml", "dependencies = [\n", 'dependencies = [\n    "own>=1\\u202e",\n')
    ours.write("app/own\u202e\nnext.py", "from app.rbac import service\n")
    ours.commit()

    finished = ours.bastion("set", "features=cors", "--yes-weaken")

    assert finished.returncode == 1
    assert finished.stdout.replace("\n", "").isprintable()
    assert "        our\\u202es.SLICE,\n" in finished.stdout
    assert "app/own\\u202e\\nnext.py" in finished.stdout


@pytest.mark.parametrize("moved_to", ["app/application.py", pytest.param(None, marks=pytest.mark.long)])
def test_a_change_to_a_file_that_was_moved_is_shown(project: Project, moved_to: str | None) -> None:
    """Otherwise `app/cors` would be there, and nothing would use it."""
    ours = project()
    if moved_to:
        ours.git("mv", "app/main.py", moved_to)
    else:
        (ours.folder / "app/main.py").rename(ours.folder / "main.py")
        (ours.folder / "app/main.py").symlink_to("../main.py")
    ours.git("rm", "--quiet", "AGENTS.md")
    ours.commit()

    before = ours.change("add", "cors", "--dry-run")
    said = ours.change("add", "cors")

    assert "renamed or deleted, which stay as they are: app/main.py\n" in before
    (command,) = re.findall("^  app/main.py\n    git (diff .+)$", said, re.MULTILINE)
    assert "+    cors.SLICE,\n" in ours.git(*command.split())
    assert "AGENTS.md" not in said


def test_a_conflict_can_be_joined_and_committed(project: Project) -> None:
    ours = project()
    with_a_conflict(ours)
    ours.bastion("add", "cors")

    text = ours.read("app/main.py")
    marks = ("<<<<<<< ", "=======", ">>>>>>> ")
    ours.write("app/main.py", "".join(line for line in text.splitlines(keepends=True) if not line.startswith(marks)))
    ours.git("add", "--", "app/main.py")
    ours.commit("with cors")

    assert ours.git("status", "--porcelain") == ""
    assert ours.change("add", "cors").startswith("Nothing to do")


def test_a_conflict_can_be_left(project: Project) -> None:
    ours = project()
    with_a_conflict(ours)
    before = ours.state
    ours.bastion("add", "cors")

    ours.git("reset", "--quiet", "--hard")

    assert ours.state == before


def test_a_dry_run_names_the_conflict_and_makes_none(project: Project) -> None:
    ours = project()
    with_a_conflict(ours)
    before = ours.state

    assert "It conflicts with edits of yours, and you will have to join both: app/main.py" in ours.change(
        "add", "cors", "--dry-run"
    )
    assert ours.state == before


def test_what_cannot_be_merged_as_text_is_kept_and_not_swallowed(project: Project) -> None:
    """Copier takes such a file from the template, and says nothing."""
    ours = project()
    ours.write("SECURITY.md", b"\0ours")
    ours.commit()

    finished = ours.bastion("add", "cors")

    assert finished.returncode == 1
    assert "yours was kept; to take the template's: git checkout --theirs -- SECURITY.md" in finished.stdout
    assert (ours.folder / "SECURITY.md").read_bytes() == b"\0ours"
    ours.git("checkout", "--theirs", "--", "SECURITY.md")
    assert "\0" not in ours.read("SECURITY.md")


def test_a_file_of_the_users_where_a_feature_brings_one(project: Project) -> None:
    ours = project()
    ours.write("app/cors/guard.py", '"""Ours."""\n')
    ours.commit()

    finished = ours.bastion("add", "cors")

    assert finished.returncode == 1
    assert '"""Ours."""\n' in ours.read("app/cors/guard.py")


def test_the_commands_for_conflicts_work_below_the_top_of_a_repository(project: Project, tmp_path: Path) -> None:
    ours = project()
    with_a_conflict(ours)
    ours.write("SECURITY.md", b"\0ours")
    ours.commit()
    whole = tmp_path / "whole"
    (whole / "services").mkdir(parents=True)
    (ours.folder / ".git").rename(whole / ".git")
    api = Living(ours.folder.rename(whole / "services/api"))
    api.git("add", "--all", str(whole))
    api.commit()

    finished = api.bastion("add", "cors")

    assert finished.returncode == 1, finished.stderr
    for command in (
        "git checkout --theirs -- :/services/api/SECURITY.md",
        "git add -- :/services/api/app/main.py :/services/api/SECURITY.md",
    ):
        assert f"{command}\n" in finished.stdout
        api.git(*command.split()[1:])
    assert api.git("ls-files", "--unmerged") == ""
