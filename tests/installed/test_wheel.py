"""What the wheel holds: the template of its version and what is read beside it, the same bytes wherever it is built."""

import os
import shutil
import stat
import zipfile
from fnmatch import fnmatch
from pathlib import Path

import pytest
import yaml

from tests.installed.installation import Installation, build_wheel, install
from tests.support.checkout import ROOT, commit_and_tag
from tests.support.commands import git, succeed

DATA = ("copier.yml", "template/", "presets/", "advisories.yml", "proof.yml")
"""What the command reads beside its own code."""

PACKAGE = "bastion/"
LONG_AGO = 1_000_000_000
LEFT_BY_WORK = (
    *("template/.venv/pyvenv.cfg", "template/uv.lock", "template/app/__pycache__/main.cpython-311.pyc"),
    *("template/.ruff_cache/CACHEDIR.TAG", "template/.pytest_cache/README.md", "template/.mypy_cache/missing_stubs"),
    *("template/.hypothesis/unicode_data", "generator/bastion/__pycache__/git.cpython-311.pyc", "dist/old.whl"),
)

Contents = dict[str, tuple[bool, bytes]]
"""By path: whether it is executable, and what it holds."""


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """The same sources in another folder, of another time, closed to others, and with what work leaves there."""
    folder = tmp_path / "elsewhere"
    for name in git(ROOT, "ls-files", "--cached", "--others", "--exclude-standard").splitlines():
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
            (folder / name).chmod((folder / name).stat().st_mode & 0o700)
            os.utime(folder / name, (LONG_AGO, LONG_AGO))
    for name in LEFT_BY_WORK:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("left by work", encoding="utf-8")
    return folder


def test_it_is_the_same_bytes_wherever_it_is_built(tmp_path: Path, installation: Installation, elsewhere: Path) -> None:
    again = build_wheel(elsewhere, tmp_path / "dist", umask="077")

    assert again.name == installation.wheel.name
    assert in_wheel(again) == in_wheel(installation.wheel)
    assert again.read_bytes() == installation.wheel.read_bytes()


def test_the_archive_of_the_sources_builds_the_same_wheel(
    tmp_path: Path, installation: Installation, elsewhere: Path
) -> None:
    succeed("uv", "build", "--quiet", "--sdist", "--out-dir", str(tmp_path), str(elsewhere), cwd=tmp_path)
    (archive,) = tmp_path.glob("*.tar.gz")

    assert build_wheel(archive, tmp_path / "dist").read_bytes() == installation.wheel.read_bytes()


def test_it_holds_what_a_tag_of_its_sources_holds(
    tmp_path: Path, installation: Installation, elsewhere: Path, version_tag: str
) -> None:
    git(elsewhere, "init", "--quiet")
    commit_and_tag(elsewhere, version_tag)

    assert differences(installation.wheel, elsewhere, version_tag, tmp_path) == []


def test_a_release_holds_what_its_tag_holds(tmp_path: Path, installation: Installation, version_tag: str) -> None:
    """Work that was not committed would be in the wheel and nowhere else."""
    is_release = os.environ.get("GITHUB_REF_TYPE") == "tag"
    is_tagged = version_tag in git(ROOT, "tag", "--points-at", "HEAD").split()
    if not (is_release or is_tagged):
        pytest.skip(f"no release: this commit is not tagged {version_tag}")

    assert is_tagged, f"a release of another version than {version_tag}"
    assert differences(installation.wheel, ROOT, version_tag, tmp_path) == []


def test_the_tag_of_a_release_is_checked_like_a_merge(version_tag: str) -> None:
    checks = yaml.safe_load((ROOT / ".github" / "workflows" / "checks.yml").read_text(encoding="utf-8"))

    # YAML takes the word `on` for true.
    assert [each for each in checks[True]["push"]["tags"] if fnmatch(version_tag, each)]


def test_an_executable_file_stays_one_all_the_way(tmp_path: Path, elsewhere: Path) -> None:
    script = elsewhere / "template" / "run.sh"
    script.write_text("#!/bin/sh\n", encoding="utf-8")
    script.chmod(0o700)
    installation = install(build_wheel(elsewhere, tmp_path / "dist"), tmp_path / "environment")

    installation.succeed("bastion", "new", "project", "--defaults", "--no-install", cwd=tmp_path)

    project = tmp_path / "project"
    assert (project / "run.sh").stat().st_mode & stat.S_IXUSR
    executable = [line for line in git(project, "ls-files", "--stage").splitlines() if not line.startswith("100644 ")]
    assert [line.split("\t")[1] for line in executable] == ["run.sh"]
    assert in_wheel(installation.wheel)["template/run.sh"] == (True, b"#!/bin/sh\n")


def differences(wheel: Path, repository: Path, tag: str, folder: Path) -> list[str]:
    """Say of each file of that data in what the wheel differs from a tag."""
    ours, tagged = in_wheel(wheel), in_tag(repository, tag, folder)
    return [
        f"{name}: {_difference(ours.get(name), tagged.get(name))}"
        for name in sorted(ours.keys() | tagged.keys())
        if ours.get(name) != tagged.get(name)
    ]


def _difference(ours: tuple[bool, bytes] | None, tagged: tuple[bool, bytes] | None) -> str:
    if ours is None:
        return "only in the tag"
    if tagged is None:
        return "only in the wheel"
    return "another content" if ours[1] != tagged[1] else "executable in one of them"


def in_wheel(wheel: Path) -> Contents:
    return _data_in(wheel, PACKAGE)


def in_tag(repository: Path, tag: str, folder: Path) -> Contents:
    archive = folder / "tag.zip"
    git(repository, "archive", "--format=zip", f"--output={archive}", tag)
    return _data_in(archive, "")


def _data_in(archive: Path, prefix: str) -> Contents:
    with zipfile.ZipFile(archive) as files:
        return {
            each.filename.removeprefix(prefix): (bool(each.external_attr >> 16 & stat.S_IXUSR), files.read(each))
            for each in files.infolist()
            if each.filename.removeprefix(prefix).startswith(DATA) and not each.is_dir()
        }
