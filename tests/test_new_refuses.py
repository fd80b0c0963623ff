"""Bad input: one clear line on standard error with the remedy, exit code 2, nothing written."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.commands import BASTION, bastion, environment, refused, started, succeed
from tests.support.folders import closed_to_us
from tests.support.gits import git_that_at
from tests.support.templates import A_QUESTION, template_of
from tests.support.trees import files

BAD_ANSWERS = {
    "an unknown question": (["--data", "databse=sqlite"], "did you mean 'database'?"),
    "a computed capability": (["--data", "sqlite=true"], "the questions are project_name, project_slug"),
    "a wrong choice": (["--data", "database=mysql"], "database has no choice 'mysql': the choices are"),
    "a disallowed algorithm": (["--data", "jwt_algorithm=RS256"], "jwt_algorithm has no choice 'RS256': did you mean"),
    "an unknown feature": (
        ["--data", "features=[rbac, corse]"],
        "features has no choice 'corse': did you mean 'cors'?",
    ),
    "an unheard-of feature": (
        ["--data", "features=blockchain"],
        "the choices are rbac, cors; features=[] chooses none",
    ),
    "a word for no feature": (["--data", "features=none"], "the choices are rbac, cors; features=[] chooses none"),
    "a list that does not end": (["--data", "features=[rbac"], "write features=[first, second], or features=[]"),
    "a list in a list": (["--data", "features=[[rbac]]"], "did you mean 'rbac'?"),
    "an answer to what nobody asks": (
        ["--data", "auth=cookie", "--data", "jwt_algorithm=ES256"],
        "leave jwt_algorithm out, or give another answer to auth",
    ),
    "two answers to one question": (["--data", "features=rbac", "--data", "features=cors"], "features=[first, second]"),
    "a slug with a space": (["--data", "project_slug=my api"], "lower-case letters"),
    "a slug in capitals": (["--data", "project_slug=API"], "lower-case letters"),
    "a slug with a dash at the end": (["--data", "project_slug=api-"], "lower-case letters"),
    "a slug with a line break": (["--data", "project_slug=api\n"], "lower-case letters"),
    "an empty slug": (["--data", "project_slug="], "lower-case letters"),
    "a slug of a dependency": (["--data", "project_slug=fastapi"], "'fastapi-api'"),
    "an empty name": (["--data", "project_name="], "at most 60 letters, digits"),
    "a name that would break a file": (["--data", 'project_name=a"b'], "letters, digits"),
    "a name that would break a page": (["--data", "project_name=<b>"], "letters, digits"),
    "no pair": (["--data", "database"], "write it as --data question=answer"),
    "no key": (["--data", "=sqlite"], "write it as --data question=answer"),
    "a day that there is not": (["--data", "features=2026-13-01"], "write features=[first, second]"),
    "a tag that fits nothing": (["--data", "features=!!bool x"], "write features=[first, second]"),
    "a number of thousands of digits": (["--data", f"features={'9' * 5000}"], "write features=[first, second]"),
    "a hexadecimal one of thousands": (["--data", f"features=[0x{'f' * 5000}]"], "write features=[first, second]"),
    "a missing file of answers": (["--data-file", "missing.yml"], "--data-file"),
}


@pytest.mark.parametrize(("flags", "remedy"), BAD_ANSWERS.values(), ids=BAD_ANSWERS)
def test_a_bad_answer(tmp_path: Path, flags: list[str], remedy: str) -> None:
    refused(bastion("new", "project", "--defaults", *flags, cwd=tmp_path), remedy)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "remedy"),
    [
        (b"- sqlite\n", "question: answer"),
        (b"", "question: answer"),
        (b"database: [\n", "question: answer"),
        (b"\xff\xfe", "--data-file"),
        (b"database: mysql\n", "database has no choice 'mysql'"),
        (b"database: [sqlite]\n", "['sqlite']"),
        (b"database:\n", "database"),
        (b"features: {rbac: true}\n", "write features=[first, second]"),
        (b"features: 3\n", "write features=[first, second]"),
        (b"auth: cookie\njwt_algorithm: ES256\n", "leave jwt_algorithm out"),
        (b"1: 2\n", "there is no question '1'"),
        (b"project_name: 2026-13-01\n", "question: answer"),
        (b"project_name: !!bool foo\n", "question: answer"),
        (b"project_name: !!int ''\n", "question: answer"),
        (b"project_name: " + b"1:" * 250 + b"1.0\n", "question: answer"),
        (b"project_name: !!timestamp foo\n", "question: answer"),
        (b"project_name: %b\n" % (b"9" * 5000), "question: answer"),
    ],
    ids=lambda part: repr(part[:40]),
)
def test_a_bad_file_of_answers(tmp_path: Path, content: bytes, remedy: str) -> None:
    (tmp_path / "answers.yml").write_bytes(content)

    refused(bastion("new", "project", "--defaults", "--data-file", "answers.yml", cwd=tmp_path), remedy)
    assert files(tmp_path) == {"answers.yml": content}


def test_a_boolean_that_is_none(tmp_path: Path) -> None:
    """No question asks yes or no yet, so a template with one stands in."""
    template = template_of(tmp_path / "template", "mfa:\n  type: bool\n  default: false\n", {"a-file": ""})
    from_it = ("--defaults", "--no-install", "--template", str(template))

    wrong = bastion("new", "x", *from_it, "--data", "mfa=banana", cwd=tmp_path)
    taken = bastion("new", "y", *from_it, "--data", "mfa=yes", cwd=tmp_path)

    refused(wrong, "write mfa=true or mfa=false")
    assert taken.returncode == 0, taken.stderr


def test_a_destination_with_something_in_it(tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "mine.txt").write_bytes(b"mine")

    refused(bastion("new", "project", "--defaults", cwd=tmp_path), "choose a folder that is empty")
    assert files(tmp_path) == {"project/mine.txt": b"mine"}


@pytest.mark.parametrize("dest", ["a-file", "a-file/below", "a-file/far/below"])
def test_a_file_as_destination(tmp_path: Path, dest: str) -> None:
    (tmp_path / "a-file").write_bytes(b"mine")

    refused(bastion("new", dest, "--defaults", cwd=tmp_path), "choose a")
    assert files(tmp_path) == {"a-file": b"mine"}


def test_a_link_to_nowhere_as_destination(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")

    finished = bastion("new", "link", "--defaults", cwd=tmp_path)

    refused(finished, "link is a link that leads nowhere: choose a folder")
    assert not (tmp_path / "nowhere").exists()


def test_a_link_to_itself_as_destination(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "link")

    refused(bastion("new", "link", "--defaults", cwd=tmp_path), "choose another folder")


def test_a_link_to_itself_behind_two_dots(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "link")

    refused(bastion("new", f"../{tmp_path.name}/link", "--defaults", cwd=tmp_path), "choose another folder")


@pytest.mark.skipif(sys.platform == "win32", reason="nobody removes the folder there that somebody is in")
@pytest.mark.parametrize(
    "words", [("new", "x", "--defaults"), ("new", "{}/x", "--defaults"), ("check",), ("add", "rbac")], ids=" ".join
)
def test_a_folder_that_is_gone(tmp_path: Path, words: tuple[str, ...]) -> None:
    (tmp_path / "here").mkdir()
    command = (*BASTION, *(word.format(tmp_path) for word in words))

    finished = started("sh", "-c", 'rmdir "$PWD" && exec "$@"', "sh", *command, cwd=tmp_path / "here")

    refused(finished, "the current folder does not exist any more: go into another one")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("dest", ["x" * 300, "x" * 300 + "/project", "x/" * 3000])
def test_a_destination_longer_than_the_system_takes(tmp_path: Path, dest: str) -> None:
    refused(bastion("new", dest, "--defaults", cwd=tmp_path), "choose a shorter path")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "dest", ["a\nb", "a\n", "a\rb", "a\tb", "a\x1b[2Jb", "a\x7fb", "a\u2028b", "a\udcffb", "~a\nb/c"], ids=ascii
)
def test_a_destination_that_does_not_fit_on_a_line_of_text(tmp_path: Path, dest: str) -> None:
    finished = bastion("new", dest, "--defaults", cwd=tmp_path)

    refused(finished, "choose a path of ordinary characters")
    assert finished.stderr.rstrip("\n").isprintable()
    assert list(tmp_path.iterdir()) == []


def test_a_destination_in_the_home_of_nobody(tmp_path: Path) -> None:
    refused(bastion("new", "~nobody-of-that-name/x", "--defaults", cwd=tmp_path), "write ./~nobody-of-that-name/x")
    assert list(tmp_path.iterdir()) == []


def test_an_empty_destination(tmp_path: Path) -> None:
    refused(bastion("new", "", "--defaults", cwd=tmp_path), "bastion new my-api")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(
    not Path("/proc/self").exists(), reason="/proc refuses files even from root, who may write anywhere else"
)
def test_no_permission_to_write(tmp_path: Path) -> None:
    refused(bastion("new", "/proc/project", "--defaults", cwd=tmp_path), "choose a folder you may write to")


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("missing-folder", "Local template must be a directory"),
        ("file:///missing/repository.git", "fatal: '/missing/repository.git' does not appear to be a git repository"),
        ("https://localhost:1/missing.git", "fatal: unable to access 'https://localhost:1/missing.git/'"),
        ("git@localhost.invalid:x/y.git", "fatal: Could not read from remote repository"),
    ],
)
def test_an_unreachable_template(tmp_path: Path, source: str, reason: str) -> None:
    without_ssh = environment({"GIT_SSH_COMMAND": "false"})

    finished = bastion("new", "project", "--defaults", "--template", source, cwd=tmp_path, env=without_ssh)

    refused(finished, f"cannot read the template {source} ({reason}", "): check --template and --ref")
    assert list(tmp_path.iterdir()) == []


def test_a_template_that_may_not_be_read(tmp_path: Path) -> None:
    template = template_of(tmp_path / "template", A_QUESTION, {"a-file": "mine"})
    closed_to_us(template / "a-file")

    finished = bastion("new", "project", "--defaults", "--template", "template", cwd=tmp_path)

    refused(finished, f"cannot read {tmp_path}/template/a-file (Permission denied): mend that, or choose another")
    assert not (tmp_path / "project").exists()


def test_a_template_with_a_link_to_itself(tmp_path: Path) -> None:
    template = template_of(tmp_path / "template", A_QUESTION)
    (template / "link").symlink_to("link")

    refused(bastion("new", "project", "--defaults", "--template", "template", cwd=tmp_path), "link")
    assert not (tmp_path / "project").exists()


@pytest.mark.parametrize(
    ("copier_yml", "file"),
    [
        (A_QUESTION, "{{ 1 + name }}"),
        (A_QUESTION, "{{ 1 // 0 }}"),
        (A_QUESTION, "{{ {}.popitem() }}"),
        ("name:\n  type: str\n  default: '{{ 1 // 0 }}'\n", ""),
        ("name\n", ""),
    ],
)
def test_a_template_that_breaks_while_it_is_rendered(tmp_path: Path, copier_yml: str, file: str) -> None:
    template = template_of(tmp_path / "template", copier_yml, {"file.jinja": file})

    finished = bastion("new", "project", "--defaults", "--template", str(template), cwd=tmp_path)

    refused(finished, "the template is broken (", "report it to its authors")
    assert not (tmp_path / "project").exists()


def test_a_version_of_the_public_template_that_is_no_release(tmp_path: Path) -> None:
    finished = bastion("new", "project", "--defaults", "--ref", "main", cwd=tmp_path)

    refused(finished, "main is no release of the template: name one, like v1.2.3; or name the template too")
    assert list(tmp_path.iterdir()) == []


def test_a_git_that_is_too_old_to_be_led(tmp_path: Path) -> None:
    """It would fetch the template from elsewhere, and run the user's hooks: it does not read `GIT_CONFIG_COUNT`."""
    old = environment(git_that_at("--version", "echo git version 2.30.2; exit", tmp_path))

    finished = bastion("new", "project", "--defaults", "--no-install", cwd=tmp_path, env=old)

    refused(finished, "git 2.31 or newer is needed, and this one says 'git version 2.30.2'")
    assert not (tmp_path / "project").exists()


