"""Presets: files of answers that say whom they are for, for the command and for plain Copier alike."""

from pathlib import Path

import pytest
import yaml

from tests.support.checkout import ROOT, questions
from tests.support.commands import BASTION, COPIER, announced, bastion, refused, succeed
from tests.support.trees import files_without_secret

BARE = ("--no-git", "--no-install")
FILES = {file.stem: file for file in (ROOT / "presets").glob("*.yml")}
ANSWERS = {name: yaml.safe_load(file.read_text(encoding="utf-8")) for name, file in FILES.items()}
LEFT_OPEN = {"project_name", "project_slug", "database", "rate_limit", "ci"}
"""What depends on where the project runs and not on who calls it."""

A_LINE_ON_A_NARROW_SCREEN = 65


def test_these_are_the_presets() -> None:
    assert set(FILES) == {"api", "web", "spa", "everything"}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[] if name == "everything" else [pytest.mark.long]) for name in FILES]
)
def test_copier_takes_the_file_as_it_lies(tmp_path: Path, template_repository: Path, name: str) -> None:
    succeed(*BASTION, "new", "ours", "--preset", name, "--defaults", *BARE, cwd=tmp_path)
    with_the_file = ("--defaults", "--data-file", str(FILES[name]))
    succeed(*COPIER, "copy", *with_the_file, str(template_repository), "theirs", cwd=tmp_path)

    ours, theirs = files_without_secret(tmp_path / "ours"), files_without_secret(tmp_path / "theirs")
    # Where the template came from differs, on purpose.
    assert ours.pop(".copier-answers.yml").splitlines()[4:] == theirs.pop(".copier-answers.yml").splitlines()[4:]
    assert ours == theirs


@pytest.mark.parametrize("name", FILES)
def test_what_the_file_says_is_answered(tmp_path: Path, name: str) -> None:
    assert ANSWERS[name].items() <= announced("--preset", name, "--defaults", cwd=tmp_path)["answers"].items()


@pytest.mark.parametrize("name", FILES)
def test_the_first_line_says_whom_it_is_for(name: str) -> None:
    first_line = FILES[name].read_text(encoding="utf-8").splitlines()[0]

    assert first_line.startswith("# For ")
    assert len(first_line) <= A_LINE_ON_A_NARROW_SCREEN


@pytest.mark.parametrize("name", FILES)
def test_where_it_runs_is_left_to_the_user(name: str) -> None:
    needless = {"jwt_algorithm"} if ANSWERS[name]["auth"] == "cookie" else set()

    assert set(questions()) - ANSWERS[name].keys() - needless == LEFT_OPEN


def test_the_first_of_them_is_the_default() -> None:
    assert ANSWERS["api"] == {name: questions()[name]["default"] for name in ANSWERS["api"]}


def test_everything_has_every_feature_and_both_ways_to_log_in() -> None:
    assert ANSWERS["everything"]["auth"] == "both"
    assert ANSWERS["everything"]["features"] == list(questions()["features"]["choices"].values())


def test_everything_says_what_it_costs() -> None:
    assert "more surface" in FILES["everything"].read_text(encoding="utf-8").splitlines()[0]


def test_pages_get_cookies_and_only_those_of_other_origins_cors() -> None:
    assert (ANSWERS["web"]["auth"], "cors" in ANSWERS["web"]["features"]) == ("cookie", False)
    assert (ANSWERS["spa"]["auth"], "cors" in ANSWERS["spa"]["features"]) == ("cookie", True)


def test_a_flag_and_a_file_win_over_a_preset(tmp_path: Path) -> None:
    (tmp_path / "answers.yml").write_text("features: []\n", encoding="utf-8")

    flags = ("--preset", "api", "--data-file", "answers.yml", "--data", "jwt_algorithm=EdDSA")
    answers = announced(*flags, "--defaults", cwd=tmp_path)["answers"]

    assert (answers["auth"], answers["jwt_algorithm"], answers["features"]) == ("bearer", "EdDSA", [])


def test_what_a_preset_says_is_forgotten_when_a_flag_settles_it(tmp_path: Path) -> None:
    flags = ("--preset", "api", "--data", "auth=cookie", "--defaults")

    assert "jwt_algorithm" not in announced(*flags, cwd=tmp_path)["answers"]


@pytest.mark.parametrize(
    ("flags", "remedy"),
    [
        (["--preset", "sap"], "there is no preset 'sap': did you mean 'spa'?"),
        (["--preset", "blog"], "there is no preset 'blog': the presets are api, web, spa, everything"),
        (["--preset", "../presets/api"], "there is no preset '../presets/api': "),
        (["--preset", "spa", "--preset", "web"], "--preset is given twice: choose one"),
        (["--preset", "api", "--template", "."], "with --template or --ref use --data-file"),
    ],
)
def test_a_preset_that_there_is_not(tmp_path: Path, flags: list[str], remedy: str) -> None:
    (tmp_path / "copier.yml").write_text("name:\n  type: str\n  default: x\n", encoding="utf-8")

    finished = bastion("new", "project", "--defaults", *flags, cwd=tmp_path)

    refused(finished, remedy)
    assert not (tmp_path / "project").exists()


@pytest.mark.parametrize("name", FILES)
def test_the_readme_tells_each_with_what_it_implies(name: str) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (row,) = [line for line in readme.splitlines() if line.startswith(f"| `{name}` |")]
    implied = [each for answer in ANSWERS[name].values() for each in (answer if isinstance(answer, list) else [answer])]
    unset = [each for each in questions()["features"]["choices"].values() if each not in implied]

    assert FILES[name].read_text(encoding="utf-8").splitlines()[0].removeprefix("# ") in row
    assert [each for each in implied if f"`{each}`" not in row] == []
    assert [each for each in unset if f"`{each}`" in row] == []
