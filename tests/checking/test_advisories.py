"""A version of the template that turned out to be unsafe is told, from the newest list that can be reached."""

from pathlib import Path

import pytest
import yaml
from packaging.version import Version

from bastion.checking.advisories import newest, read_file
from tests.checking.advisories import ADVISORY, list_in
from tests.checking.behind import an_end_in_any_case
from tests.checking.checked import Checked
from tests.checking.conftest import CheckedOf
from tests.support.checkout import PUBLIC_URL, ROOT, commit_and_tag, tagged_repository
from tests.support.commands import BASTION, environment, git, refused, succeed
from tests.support.gits import git_that_at, led_from


@pytest.fixture
def project(checked_of: CheckedOf) -> Checked:
    return checked_of({})


def test_an_affected_version(project: Checked, tmp_path: Path) -> None:
    finished = project.check("--no-run", "--advisories", str(list_in(tmp_path, ADVISORY)))

    assert finished.returncode == 1
    assert "BASTION-2026-001: A refresh token outlives its family; run `bastion update`" in finished.stdout
    assert f"Advisories: the list of 2999-01-01 in {tmp_path}" in finished.stdout


@pytest.mark.parametrize("affected", ["<0.1", ">0.1.0", "==0.2.*", ">=0.1,<0.1.0"])
def test_a_version_that_is_not_affected(tmp_path: Path, affected: str) -> None:
    (advisory,) = read_file(list_in(tmp_path, {**ADVISORY, "affected": affected})).all

    assert not advisory.concerns(Version("0.1.0"))


@pytest.mark.parametrize(("severity", "level"), [("critical", "error"), ("high", "error"), ("low", "warning")])
def test_how_bad_it_is(tmp_path: Path, severity: str, level: str) -> None:
    (advisory,) = read_file(list_in(tmp_path, {**ADVISORY, "severity": severity})).all

    assert (advisory.as_finding.rule.id, advisory.as_finding.level.value) == ("known-advisory", level)


def test_a_list_of_tomorrow_is_read_today(tmp_path: Path) -> None:
    assert len(read_file(list_in(tmp_path, {**ADVISORY, "cve": "CVE-2026-0001"})).all) == 1


def test_the_list_that_came_with_the_command_is_in_use_offline(project: Checked) -> None:
    own = yaml.safe_load((ROOT / "advisories.yml").read_text(encoding="utf-8"))

    assert project.report()["advisories"] == f"the list of {own['updated']} that came with this command"


@pytest.mark.parametrize(("updated", "is_newer"), [("2999-01-01", True), ("2001-01-01", False)])
def test_the_newest_list_that_can_be_reached(project: Checked, tmp_path: Path, updated: str, *, is_newer: bool) -> None:
    repository = tmp_path / Path(PUBLIC_URL).name
    repository.mkdir()
    git(repository, "init", "--quiet")
    list_in(repository, ADVISORY, updated=updated)
    commit_and_tag(repository, "v9.0.0")

    report = project.report("--no-run", env=_with_github_in(tmp_path))

    assert (f"{updated} in the template's repository" in report["advisories"]) == is_newer
    assert bool(report["findings"]) == is_newer


def test_a_repository_that_cannot_be_reached(project: Checked, tmp_path: Path) -> None:
    report = project.report("--no-run", env=_with_github_in(tmp_path / "nowhere"))

    assert "that came with this command, since no newer one could be read" in report["advisories"]


def test_a_repository_that_never_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bastion.checking.advisories._PATIENCE_SECONDS", 0.5)
    for name, value in git_that_at("clone", "exec sleep 600", tmp_path).items():
        monkeypatch.setenv(name, value)

    with an_end_in_any_case():
        read = newest(PUBLIC_URL, with_own=True, offline=False)

    assert "that came with this command, since no newer one could be read" in str(read)


@pytest.mark.parametrize(
    ("address", "impostor"),
    [
        ("https://github.com/acme/fork.git", "https:/github.com/acme/fork.git"),
        ("git@github.com:acme/fork.git", "git@github.com:acme/fork.git"),
    ],
)
def test_a_list_that_was_sent_along_is_not_taken_for_the_published_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str, impostor: str
) -> None:
    repository = tagged_repository(tmp_path / "sent along", "v9.0.0")
    list_in(repository)
    commit_and_tag(repository, "v9.0.1")
    git(tmp_path, "clone", "--quiet", "--bare", str(repository), f"./{impostor}")
    monkeypatch.chdir(tmp_path)
    for name, value in led_from(address, f"{tmp_path.as_uri()}/nowhere").items():
        monkeypatch.setenv(name, value)

    assert newest(address, with_own=False, offline=False) is None


def test_offline_no_newer_list_is_asked_for(project: Checked, tmp_path: Path) -> None:
    repository = tagged_repository(tmp_path / Path(PUBLIC_URL).name, "v9.0.0")
    list_in(repository, ADVISORY, updated="2999-01-01")
    commit_and_tag(repository, "v9.0.1")

    report = project.report("--no-run", "--offline", env=_with_github_in(tmp_path))

    assert report["advisories"].endswith("that came with this command")
    assert report["findings"] == []


def test_versions_are_compared_as_numbers(tmp_path: Path) -> None:
    """As text the tenth version would come before the ninth."""
    fork = tagged_repository(tmp_path / "fork", "v0.0.10")
    source = ("--template", str(fork))
    succeed(*BASTION, "new", "tenth", "--defaults", "--no-install", *source, cwd=tmp_path)
    before, since = {**ADVISORY, "affected": "<0.0.9"}, {**ADVISORY, "id": "SINCE", "affected": ">=0.0.9"}

    report = Checked(tmp_path / "tenth").report(
        "--no-run", *source, "--advisories", str(list_in(tmp_path, before, since))
    )

    assert [each["what"].partition(":")[0] for each in report["findings"]] == ["SINCE"]


