"""`bastion update` across versions of the template, beside plain `copier update`."""

import re
import shutil
from pathlib import Path

import pytest
import yaml

from tests.living.conftest import Project
from tests.support.checkout import PUBLIC_URL, commit_and_tag, copy_of_the_template, tagged_repository
from tests.support.commands import BASTION, COPIER, environment, failed, git, refused, succeed
from tests.support.gits import led_from
from tests.support.living import BARE, Living, published_at
from tests.support.trees import files

OLD = "v0.0.9"
ANSWERS = ".copier-answers.yml"


@pytest.fixture(scope="module")
def versions(tmp_path_factory: pytest.TempPathFactory, version_tag: str) -> Path:
    """The public repository with an older version, this one, and a newer one.

    The older one asked a question less, lacked a file, had one more, and said something else in a third.
    """
    repository = copy_of_the_template(tmp_path_factory.mktemp("versions"))
    git(repository, "init", "--quiet", "--initial-branch=main")
    now = {
        path: (repository / path).read_text(encoding="utf-8") for path in ("copier.yml", "template/app/core/clock.py")
    }
    _write(repository / "copier.yml", _without_a_question(now["copier.yml"]))
    _write(repository / "template/app/core/clock.py", f"# Old.\n{now['template/app/core/clock.py']}")
    (repository / "template/AGENTS.md").rename(repository / "AGENTS.md")
    _write(repository / "template/OLD.md", "What is gone today.\n")
    commit_and_tag(repository, OLD)
    for path, text in now.items():
        _write(repository / path, text)
    (repository / "AGENTS.md").rename(repository / "template/AGENTS.md")
    (repository / "template/OLD.md").unlink()
    commit_and_tag(repository, version_tag)
    return repository


def _without_a_question(copier_yml: str) -> str:
    without, count = re.subn(r"^ci:\n(?:  .*\n)+", "", copier_yml, flags=re.MULTILINE)
    assert count == 1
    return without.replace("\"{{ ci == 'github' }}\"", "true")


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


@pytest.fixture
def old(versions: Path, tmp_path: Path) -> Living:
    """A project of the older version, with edits."""
    ours = Living(tmp_path / "project")
    succeed(*BASTION, "new", str(ours.folder), *BARE, "--ref", OLD, cwd=tmp_path, env=published_at(versions))
    ours.write("app/core/clock.py", ours.read("app/core/clock.py") + "# ours\n")
    ours.write("app/greetings/__init__.py", '"""Ours."""\n')
    ours.commit()
    return ours


AS_THE_README_HAS_IT = ("--context-lines", "1000000")


def test_it_brings_a_later_version_and_keeps_edits_as_copier_alone_does(
    old: Living, versions: Path, tmp_path: Path, version_tag: str
) -> None:
    by_copier = Living(tmp_path / "by copier")
    shutil.copytree(old.folder, by_copier.folder)

    said = old.change("update", env=published_at(versions))
    succeed(*COPIER, "update", "--defaults", *AS_THE_README_HAS_IT, cwd=by_copier.folder, env=published_at(versions))

    assert files(old.folder) == files(by_copier.folder)
    assert f"version       {OLD} -> {version_tag}" in said
    assert "ci: unanswered -> github" in said
    assert yaml.safe_load(old.read(ANSWERS))["_commit"] == version_tag
    assert (old.folder / "AGENTS.md").exists()
    assert not (old.folder / "OLD.md").exists()
    assert old.read("app/core/clock.py").startswith('"""')
    assert old.read("app/core/clock.py").endswith("# ours\n")


@pytest.mark.long
def test_where_both_changed_a_line_both_sides_are_there_as_with_copier_alone(
    old: Living, versions: Path, tmp_path: Path
) -> None:
    old.replace("app/core/clock.py", "# Old.\n", "# Old, and ours.\n")
    old.commit()
    by_copier = Living(tmp_path / "by copier")
    shutil.copytree(old.folder, by_copier.folder)

    finished = old.bastion("update", env=published_at(versions))
    succeed(*COPIER, "update", "--defaults", *AS_THE_README_HAS_IT, cwd=by_copier.folder, env=published_at(versions))

    assert finished.returncode == 1
    assert "    # Old, and ours." in finished.stdout
    assert files(old.folder) == files(by_copier.folder)
    assert old.git("ls-files", "--unmerged") == by_copier.git("ls-files", "--unmerged")


