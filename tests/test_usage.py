"""The door: help is there for whoever asks or says nothing, and a mistake in the flags is one line like any other."""

import sys
from pathlib import Path

import pytest

from tests.support.commands import BASTION, bastion, environment, refused, run, started, succeed

MISTAKES = {
    "an unknown command": (["nwe"], "Did you mean 'new'?"),
    "an unknown flag": (["new", "x", "--datafile", "y"], "--data-file"),
    "no destination": (["new"], "`bastion new --help` lists what there is"),
    "two destinations": (["new", "x", "y"], "(y)"),
    "a flag without its value": (["new", "x", "--ref"], "requires an argument"),
    "a destination that looks like a flag": (["new", "-x"], "write a folder of that name as ./-x"),
}

HEAVY = {"copier", "rich", "questionary", "pydantic", "yaml", "jinja2"}


@pytest.mark.parametrize(("arguments", "remedy"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_in_the_flags(tmp_path: Path, arguments: list[str], remedy: str) -> None:
    finished = bastion(*arguments, cwd=tmp_path)

    refused(finished, remedy, "--help` lists what there is")
    assert finished.stdout == ""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", [("features",), ("new",), ("new", "x", "--defaults", "--data", "database=oracle")])
def test_a_command_says_the_same_with_its_start_and_without(tmp_path: Path, words: tuple[str, ...]) -> None:
    """Most of these tests leave the start of Python out."""
    without, with_it = run(*BASTION, *words, cwd=tmp_path), started(*BASTION, *words, cwd=tmp_path)

    assert (without.returncode, without.stdout, without.stderr) == (
        with_it.returncode,
        with_it.stdout,
        with_it.stderr,
    )


@pytest.mark.parametrize(
    ("command", "line"),
    [
        ("explain", "write `bastion explain ANSWER`, an answer or a preset that `bastion features` shows"),
        ("add", "write `bastion add FEATURE...`, names of features, which `bastion features` shows"),
    ],
)
def test_whoever_names_nothing_hears_where_the_names_are(tmp_path: Path, command: str, line: str) -> None:
    assert refused(bastion(command, cwd=tmp_path), line).endswith(f"{line}\n")


@pytest.mark.skipif(sys.platform == "win32", reason="a shell there closes no stream")
@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-"])
@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("check nowhere", 2),
        ("new x --defaults --no-git --no-install", 0),
        ("new x --data database=sqlite", 2),
        ("new x --data database=sqlite --json", 2),
    ],
)
def test_a_stream_that_is_closed_changes_no_exit_code(tmp_path: Path, closed: str, words: str, code: int) -> None:
    finished = run("sh", "-c", f"{BASTION[0]} {words} {closed}", cwd=tmp_path)

    assert finished.returncode == code, finished.stderr
    assert (tmp_path / "x").exists() == (code == 0)
    if code and closed == ">&-":
        refused(finished)


def test_a_line_to_copy_that_standard_output_cannot_show_is_not_to_be_copied(tmp_path: Path) -> None:
    narrow = environment({"PYTHONIOENCODING": "latin-1"})
    words = ("new", "x", "--defaults", "--dry-run", "--data")

    plain = bastion(*words, "project_name=Shop", cwd=tmp_path, env=narrow)
    unknown = bastion(*words, "project_name=日本", cwd=tmp_path, env=narrow)

    assert (plain.returncode, plain.stderr) == (0, "")
    assert (unknown.returncode, unknown.stderr.count("\n")) == (0, 1)
    assert "\\u65e5\\u672c" in unknown.stdout
    assert "set PYTHONIOENCODING=utf-8 to copy it" in unknown.stderr


def test_whoever_says_nothing_is_helped(tmp_path: Path) -> None:
    assert succeed(*BASTION, cwd=tmp_path) == succeed(*BASTION, "--help", cwd=tmp_path)


def test_no_description_of_a_command_is_cut_on_a_usual_screen(tmp_path: Path) -> None:
    told = succeed(*BASTION, "--help", cwd=tmp_path, env=environment({"COLUMNS": "80"})).partition("Commands:")[2]

    assert [line for line in told.splitlines() if line.endswith("...")] == []
    assert all(line.endswith(".") for line in told.splitlines() if line)
    assert len(told.split("\n  ")) > 10


def test_help_waits_for_no_heavy_import(tmp_path: Path) -> None:
    """Time depends on the machine; what is imported does not."""
    helps = "import sys; from bastion.cli import app\ntry: app(['--help'])\nfinally: print(*sys.modules)"

    imported = set(succeed(sys.executable, "-c", helps, cwd=tmp_path).splitlines()[-1].split())

    assert "typer" in imported
    assert sorted(imported & HEAVY) == []


@pytest.mark.skipif(sys.platform == "win32", reason="a shell's pipe, and a reader that leaves it")
def test_a_reader_that_has_seen_enough_is_no_mistake(tmp_path: Path) -> None:
    assert started("sh", "-c", '"$@" | true', "sh", *BASTION, "features", cwd=tmp_path).stderr == ""