@pytest.mark.parametrize("version", ["2.31.0", "2.39.5 (Apple Git-154)"])
def test_a_git_that_is_new_enough(tmp_path: Path, version: str) -> None:
    env = environment(git_that_at("--version", f"echo 'git version {version}'; exit", tmp_path))

    succeed(*BASTION, "new", "project", "--defaults", "--dry-run", "--json", cwd=tmp_path, env=env)


def test_a_folder_that_is_no_template(tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "to-mother.txt").write_bytes(b"dear")

    refused(bastion("new", "project", "--defaults", "--template", "letters", cwd=tmp_path), "copier.yml")
    assert files(tmp_path) == {"letters/to-mother.txt": b"dear"}


def test_a_template_that_wants_to_run_commands(tmp_path: Path) -> None:
    template = template_of(tmp_path / "template", f"_tasks: [touch ran]\n{A_QUESTION}")
    settings = tmp_path / "settings.yml"
    settings.write_text(f"trust: [{template}]\n", encoding="utf-8")

    # Whom Copier's own settings trust too: what is looked at by `bastion check` comes the same way.
    for env in (environment(), environment({"COPIER_SETTINGS_PATH": str(settings)})):
        finished = bastion("new", "project", "--defaults", "--template", str(template), cwd=tmp_path, env=env)

        refused(finished, "wants to run code of its own here: use `copier --trust` itself")
        assert set(files(tmp_path)) == {"settings.yml", "template/copier.yml"}


