"""`bastion new` in a terminal, driven through a pseudo-terminal as a person would."""

import shlex
import sys
from collections.abc import Callable, Collection, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from tests.support.checkout import questions
from tests.support.commands import BASTION, COPIER, succeed
from tests.support.trees import files_without_secret

if sys.platform == "win32":
    pytest.skip("pseudo-terminals are a Unix thing; the flags are tested everywhere", allow_module_level=True)

from tests.support.screens import BACKSPACE, CONTROL_C, CONTROL_D, CONTROL_U, DOWN, ENTER, SPACE, UP
from tests.support.terminal import end_of, open_terminal

if TYPE_CHECKING:
    import pexpect

PRESET, GO_ON = "Which preset do you start from", "Create "
ASKED = {
    name: question["help"].splitlines()[0].removesuffix("?")
    for name, question in questions().items()
    if question.get("ask", True)
}
QUESTIONS = list(ASKED.values())
BARE = ("--no-git", "--no-install")

Terminal = Callable[..., "pexpect.spawn[str]"]


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    return partial(open_terminal, cwd=tmp_path)


# Types a name, goes down to PostgreSQL, sets a second checkbox, wants no workflow; takes what is offered otherwise.
LIKE_A_PERSON = {
    "project_name": CONTROL_U + "Book Shop" + ENTER,
    "database": DOWN + ENTER,
    "features": DOWN + SPACE + ENTER,
    "ci": DOWN + ENTER,
}


def want_no_preset(child: "pexpect.spawn[str]") -> None:
    child.expect(PRESET)
    child.send(UP + ENTER)


def answer(child: "pexpect.spawn[str]", keys: Mapping[str, str], without: Collection[str] = ()) -> None:
    """Answer each question but some, none of which may be asked; what has no keys has its default."""
    for name, question in ASKED.items():
        if name not in without:
            assert child.expect([question, *(ASKED[each] for each in without)]) == 0
            child.send(keys.get(name, ENTER))


def agree(child: "pexpect.spawn[str]") -> None:
    child.expect(GO_ON)
    child.send(ENTER)


def answers_of(project: Path) -> dict[str, object]:
    return dict(yaml.safe_load((project / ".copier-answers.yml").read_text(encoding="utf-8")))


def test_a_person_answers_and_has_the_project_that_flags_give(tmp_path: Path, terminal: Terminal) -> None:
    child = terminal(*BASTION, "new", "asked", *BARE)
    want_no_preset(child)
    answer(child, LIKE_A_PERSON)
    agree(child)
    child.expect("asked is ready")
    assert end_of(child) == 0

    flags = ("project_name=Book Shop", "database=postgresql", "features=rbac,cors", "ci=none")
    data = [part for flag in flags for part in ("--data", flag)]
    succeed(*BASTION, "new", "told", *data, "--defaults", *BARE, cwd=tmp_path)

    assert files_without_secret(tmp_path / "asked") == files_without_secret(tmp_path / "told")


def test_every_checkbox_may_be_left_empty_and_what_another_answer_settles_is_not_asked(
    tmp_path: Path, terminal: Terminal
) -> None:
    child = terminal(*BASTION, "new", "project", *BARE)
    want_no_preset(child)
    answer(child, {"auth": DOWN + ENTER, "features": SPACE + ENTER}, without={"jwt_algorithm"})
    agree(child)

    assert end_of(child) == 0
    answers = answers_of(tmp_path / "project")
    assert (answers["auth"], answers["features"]) == ("cookie", [])
    assert "jwt_algorithm" not in answers


def test_an_answer_that_settles_what_a_flag_answered_is_refused_in_the_end(tmp_path: Path, terminal: Terminal) -> None:
    child = terminal(*BASTION, "new", "project", "--data", "jwt_algorithm=ES256", *BARE)
    answer(child, {"auth": DOWN + ENTER}, without={"jwt_algorithm"})

    child.expect("leave jwt_algorithm out, or give another answer to auth")
    assert end_of(child) == 2
    assert list(tmp_path.iterdir()) == []


DESTINATIONS = ["acme-api", "日本", "somewhere/acme_api", "~/acme-api"]


@pytest.mark.parametrize("dest", DESTINATIONS)
def test_the_folder_gives_the_name_that_is_offered(tmp_path: Path, terminal: Terminal, dest: str) -> None:
    child = terminal("env", f"HOME={tmp_path}", *BASTION, "new", dest, *BARE)
    want_no_preset(child)

    child.expect(QUESTIONS[0])
    child.expect_exact(Path(dest).name)
    child.send(ENTER)
    child.expect(QUESTIONS[1])


@pytest.mark.parametrize("dest", ["Acme API", *(pytest.param(dest, marks=pytest.mark.long) for dest in DESTINATIONS)])
def test_the_name_that_is_offered_is_the_projects_and_in_the_line_that_makes_it_again(
    tmp_path: Path, terminal: Terminal, dest: str
) -> None:
    child = terminal("env", f"HOME={tmp_path}", *BASTION, "new", dest, *BARE)
    want_no_preset(child)
    answer(child, {})
    agree(child)
    child.expect("elsewhere:")
    rest = child.read()

    project, name = tmp_path / dest.removeprefix("~/"), Path(dest).name
    assert answers_of(project)["project_name"] == name
    again = shlex.split(rest)
    assert f"project_name={name}" in again
    succeed(*BASTION, "new", str(tmp_path / "again"), *again[3:], *BARE, cwd=tmp_path)
    assert files_without_secret(tmp_path / "again") == files_without_secret(project)
    assert f"project_name={name}" in shlex.split((project / ".copier-answers.yml").read_text("utf-8"), comments=False)


