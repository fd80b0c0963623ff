"""A project of somebody hostile: checking it ends, follows nothing, runs nothing, writes nothing."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.checking.checked import ANSWERS_FILE, UNTRUSTED, Checked, snapshot
from tests.support.commands import BASTION, Finished, environment, git, refused, run
from tests.support.gits import led_from

TARGET = "app/core/kernel.py"
PAINT = "\x1b[2J\x1b]0;owned\x07\r\u202egnp.exe\u200b"


# What makes an answers file one of a release of the public template, whatever else it holds.
RELEASED = "_commit: v0.1.0\n_src_path: gh:fastapi-bastion/fastapi-bastion\n"

# Some lines that stand for 9 to the power of 12 choices.
BOMB = (
    "b0: &b0 [x]\n"
    + "".join(f"b{n}: &b{n} [{', '.join([f'*b{n - 1}'] * 9)}]\n" for n in range(1, 13))
    + "features: *b12\n"
)


def _replace(project: Checked, place: Callable[[Path], object], path: str = TARGET) -> None:
    (project.folder / path).unlink()
    place(project.folder / path)


def _fill(size: int) -> Callable[[Path], object]:
    def fill(path: Path) -> None:
        with path.open("wb") as file:
            file.truncate(size)

    return fill


IN_THE_PLACE_OF_A_FILE: dict[str, Callable[[Path], object]] = {
    "a pipe": os.mkfifo,
    "a link to what never ends": lambda path: path.symlink_to("/dev/zero"),
    "a link to itself": lambda path: path.symlink_to(path),
    "a link to the same content": lambda path: path.symlink_to(path.parent / "keys.py"),
    "a folder": Path.mkdir,
    "a file of 8 gigabytes": _fill(8 << 30),
}


@pytest.mark.parametrize("place", IN_THE_PLACE_OF_A_FILE.values(), ids=IN_THE_PLACE_OF_A_FILE)
def test_something_else_in_the_place_of_a_file(project: Checked, place: Callable[[Path], object]) -> None:
    _replace(project, place)
    before = snapshot(project.folder)

    assert project.findings() == [f"missing-defence always {TARGET}"]
    assert snapshot(project.folder) == before


@pytest.mark.parametrize("place", IN_THE_PLACE_OF_A_FILE.values(), ids=IN_THE_PLACE_OF_A_FILE)
def test_something_else_in_the_place_of_the_answers(project: Checked, place: Callable[[Path], object]) -> None:
    _replace(project, place, ANSWERS_FILE)

    assert "restore it from git" in refused(project.check(*UNTRUSTED))


def test_a_folder_that_leads_elsewhere(project: Checked, tmp_path: Path) -> None:
    (project.folder / "app/rbac").rename(tmp_path / "rbac")
    (project.folder / "app/rbac").symlink_to(tmp_path / "rbac")

    findings = project.report()["findings"]

    assert {each["rule"] for each in findings} == {"missing-defence"}
    assert {each["what"] for each in findings} == {"is behind a link, app/rbac"}


def test_neither_names_nor_contents_paint_the_terminal(project: Checked) -> None:
    project.write("app/core/keys.py", f"{PAINT}\n")
    project.write(f"{PAINT}.py", "")
    project.edit("app/main.py", "    rbac.SLICE,\n", f'    "{PAINT[-9:]}",\n')
    project.answer(**{PAINT: PAINT, "auth": "both"})

    for form in ((), ("--json",), ("--sarif",)):
        finished = project.check(*UNTRUSTED, *form)

        assert finished.returncode == 1
        assert _what_paints(finished) == []


@pytest.mark.parametrize("form", [(), ("--json",), ("--sarif",)], ids=["for people", "as JSON", "as SARIF"])
@pytest.mark.parametrize("end", ["echo 1 finding", "exit 1"], ids=["a finding", "no end"])
def test_what_its_own_check_says_paints_no_terminal_either(project: Checked, form: tuple[str, ...], end: str) -> None:
    in_one_line = PAINT.replace("\r", "")
    project.judge_itself_by(f"echo '{in_one_line}'\n{end}\n")

    finished = project.check("--offline", *form)

    assert "owned" in finished.stdout
    assert _what_paints(finished) == []


def _what_paints(finished: Finished) -> list[str]:
    lines = [*finished.stdout.split("\n"), *finished.stderr.split("\n"), *_said_in(finished.stdout)]
    return [each for each in lines if not each.isprintable()]


def _said_in(report: str) -> list[str]:
    """Give what a report for machines says to people, as whoever shows it would print it."""
    said: list[str] = []

    def gather(each: dict[str, Any]) -> None:
        said.extend(each[name] for name in ("what", "remedy", "why", "text") if name in each)
        said.extend(each.get("diff", ()))

    if report.startswith("{"):
        json.loads(report, object_hook=gather)
        assert said
    return said


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("a: &a x\nauth: *a\n", id="an alias"),
        pytest.param(BOMB, id="a bomb of aliases"),
        pytest.param("a: " + "[" * 60_000, id="no end of brackets"),
        pytest.param("a: " + "[" * 10 + "]" * 10, id="many brackets"),
        pytest.param("auth: !!python/object/apply:os.system ['touch executed']\n", id="a call in an answer"),
        pytest.param("\x1b[2J\n", id="control characters"),
        pytest.param("auth: !!bool bearer\n", id="a tag that fits nothing"),
        pytest.param("auth: !!int ''\n", id="a number of nothing"),
        pytest.param(f"auth: 0x{'f' * 5000}\n", id="a number that nobody can write"),
        pytest.param("auth: !!timestamp bearer\n", id="a moment that is none"),
    ],
)
def test_an_answers_file_with_tricks(project: Checked, content: str) -> None:
    project.write(ANSWERS_FILE, RELEASED + content)
    before = snapshot(project.folder)

    refused(project.check(*UNTRUSTED), "cannot read ", f"{ANSWERS_FILE}: restore it from git")
    assert not (project.folder / "executed").exists()
    assert snapshot(project.folder) == before


@pytest.mark.parametrize(
    ("content", "why"),
    [
        pytest.param("!!python/object/apply:os.system ['touch executed']\n", "cannot read ", id="a call"),
        pytest.param("a:\n" * 300_000, "is larger than any file of the template", id="a million lines"),
        pytest.param("- bearer\n", "holds no answers", id="a list"),
        pytest.param("", "holds no answers", id="nothing"),
        pytest.param("2: 3\n", "names no template with a version", id="numbers"),
        pytest.param("_commit: [v0.1.0]\n_src_path: {}\n", "names no template with a version", id="another type"),
    ],
)
def test_an_answers_file_of_another_kind(project: Checked, content: str, why: str) -> None:
    project.write(ANSWERS_FILE, content)
    before = snapshot(project.folder)

    refused(project.check(*UNTRUSTED), why)
    assert not (project.folder / "executed").exists()
    assert snapshot(project.folder) == before


IMPOSTORS = {
    "gh:fastapi-bastion/fastapi-bastion": "gh:fastapi-bastion/fastapi-bastion",
    "https://github.com/fastapi-bastion/fastapi-bastion": "https:/github.com/fastapi-bastion/fastapi-bastion",
    "git@github.com:fastapi-bastion/fastapi-bastion.git": "git@github.com:fastapi-bastion/fastapi-bastion.git",
}


@pytest.mark.parametrize(("address", "impostor"), IMPOSTORS.items(), ids=IMPOSTORS)
@pytest.mark.parametrize("version", ["v0.0.1", None], ids=["an older version", "this version"])
def test_a_folder_that_was_sent_along_is_not_taken_for_the_public_template(
    project: Checked, version: str | None, address: str, impostor: str, template_repository: Path
) -> None:
    git(project.folder, "clone", "--quiet", "--bare", str(template_repository), f"./{impostor}")
    project.answer(_src_path=address, **({"_commit": version} if version else {}))

    refused(project.check(*UNTRUSTED), f"for {address}: see who put it there, and remove it")


NO_VERSIONS = ("--upload-pack=touch {}", "$(touch {})", "v0.0.1", "v\u0661.\u0662.\u0663", "HEAD~1", "a b", PAINT)


@pytest.mark.parametrize("ref", NO_VERSIONS)
def test_a_version_that_there_is_not(project: Checked, ref: str, tmp_path: Path) -> None:
    project.answer(_commit=ref.format(tmp_path / "executed"))
    led_away = environment(led_from("https://github.com/", f"{tmp_path.as_uri()}/nothing/"))

    told = refused(project.check(*UNTRUSTED, env=led_away))

    assert f"restore {ANSWERS_FILE} from git" in told
    assert not (tmp_path / "executed").exists()


@pytest.mark.parametrize("ref", NO_VERSIONS)
def test_a_version_that_a_trusted_template_has_not(
    project: Checked, ref: str, tmp_path: Path, template_repository: Path
) -> None:
    """It need be no release, so that git is asked for whatever the answers file says."""
    version = ref.format(tmp_path / "executed")
    project.answer(_commit=version, _src_path=str(template_repository))

    told = refused(project.check(*UNTRUSTED, "--template", str(template_repository)))

    assert f"restore {ANSWERS_FILE} from git" in told
    assert "does not appear to be a git repository" not in told
    assert not (tmp_path / "executed").exists()


def test_a_change_that_takes_for_ever_to_compare(project: Checked) -> None:
    """Every line is still there, and none beside another: a comparison begins anew after each, over all of them."""
    passwords = "app/accounts/common_passwords.txt"
    project.write(passwords, project.text(passwords).replace("\n", "\nx\n"))
    project.write("app/core/keys.py", "\n" * 900_000)

    finished = run(*BASTION, "check", *UNTRUSTED, "--json", cwd=project.folder, seconds=30)

    findings = json.loads(finished.stdout)["findings"]
    assert {each["path"] for each in findings} == {passwords, "app/core/keys.py"}
    assert all(len(each["diff"]) < 200 for each in findings)


def test_without_a_run_no_code_of_the_project_is_run(project: Checked) -> None:
    project.judge_itself_by("touch executed\n")
    project.write("app/notes/__init__.py", "open('executed', 'w')\n")
    project.write("conftest.py", "open('executed', 'w')\n")

    report = project.report()

    assert report["findings"] == []
    assert [each["what"] for each in report["not_checked"]] == ["settings"]
    assert not (project.folder / "executed").exists()


def test_a_changed_defence_is_not_asked_about_itself(project: Checked) -> None:
    project.judge_itself_by("touch executed\necho 0 findings\n")
    project.edit("app/core/settings.py", "import", "import  ")

    assert [each["what"] for each in project.report("--offline")["not_checked"]] == ["settings"]
    assert not (project.folder / "executed").exists()