def test_an_unknown_ref(tmp_path: Path, template_repository: Path) -> None:
    source = str(template_repository)

    finished = bastion("new", "project", "--defaults", "--template", source, "--ref", "v99", cwd=tmp_path)

    refused(finished, "v99")
    assert list(tmp_path.iterdir()) == []


def test_no_terminal_and_no_defaults(tmp_path: Path) -> None:
    finished = bastion("new", "project", "--data", "database=sqlite", cwd=tmp_path)

    refused(finished, "add --defaults")
    assert " auth, jwt_algorithm (unless auth settles it), rate_limit, " in finished.stderr
    assert list(tmp_path.iterdir()) == []


def test_what_would_not_be_asked_is_not_missed(tmp_path: Path) -> None:
    finished = bastion("new", "project", "--data", "auth=cookie", cwd=tmp_path)

    refused(finished, "add --defaults")
    assert "rate_limit" in finished.stderr
    assert "jwt_algorithm" not in finished.stderr


def test_what_is_asked_with_the_answers_given_is_missed_without_more_ado(tmp_path: Path) -> None:
    finished = bastion("new", "project", "--data", "auth=both", cwd=tmp_path)

    refused(finished, "no answer to project_name, database, jwt_algorithm, rate_limit, features, ci: add --defaults")