def test_a_prerelease_is_older_than_its_release(tmp_path: Path) -> None:
    """What was mended between the two is still open in it."""
    fork = tagged_repository(tmp_path / "fork", "v0.0.9rc1")
    source = ("--template", str(fork))
    succeed(*BASTION, "new", "early", "--defaults", "--no-install", *source, cwd=tmp_path)
    affected = {"BEFORE": "<0.0.9", "ITSELF": "==0.0.9rc1", "SINCE": ">=0.0.9", "LONG AGO": "<0.0.8"}
    advisories = list_in(tmp_path, *({**ADVISORY, "id": name, "affected": each} for name, each in affected.items()))

    report = Checked(tmp_path / "early").report("--no-run", *source, "--advisories", str(advisories))

    assert [each["what"].partition(":")[0] for each in report["findings"]] == ["BEFORE", "ITSELF"]


def test_offline_the_public_template_has_its_list_also_when_it_is_named(project: Checked) -> None:
    report = project.report("--no-run", "--offline", "--template", PUBLIC_URL)

    assert report["advisories"].endswith("that came with this command")


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("gh:somebody/fork", "https://github.com/"),
        ("gl:somebody/fork", "https://gitlab.com/"),
        ("git+https://git.example.org/somebody/fork", "https://git.example.org/"),
        ("git+https://example.org/gh:somebody/fork", "https://example.org/gh:"),
    ],
)
def test_the_list_of_a_fork_however_copier_lets_its_address_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str, host: str
) -> None:
    fork = tmp_path / "somebody" / "fork"
    fork.mkdir(parents=True)
    git(fork, "init", "--quiet")
    list_in(fork, ADVISORY)
    commit_and_tag(fork, "v9.0.0")
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", f"url.{tmp_path.as_uri()}/.insteadOf")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", host)

    found = newest(address, with_own=False, offline=False)

    assert found is not None
    assert [each.id for each in found.all] == [ADVISORY["id"]]


def test_a_fork_in_a_folder_is_the_same_from_wherever_it_is_named(tmp_path: Path) -> None:
    tagged_repository(tmp_path / "fork", "v0.0.9")
    succeed(*BASTION, "new", "api", "--defaults", "--no-install", "--template", "./fork", cwd=tmp_path)
    project = Checked(tmp_path / "api")

    assert project.answers()["_src_path"] == str(tmp_path / "fork")
    assert project.report("--no-run", "--offline", "--template", "../fork")["findings"] == []
    assert "give --template exactly this address" in refused(project.check("--no-run", "--template", "../other"))


@pytest.mark.long
def test_a_fork_has_its_own_list_and_its_older_versions(tmp_path: Path) -> None:
    fork = tagged_repository(tmp_path / "fork", "v0.0.9")
    (fork / "template" / "app" / "hosts" / "__init__.py").write_text('"""Newer."""\n', encoding="utf-8")
    commit_and_tag(fork, "v0.1.0")
    source = ("--template", str(fork))
    succeed(*BASTION, "new", "old", "--defaults", "--no-install", *source, "--ref", "v0.0.9", cwd=tmp_path)
    project = Checked(tmp_path / "old")

    before = project.report("--no-run", *source)
    offline = project.report("--no-run", "--offline", *source)
    list_in(fork, {**ADVISORY, "affected": "<0.1"})
    commit_and_tag(fork, "v0.1.1")
    after = project.report("--no-run", *source)

    assert before["findings"] == []
    assert [each["what"] for each in before["not_checked"]] == ["advisories", "settings"]
    assert before["not_checked"][0]["why"] == f"no list of them could be read at {fork}"
    assert offline["not_checked"][0]["why"] == f"--offline was given, and this command has no list of {fork}"
    assert [each["rule"] for each in after["findings"]] == ["known-advisory"]
    assert "rendered from another template" in refused(project.check("--no-run"))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("[", "it is not YAML"),
        ("updated: !!bool x\n", "it is not YAML"),
        ("advisories: []\n", "it needs `updated` and `advisories`"),
        ("updated: 1\nadvisories: [{id: x}]\n", "each advisory needs affected, id"),
        (yaml.safe_dump({"updated": 1, "advisories": [{**ADVISORY, "severity": "bad"}]}), "the severity is one of"),
        (yaml.safe_dump({"updated": 1, "advisories": [{**ADVISORY, "severity": ["high"]}]}), "the severity is one of"),
        (yaml.safe_dump({"updated": 1, "advisories": [{**ADVISORY, "affected": "old"}]}), "is no range of versions"),
    ],
)
def test_a_list_that_cannot_be_read(project: Checked, tmp_path: Path, content: str, told: str) -> None:
    (tmp_path / "own.yml").write_text(content, encoding="utf-8")

    assert told in refused(project.check("--advisories", str(tmp_path / "own.yml")))


def test_a_list_that_is_not_there(project: Checked) -> None:
    assert "write it like the advisories.yml" in refused(project.check("--advisories", "missing.yml"))


def _with_github_in(folder: Path) -> dict[str, str]:
    """Let git look for the public repository in a folder; the prefix is shorter than the command's own for it."""
    return environment(led_from(PUBLIC_URL.removesuffix(Path(PUBLIC_URL).name), f"{folder.as_uri()}/"))
