"""`bastion new` as somebody in front of a terminal sees it."""

import re
import sys
from pathlib import Path

import pytest
import yaml

if sys.platform == "win32":
    pytest.skip("pseudo-terminals are a Unix thing; the flags are tested everywhere", allow_module_level=True)

from tests.support.checkout import ROOT, questions
from tests.support.commands import BASTION, bastion, environment
from tests.support.recording import BEGIN, END, replaced
from tests.support.screens import DOWN, ENTER, SPACE, UP, Terminal
from tests.support.templates import template_of
from tests.support.trees import files

BARE = ("--no-git", "--no-install")
NARROW, VERY_NARROW = 80, 60
PRESETS = sorted((ROOT / "presets").glob("*.yml"))
ANSWERS = {name: question["default"] for name, question in questions().items() if question.get("ask", True)}
COLOUR = b"\x1b[36m"
CONSTRAINED = """
auth:
  type: str
  default: bearer
  choices: {Tokens: bearer, Cookies: cookie}
parts:
  type: str
  multiselect: true
  default: []
  help: What else?
  choices:
    "notes: what people write": notes
    "csrf: no page of others may act for them":
      value: csrf
      validator: "{% if auth == 'bearer' %}only cookies need it{% endif %}"
"""


def all_answered(folder: Path) -> None:
    (folder / "all.yml").write_text(yaml.safe_dump(ANSWERS), encoding="utf-8")


def template_with_a_constraint(folder: Path) -> Path:
    return template_of(folder, CONSTRAINED, {"parts.txt.jinja": "{{ parts | join(' ') }}"})


def test_the_readme_shows_what_a_terminal_shows_now() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")

    assert BEGIN in readme.partition(END)[0]
    assert replaced(readme) == readme


def test_each_preset_is_shown_with_whom_it_is_for_and_what_it_implies(tmp_path: Path) -> None:
    terminal = Terminal(*BASTION, "new", "project", cwd=tmp_path, env=environment(), columns=NARROW)
    terminal.wait_for("other  ")

    shown = "\n".join(terminal.lines())
    assert shown.index("» api") < shown.index(" web ") < shown.index(" spa ") < shown.index(" everything ")
    for file in PRESETS:
        assert file.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ") in shown
    assert "auth: cookie, features: rbac + cors" in shown
    assert "None of these: ask me each question." in shown
    assert "The database and a few other things\n  are asked afterwards" in shown


@pytest.mark.parametrize("name", questions())
def test_what_explains_a_question_fits_on_a_narrow_screen(name: str) -> None:
    labels = [f" » ● {label}" for label in questions()[name].get("choices", {})]
    lines = questions()[name].get("help", "").splitlines()

    assert [line for line in (*labels, *lines) if len(line) > NARROW] == []


def test_every_choice_has_its_name_and_a_line_of_explanation() -> None:
    """The text above them speaks of them by name."""
    choices = [choice for each in questions().values() for choice in each.get("choices", {}).items()]

    assert len(choices) > 10
    assert [label for label, value in choices if not label.startswith(f"{value}: ")] == []


def test_a_choice_that_a_constraint_rules_out_is_shown_with_the_reason_and_cannot_be_set(tmp_path: Path) -> None:
    template = template_with_a_constraint(tmp_path / "template")
    flags = ("--template", str(template), "--data", "auth=bearer", *BARE)
    terminal = Terminal(*BASTION, "new", "project", *flags, cwd=tmp_path, env=environment())
    terminal.wait_for("What else?")
    assert any("csrf: no page" in line and "only cookies need it" in line for line in terminal.lines())

    terminal.send(DOWN + SPACE + ENTER)
    terminal.wait_for("Create project?")
    terminal.send(ENTER)

    assert terminal.end() == 0
    assert files(tmp_path / "project") == {"parts.txt": b"notes"}


def test_a_template_without_presets_asks_its_questions_at_once(tmp_path: Path) -> None:
    template = template_with_a_constraint(tmp_path / "template")
    terminal = Terminal(*BASTION, "new", "project", "--template", str(template), *BARE, cwd=tmp_path, env=environment())
    terminal.wait_for("Cookies")

    assert not any("preset" in line for line in terminal.lines())


def test_the_summary_is_there_before_the_project(tmp_path: Path) -> None:
    flags = ("--preset", "api", "--data", "project_name=Shop", "--data", "database=sqlite", "--data", "ci=none")
    terminal = Terminal(*BASTION, "new", "shop", *flags, *BARE, cwd=tmp_path, env=environment())
    terminal.wait_for("requests one IP address may send")
    terminal.send(ENTER)
    terminal.wait_for("Create shop?")

    shown = "\n".join(terminal.lines())
    assert "/auth/token POST" in shown
    assert not (tmp_path / "shop").exists()
    terminal.send(ENTER)
    assert terminal.end() == 0
    assert (tmp_path / "shop").exists()
    assert terminal.lines()[-1].strip().startswith("bastion new shop --defaults --no-git --no-install --data ")