def test_a_choice_that_stands_in_a_pair_is_known(tmp_path: Path) -> None:
    pairs = "auth:\n  type: str\n  default: bearer\n  choices: [[Tokens, bearer], [Cookies, cookie]]\n"
    template = template_of(tmp_path / "template", pairs)
    from_it = ("--defaults", "--template", str(template))

    refused(bastion("new", "x", *from_it, "--data", "auth=bearr", cwd=tmp_path), "did you mean 'bearer'?")


def test_choices_that_only_copier_knows_are_left_to_copier(tmp_path: Path) -> None:
    """Such as those of another template that computes them."""
    parts = ["type: str", "multiselect: true", "default: []", "choices: '{{ [1, 2] }}'"]
    template = template_of(tmp_path / "template", "\n  ".join(["parts:", *parts]), {"a-file": ""})
    from_it = ("--defaults", "--no-git", "--no-install", "--template", str(template))

    wrong = bastion("new", "x", *from_it, "--data", "parts=3", cwd=tmp_path)
    taken = bastion("new", "y", *from_it, "--data", "parts=1,2", cwd=tmp_path)

    refused(wrong, "Invalid choice for 'parts'")
    assert taken.returncode == 0, taken.stderr


def test_no_git(tmp_path: Path) -> None:
    without_git = environment({"PATH": str(tmp_path / "bin")})

    refused(bastion("new", "project", "--defaults", cwd=tmp_path, env=without_git), "install it")


@pytest.mark.skipif(sys.platform == "win32", reason="a console's Ctrl-C cannot be sent to one process there")
def test_an_interrupt_while_building_leaves_nothing_behind(tmp_path: Path) -> None:
    slow_uv = tmp_path / "uv"
    slow_uv.write_text("#!/bin/sh\ntouch started\nexec sleep 30\n", encoding="utf-8")
    slow_uv.chmod(0o755)
    (tmp_path / "home").mkdir()
    child = subprocess.Popen(
        [*BASTION, "new", "project", "--defaults"],
        cwd=tmp_path / "home",
        env=environment({"UV": str(slow_uv)}),
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    give_up = time.monotonic() + 30
    while not list((tmp_path / "home").rglob("started")):
        assert time.monotonic() < give_up
        time.sleep(0.05)

    os.killpg(child.pid, signal.SIGINT)
    _, complaint = child.communicate(timeout=30)

    assert child.returncode == 130
    assert complaint == "bastion: stopped\n"
    assert list((tmp_path / "home").iterdir()) == []


def test_a_git_that_cannot_commit(tmp_path: Path) -> None:
    refuses = environment(git_that_at("commit", "echo disk full >&2; exit 1", tmp_path))

    finished = bastion("new", "project", "--defaults", "--no-install", cwd=tmp_path, env=refuses)

    refused(finished, "(disk full): mend that, or add --no-git")
    assert not (tmp_path / "project").exists()


@pytest.mark.parametrize("count", ["x", "-1", "9" * 5000])
def test_settings_of_git_that_nobody_can_count(tmp_path: Path, count: str) -> None:
    finished = bastion("new", "project", "--defaults", cwd=tmp_path, env=environment({"GIT_CONFIG_COUNT": count}))

    refused(finished, "GIT_CONFIG_COUNT is no count", "unset it")
    assert list(tmp_path.iterdir()) == []
