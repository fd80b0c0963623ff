"""Whatever the owner has told git: a change is merged as without it, and nothing beside the project is touched."""

import os
import shutil
from pathlib import Path

import pytest
import yaml

from tests.living.conftest import Project
from tests.living.test_conflicts import with_a_conflict
from tests.support.commands import BASTION, environment, git, refused, succeed
from tests.support.living import Living

WORKFLOW = ".github/workflows/checks.yml"
CHECKED_OUT = "          persist-credentials: false\n"


def with_setting(name: str, value: str) -> dict[str, str]:
    return environment({"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": name, "GIT_CONFIG_VALUE_0": value})


def test_an_edit_stays_in_the_job_that_it_was_made_in(project: Project) -> None:
    """The jobs begin alike, and the change moves one to where the other was."""
    ours = project()
    before, here, after = ours.read(WORKFLOW).rpartition(CHECKED_OUT)
    ours.write(WORKFLOW, f"{before}{here}          fetch-depth: 0\n{after}")
    ours.commit()

    ours.change("set", "database=postgresql")

    jobs = yaml.safe_load(ours.read(WORKFLOW))["jobs"].items()
    assert [name for name, job in jobs if "fetch-depth" in job["steps"][0]["with"]] == ["audit"]


@pytest.mark.parametrize("how", ["fix", pytest.param("error", marks=pytest.mark.long)])
def test_blanks_at_the_end_of_a_line_are_kept(project: Project, how: str) -> None:
    ours = project()
    ours.write("README.md", f"{ours.read('README.md')}Ours.  \n")
    ours.commit()

    ours.change("add", "cors", env=with_setting("apply.whitespace", how))

    assert ours.read("README.md").endswith("Ours.  \n")


def test_files_that_are_ignored_everywhere_are_the_projects_all_the_same(project: Project, tmp_path: Path) -> None:
    ours = project()
    ours.write("AGENTS.md", f"{ours.read('AGENTS.md')}Ours.\n")
    ours.git("rm", "--quiet", ".vscode/settings.json")
    ours.commit()
    (tmp_path / "ignored").write_text(".vscode/\nAGENTS.md\n", encoding="utf-8")

    ours.change("add", "cors", env=with_setting("core.excludesFile", str(tmp_path / "ignored")))

    assert ours.read("AGENTS.md").endswith("Ours.\n")
    assert not (ours.folder / ".vscode/settings.json").exists()


def test_a_conflict_is_found_where_git_shows_no_untracked_files(project: Project) -> None:
    ours = project()
    with_a_conflict(ours)

    finished = ours.bastion("add", "cors", env=with_setting("status.showUntrackedFiles", "no"))

    assert finished.returncode == 1
    assert "    <<<<<<< before updating" in finished.stdout
    assert list(ours.folder.rglob("*.rej")) == []


def test_a_file_stays_executable_where_git_does_not_look_at_modes(project: Project) -> None:
    ours = project()
    ours.git("config", "core.fileMode", "false")
    ours.git("update-index", "--chmod=+x", "app/main.py")
    ours.git("commit", "--quiet", "--message=ours")

    ours.change("add", "cors")

    assert ours.git("ls-files", "--stage", "app/main.py").startswith("100755 ")


@pytest.mark.long
def test_submodules_stay_as_they_are(project: Project, template_repository: Path) -> None:
    ours = project()
    ours.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(template_repository), "theirs")
    ours.commit()

    ours.change("add", "cors", env=with_setting("submodule.recurse", "true"))

    assert ours.git("status", "--porcelain", "theirs") == ""
    assert (ours.folder / "theirs/copier.yml").exists()


@pytest.mark.long
def test_new_repositories_may_be_of_sha_256(tmp_path: Path) -> None:
    ours, env = Living(tmp_path / "project"), environment({"GIT_DEFAULT_HASH": "sha256"})
    succeed(*BASTION, "new", str(ours.folder), "--defaults", "--no-install", cwd=tmp_path, env=env)

    ours.change("add", "cors", env=env)

    assert (ours.folder / "app/cors").is_dir()


def test_a_repository_of_sha_256_is_refused(project: Project) -> None:
    ours = project()
    shutil.rmtree(ours.folder / ".git")
    ours.git("init", "--quiet", "--object-format=sha256")
    ours.commit()

    refused(ours.bastion("add", "cors"), "is a SHA-256 repository, and Copier needs SHA-1")


def with_other_line_ends_than_asked_for(ours: Living, path: str) -> None:
    """Commit a file as it is, and say only later how it ought to be: `git status` shows nothing."""
    ours.write(".gitattributes", "")
    ours.write(path, b"a\r\nb\r\n")
    os.utime(ours.folder / path, (0, 0))  # git looks into a file that is as new as its index
    ours.commit()
    ours.write(".gitattributes", "*.csv text eol=lf\n")
    ours.git("add", ".gitattributes")
    ours.git("commit", "--quiet", "--message=ours")


def test_files_beside_the_project_stay_as_they_are_committed(project: Project, tmp_path: Path) -> None:
    shutil.move(project().folder, tmp_path / "top" / "api")
    shutil.rmtree(tmp_path / "top" / "api" / ".git")
    git(tmp_path / "top", "init", "--quiet")
    with_other_line_ends_than_asked_for(Living(tmp_path / "top"), "data.csv")

    Living(tmp_path / "top" / "api").change("add", "cors")

    assert (tmp_path / "top" / "data.csv").read_bytes() == b"a\r\nb\r\n"
    assert "data.csv" not in git(tmp_path / "top", "diff", "--cached", "--name-only")