@pytest.mark.parametrize("dest", ["fastapi", "--api", "a+b"])
def test_a_folder_whose_name_is_no_name_of_a_project_gives_none(terminal: Terminal, dest: str) -> None:
    child = terminal(*BASTION, "new", *BARE, "--", dest)
    want_no_preset(child)

    child.expect(QUESTIONS[0])
    child.expect("My API")


def test_a_name_that_was_given_is_not_asked_for_whatever_the_folder_is_called(
    tmp_path: Path, terminal: Terminal
) -> None:
    child = terminal(*BASTION, "new", "acme-api", "--data", "project_name=My API", "--preset", "api", *BARE)
    answer(child, {}, without={"project_name", "auth", "jwt_algorithm", "features"})
    agree(child)

    assert end_of(child) == 0
    assert answers_of(tmp_path / "acme-api")["project_name"] == "My API"


def test_copier_asks_the_same_questions(tmp_path: Path, terminal: Terminal, template_repository: Path) -> None:
    ours = terminal(*BASTION, "new", "ours", *BARE)
    theirs = terminal(*COPIER, "copy", "--quiet", str(template_repository), "theirs")
    want_no_preset(ours)
    for child in (ours, theirs):
        answer(child, LIKE_A_PERSON)
    agree(ours)
    for child in (ours, theirs):
        assert end_of(child) == 0

    left, right = files_without_secret(tmp_path / "ours"), files_without_secret(tmp_path / "theirs")

    # Where the template came from differs, on purpose.
    assert left.pop(".copier-answers.yml").splitlines()[4:] == right.pop(".copier-answers.yml").splitlines()[4:]
    assert left == right


def test_an_answered_question_is_not_asked(tmp_path: Path, terminal: Terminal) -> None:
    child = terminal(*BASTION, "new", "project", "--data", "database=postgresql", "--data", "features=cors", *BARE)
    answer(child, {}, without={"database", "features"})
    agree(child)

    assert end_of(child) == 0
    answers = answers_of(tmp_path / "project")
    assert (answers["database"], answers["features"]) == ("postgresql", ["cors"])


def test_defaults_ask_nothing_in_a_terminal(terminal: Terminal) -> None:
    child = terminal(*BASTION, "new", "project", "--defaults", *BARE)

    assert child.expect(["project is ready", PRESET, GO_ON, *QUESTIONS]) == 0


def test_a_wrong_name_is_refused_while_it_is_typed(terminal: Terminal) -> None:
    child = terminal(*BASTION, "new", "project", *BARE)
    want_no_preset(child)
    child.expect(QUESTIONS[0])
    child.send('"' + ENTER)

    child.expect("at most 60 letters, digits, spaces")
    child.send(BACKSPACE + ENTER)
    child.expect(QUESTIONS[1])


def test_the_name_of_a_package_is_refused_while_it_is_typed(terminal: Terminal) -> None:
    child = terminal(*BASTION, "new", "project", *BARE)
    want_no_preset(child)
    child.expect(QUESTIONS[0])
    child.send(CONTROL_U + "FastAPI" + ENTER)

    child.expect("the project installs a package of that name")
    child.send("x" + ENTER)
    child.expect(QUESTIONS[1])


@pytest.mark.parametrize("at", [QUESTIONS[0], GO_ON])
def test_the_end_of_input_is_a_stop_like_any_other(tmp_path: Path, terminal: Terminal, at: str) -> None:
    child = terminal(*BASTION, "new", "project", "--preset", "api", *BARE)
    if at == GO_ON:
        answer(child, {}, without={"auth", "jwt_algorithm", "features"})
    child.expect(at)
    child.send(CONTROL_U + CONTROL_D)

    child.expect("bastion: stopped")
    assert end_of(child) == 130
    assert list(tmp_path.iterdir()) == []


def test_the_end_of_input_is_a_stop_where_a_preset_is_chosen(tmp_path: Path, terminal: Terminal) -> None:
    child = terminal(*BASTION, "new", "project", *BARE)
    child.expect(PRESET)
    child.send(CONTROL_D)

    child.expect("bastion: stopped")
    assert end_of(child) == 130
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_flag_is_refused_before_the_first_question(terminal: Terminal) -> None:
    child = terminal(*BASTION, "new", "project", "--data", "jwt_algorithm=none")

    assert child.expect(["jwt_algorithm has no choice 'none'", PRESET, *QUESTIONS]) == 0
    assert end_of(child) == 2


MOMENTS = range(len(QUESTIONS) + 2)


@pytest.mark.parametrize(
    "answered",
    [pytest.param(at, marks=[] if at in {0, len(MOMENTS) // 2, MOMENTS[-1]} else [pytest.mark.long]) for at in MOMENTS],
)
def test_control_c_leaves_nothing_behind(tmp_path: Path, terminal: Terminal, answered: int) -> None:
    asked = {PRESET: UP + ENTER, **dict.fromkeys(QUESTIONS, ENTER), GO_ON: ENTER}
    child = terminal(*BASTION, "new", "project")
    for question, keys in list(asked.items())[:answered]:
        child.expect(question)
        child.send(keys)
    child.expect(list(asked)[answered])
    child.send(CONTROL_C)

    child.expect("bastion: stopped")
    assert end_of(child) == 130
    assert list(tmp_path.iterdir()) == []


def test_whoever_does_not_like_the_summary_has_written_nothing(tmp_path: Path, terminal: Terminal) -> None:
    child = terminal(*BASTION, "new", "project", "--preset", "web", "--data", "project_name=Book Shop")
    answer(child, {}, without={"project_name", "auth", "jwt_algorithm", "features"})
    child.expect("routes")
    child.expect(GO_ON)
    child.send("n")

    child.expect("Nothing was written.")
    assert end_of(child) == 1
    assert list(tmp_path.iterdir()) == []