def test_a_feature_is_added_in_the_version_that_the_project_has(old: Living, versions: Path) -> None:
    old.change("add", "cors", env=published_at(versions))

    assert yaml.safe_load(old.read(ANSWERS))["_commit"] == OLD
    assert (old.folder / "app/cors").is_dir()
    assert (old.folder / "OLD.md").exists()


def test_an_update_that_cannot_be_fetched_changes_nothing(old: Living, versions: Path) -> None:
    before = old.state

    finished = old.bastion("update", "--ref", "v0.0.10", env=published_at(versions))

    refused(finished, "v0.0.10")
    assert old.state == before


def test_a_version_that_cannot_be_fetched_is_named(project: Project, tmp_path: Path) -> None:
    """Not only the one that the project has, which would have to be fetched too."""
    ours = project()
    offline = environment(led_from(PUBLIC_URL, (tmp_path / "gone").as_uri()))

    finished = ours.bastion("update", "--ref", "v9.9.9", env=offline)

    refused(finished, "v9.9.9 is wanted, which has to be fetched, and that failed", f"see that {PUBLIC_URL} can be")


@pytest.mark.parametrize("ref", ["main", "HEAD", "0123456789abcdef0123456789abcdef01234567"])
def test_what_is_no_release_is_no_update(project: Project, ref: str) -> None:
    """A clone from GitHub also holds commits of strangers' pull requests, and no later command takes such a project."""
    ours = project()
    before = ours.state

    refused(ours.bastion("update", "--ref", ref), f"{ref} is no release of the template", "--template")
    assert ours.state == before


def test_an_older_version_is_no_update(project: Project, versions: Path) -> None:
    ours = project()
    before = ours.state

    finished = ours.bastion("update", "--ref", OLD, env=published_at(versions))

    refused(finished, "downgrading")
    assert ours.state == before


def test_a_version_newer_than_the_command_is_left_to_a_newer_command(
    project: Project, versions: Path, tmp_path: Path
) -> None:
    later = shutil.copytree(versions, tmp_path / "later")
    git(later, "commit", "--quiet", "--allow-empty", "--message=later")
    git(later, "tag", "v9.0.0")
    ours = project()
    before = ours.state

    finished = ours.bastion("update", "--ref", "v9.0.0", env=published_at(later))

    refused(finished, "uvx fastapi-bastion@9.0.0")
    assert ours.state == before


@pytest.mark.long
def test_another_template_is_followed_when_it_is_named(versions: Path, tmp_path: Path) -> None:
    address = f"{versions.as_uri()}/.git"
    ours = Living(tmp_path / "project")
    succeed(*BASTION, "new", str(ours.folder), *BARE, "--template", address, "--ref", OLD, cwd=tmp_path)

    unnamed = ours.bastion("add", "cors")
    ours.change("add", "cors", "--template", address)

    refused(unnamed, "name it with --template if you trust it")
    assert (ours.folder / "app/cors").is_dir()


def test_a_version_that_takes_away_a_defence_asks_for_a_word_of_its_own(tmp_path: Path) -> None:
    """Nobody takes an update for a removal."""
    repository = tagged_repository(tmp_path / "versions", OLD)
    copier_yml = (repository / "copier.yml").read_text(encoding="utf-8")
    with_roles = "default: \"{{ 'rbac' in features }}\""
    assert copier_yml.count(with_roles) == 1
    _write(repository / "copier.yml", copier_yml.replace(with_roles, "default: false"))
    commit_and_tag(repository, "v0.0.10")
    ours, env = Living(tmp_path / "project"), published_at(repository)
    succeed(*BASTION, "new", str(ours.folder), *BARE, "--ref", OLD, cwd=tmp_path, env=env)
    before = ours.state

    finished = ours.bastion("update", "--ref", "v0.0.10", env=env)

    assert finished.stdout.startswith("update to v0.0.10 will change\n")
    failed(
        finished,
        "this takes away defences that users may rely on: rbac (",
        "add --yes-weaken if that is what you want\n",
    )
    assert ours.state == before
