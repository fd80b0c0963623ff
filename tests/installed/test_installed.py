"""Installed from a wheel: no checkout, no network, and projects that stay up to date."""

import json
import shutil
from pathlib import Path

import pytest
import yaml

from tests.installed.installation import Installation
from tests.support.checkout import PUBLIC_URL, ROOT, commit_and_tag, instead_of_the_public_one
from tests.support.commands import BASTION, environment, git, succeed
from tests.support.trees import files, files_of_the_template, files_without_secret

NEW = ("new", "project", "--defaults")
CHECK = ("check", "project", "--no-run", "--offline", "--json")

# Each brings a project to the newest version.
UPDATES = {
    "plain Copier": ("copier", "update", "--defaults"),
    "the command": ("bastion", "update", "--template", PUBLIC_URL, "--ref", "{newest}"),
}


@pytest.mark.parametrize("script", ["bastion", "fastapi-bastion"])
def test_it_brings_its_template_along(tmp_path: Path, installation: Installation, script: str) -> None:
    where = installation.succeed("python", "-c", "import bastion; print(bastion.__file__)", cwd=tmp_path)
    assert Path(where).is_relative_to(installation.folder)

    installation.succeed(script, *NEW, "--no-install", cwd=tmp_path)

    succeed(*BASTION, "new", "from-checkout", "--defaults", "--no-install", cwd=tmp_path)
    assert files_without_secret(tmp_path / "project") == files_without_secret(tmp_path / "from-checkout")


def test_a_project_names_its_template_and_nothing_of_this_machine(
    tmp_path: Path, installation: Installation, version_tag: str
) -> None:
    installation.succeed("bastion", *NEW, "--no-install", cwd=tmp_path)
    project = tmp_path / "project"

    answers = yaml.safe_load((project / ".copier-answers.yml").read_text(encoding="utf-8"))
    assert (answers["_src_path"], answers["_commit"]) == (PUBLIC_URL, version_tag)
    everything = {**files(project), "the repository's settings": (project / ".git" / "config").read_bytes()}
    for place in (*map(str, (tmp_path, installation.folder, ROOT)), "/bastion-", ".bastion-"):
        assert [name for name, content in everything.items() if place.encode() in content] == []


def test_a_project_of_an_installed_command_is_checked_without_a_network(
    tmp_path: Path, installation: Installation
) -> None:
    """What it is compared with came with the wheel, and so did the list of versions that are known to be unsafe."""
    installation.succeed("bastion", *NEW, "--no-install", cwd=tmp_path)

    told = json.loads(installation.succeed("bastion", *CHECK, cwd=tmp_path))

    assert told["findings"] == []
    assert told["advisories"].endswith(" that came with this command")


def test_without_a_network_the_project_is_complete_and_says_how_to_install_it(
    tmp_path: Path, installation: Installation
) -> None:
    """An index that nobody asked before: else what uv remembers would be enough."""
    nothing_kept = {"UV_CACHE_DIR": str(tmp_path / "uv-cache")}

    finished = installation.run("bastion", *NEW, cwd=tmp_path, env=nothing_kept)

    assert finished.returncode == 0, finished.stderr
    assert finished.stderr.count("bastion: ") == 1
    assert "run `uv sync` in it" in finished.stderr
    assert git(tmp_path / "project", "status", "--porcelain") == ""


@pytest.mark.parametrize("update", UPDATES.values(), ids=UPDATES)
def test_a_project_of_an_installed_command_is_updated_from_the_public_repository(
    tmp_path: Path, installation: Installation, template_repository: Path, version_tag: str, update: tuple[str, ...]
) -> None:
    installation.succeed("bastion", *NEW, "--no-install", cwd=tmp_path)
    project, public = tmp_path / "project", tmp_path / "public"
    shutil.copytree(template_repository, public)
    readme = public / "template" / "SECURITY.md.jinja"
    readme.write_text(readme.read_text(encoding="utf-8") + "\nWhat is new.\n", encoding="utf-8")
    (public / "template" / ".env.jinja").write_text("STOLEN=1\n", encoding="utf-8")
    newest = f"{version_tag}.1"
    commit_and_tag(public, newest)
    (project / "app" / "mine.py").write_text("MINE = True\n", encoding="utf-8")
    (project / "AGENTS.md").write_text("Mine.\n", encoding="utf-8")
    commit_all(project)
    secret = (project / ".env").read_bytes()

    installation.succeed(
        *(word.format(newest=newest) for word in update), cwd=project, env=instead_of_the_public_one(public)
    )

    assert (project / "SECURITY.md").read_text(encoding="utf-8").endswith("\nWhat is new.\n")
    assert f"_commit: {newest}\n" in (project / ".copier-answers.yml").read_text(encoding="utf-8")
    assert git(project, "diff", "--name-only", "HEAD").split() == [".copier-answers.yml", "SECURITY.md"]
    assert (project / ".env").read_bytes() == secret


@pytest.mark.long
def test_features_come_and_go_without_a_network(tmp_path: Path, installation: Installation) -> None:
    installation.succeed("bastion", *NEW, "--no-install", cwd=tmp_path)
    installation.succeed("bastion", "new", "other", *NEW[2:], "--no-install", "--data", "features=cors", cwd=tmp_path)
    project = tmp_path / "project"

    installation.succeed("bastion", "add", "cors", cwd=project)
    commit_all(project)
    installation.succeed("bastion", "remove", "rbac", "--yes-weaken", cwd=project)

    assert files_of_the_template(project) == files_of_the_template(tmp_path / "other")


def commit_all(project: Path) -> None:
    git(project, "add", "--all")
    git(project, "commit", "--quiet", "--message=feat: mine")


def test_uvx_runs_it(tmp_path: Path, installation: Installation) -> None:
    new = ("fastapi-bastion", "new", "x", "--defaults", "--no-install")

    succeed("uvx", "--quiet", "--from", str(installation.wheel), *new, cwd=tmp_path)

    assert (tmp_path / "x" / ".copier-answers.yml").exists()


@pytest.mark.parametrize("words", [("features",), ("explain", "cors")], ids=" ".join)
def test_what_explains_needs_no_extra_no_git_and_no_network(
    tmp_path: Path, installation: Installation, words: tuple[str, ...]
) -> None:
    told = installation.succeed("python", "-m", "bastion", *words, cwd=tmp_path, env={"PATH": str(tmp_path)})

    assert told == succeed(*BASTION, *words, cwd=tmp_path)


def test_without_git_it_says_so_in_one_line(tmp_path: Path, installation: Installation) -> None:
    finished = installation.run("bastion", *NEW, cwd=tmp_path, env={"PATH": str(installation.scripts)})

    assert finished.returncode == 2
    assert finished.stderr == ("bastion: git is not installed: install it from https://git-scm.com, Copier needs it\n")
    assert list(tmp_path.iterdir()) == []


def test_line_ends_do_not_depend_on_this_machine(tmp_path: Path, installation: Installation) -> None:
    settings = tmp_path / "gitconfig"
    settings.write_text("[core]\n\tautocrlf = true\n\teol = crlf\n", encoding="utf-8")
    of_windows = {"GIT_CONFIG_GLOBAL": str(settings)}

    installation.succeed("bastion", *NEW, "--no-install", cwd=tmp_path, env=of_windows)
    succeed("git", "clone", "--quiet", "project", "clone", cwd=tmp_path, env=environment(of_windows))

    for folder in (tmp_path / "project", tmp_path / "clone"):
        assert [name for name, content in files(folder).items() if b"\r\n" in content] == []