@pytest.mark.parametrize(
    ("flags", "question"),
    [
        ([], "Create shop, with a git repository and its dependencies installed? If not, nothing is written."),
        (["--no-install"], "Create shop, with a git repository? If not, nothing is written."),
        (["--no-git"], "Create shop, with its dependencies installed? If not, nothing is written."),
        (["--no-git", "--no-install"], "Create shop? If not, nothing is written."),
    ],
    ids=["all", "git", "installed", "neither"],
)
def test_who_agrees_knows_what_to_and_that_it_is_all_or_nothing(
    tmp_path: Path, flags: list[str], question: str
) -> None:
    all_answered(tmp_path)
    terminal = Terminal(
        *BASTION, "new", "shop", *flags, "--data-file", "all.yml", cwd=tmp_path, env=environment(), columns=110
    )
    terminal.wait_for("Create shop")

    terminal.wait_for(question, seconds=5)


@pytest.mark.parametrize("without", [False, True], ids=["as ever", "NO_COLOR"])
def test_colours_go_where_nobody_wants_them(tmp_path: Path, *, without: bool) -> None:
    variables = environment({"NO_COLOR": "1"} if without else {})
    terminal = Terminal(*BASTION, "new", "x", "--defaults", "--dry-run", cwd=tmp_path, env=variables)

    assert terminal.end() == 0
    assert (COLOUR in terminal.received) is not without


def test_on_a_very_narrow_screen_every_word_of_a_question_is_there(tmp_path: Path) -> None:
    """What stands above a prompt is cut off at the edge, and not broken."""
    terminal = Terminal(*BASTION, "new", "project", *BARE, cwd=tmp_path, env=environment(), columns=VERY_NARROW)
    terminal.wait_for("other  ")
    presets = " ".join(" ".join(terminal.lines()).split())
    terminal.send(UP + ENTER)
    for name in ("project_name", "database", "auth"):
        terminal.wait_for(" ".join(questions()[name]["help"].split()[:3]))
        shown = " ".join(" ".join(terminal.lines()).split())
        assert " ".join(questions()[name]["help"].split()) in shown
        terminal.send(ENTER)

    assert "each question." in presets
    assert all(" ".join(file.read_text("utf-8").splitlines()[0][2:].split()) in presets for file in PRESETS)


def test_what_went_wrong_is_broken_at_words_and_is_one_line_in_a_pipe(tmp_path: Path) -> None:
    mistakes = (
        "new",
        "project",
        "--defaults",
        "--data",
        "database=mysql",
        "--data",
        "features=blockchain",
        "--data",
        "ci",
    )
    piped = bastion(*mistakes, cwd=tmp_path).stderr.splitlines()
    terminal = Terminal(*BASTION, *mistakes, cwd=tmp_path, env=environment(), columns=VERY_NARROW)

    assert terminal.end() == 2
    assert len(piped) == 3 < len(terminal.lines())
    assert " ".join(line.strip() for line in terminal.lines()) == " ".join(piped)


@pytest.mark.parametrize("arguments", [["new", "--datafile", "y"], ["explain"]], ids=["a flag", "an argument"])
def test_a_mistake_in_the_flags_is_broken_at_words_but_not_what_is_to_be_copied(
    tmp_path: Path, arguments: list[str]
) -> None:
    piped = bastion(*arguments, cwd=tmp_path).stderr
    terminal = Terminal(*BASTION, *arguments, cwd=tmp_path, env=environment(), columns=VERY_NARROW)

    assert terminal.end() == 2
    assert piped.count("\n") == 1
    assert " ".join(line.strip() for line in terminal.lines()) == piped.strip()
    for command in re.findall("`[^`]+`", piped):
        assert any(command in line for line in terminal.lines())


def test_prose_is_broken_at_words_and_commands_are_not(tmp_path: Path) -> None:
    folder = "shop-of-books"
    servers = ("--data", "database=postgresql", "--data", "rate_limit=redis")
    command = (*BASTION, "new", folder, *servers, "--defaults", *BARE)
    terminal = Terminal(*command, cwd=tmp_path, env=environment(), columns=VERY_NARROW)

    assert terminal.end() == 0
    heading = f"{folder} is ready. It needs PostgreSQL and Redis; README.md says how to start them. Next:"
    assert heading in " ".join(line.strip() for line in terminal.lines())
    # The terminal breaks a command in its own way, and puts it together again when it is copied.
    again = (
        f"    bastion new {folder} --defaults --no-git --no-install --data database=postgresql --data rate_limit=redis"
    )
    assert again in terminal.received.decode().splitlines()


def test_the_last_question_is_broken_at_words(tmp_path: Path) -> None:
    all_answered(tmp_path)
    command = (*BASTION, "new", "a-folder-for-the-shop-of-books", "--data-file", "all.yml")
    terminal = Terminal(*command, cwd=tmp_path, env=environment(), columns=VERY_NARROW)
    terminal.wait_for("Create ")
    terminal.wait_for("(Y/n)")

    asked = " ".join(" ".join(terminal.lines()).split()).partition("Create ")[2]
    assert asked == (
        "a-folder-for-the-shop-of-books, with a git repository and its dependencies installed? "
        "If not, nothing is written. (Y/n)"
    )
