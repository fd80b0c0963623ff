"""`bastion features` tells all there is to choose, as `copier.yml` says it: nothing left out and nothing added."""

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from bastion.choosing.wrapping import wrapped, wrapped_choice, wrapped_question
from tests.support.checkout import ROOT, questionnaire, questions
from tests.support.commands import BASTION, bastion, environment, run, succeed
from tests.support.terminal import COLUMNS, in_a_terminal, without_colours

CHOICES = [
    (name, label, value)
    for name, question in questions().items()
    for label, value in question.get("choices", {}).items()
]
NEVER_IMPORTED = ("copier", "rich", "questionary", "plumbum")


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    return succeed(*BASTION, "features", cwd=tmp_path_factory.mktemp("features"))


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return dict(json.loads(succeed(*BASTION, "features", "--json", cwd=tmp_path_factory.mktemp("features"))))


@pytest.fixture(scope="module", params=["features", "explain api"])
def usual(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[tuple[str, ...], str]:
    """A command, and what it writes in a terminal of the usual width."""
    command = (*BASTION, *request.param.split())
    env = environment({"COLUMNS": str(COLUMNS)})
    return command, succeed(*command, cwd=tmp_path_factory.mktemp("usual"), env=env)


def running(text: str) -> str:
    """Join lines, as if the page were endlessly wide."""
    return " ".join(text.split())


def about(page: str, question: str) -> str:
    """Give what the page says of one question."""
    return next(part for part in page.split("\n\n") if part.startswith(f"{question}: "))


@pytest.mark.parametrize("name", questions())
def test_every_question_is_told_with_how_to_know_the_answer(page: str, name: str) -> None:
    assert running(questions()[name]["help"]) in running(about(page, name).removeprefix(f"{name}: "))


@pytest.mark.parametrize(("name", "label", "value"), CHOICES)
def test_every_choice_is_told_and_marked_if_it_is_taken_by_default(
    page: str, name: str, label: str, value: str
) -> None:
    default = questions()[name]["default"]
    is_default = value in default if isinstance(default, list) else value == default

    mark, meaning = "*" if is_default else " ", label.removeprefix(f"{value}: ")
    text = about(page, name)

    assert re.search(rf"^  {re.escape(mark)} {re.escape(value)} ", text, re.MULTILINE)
    assert f" {value} {meaning}" in running(text)


@pytest.mark.parametrize(("capability", "said"), list(questionnaire()["_defences"].items()))
def test_every_attack_is_told(page: str, capability: str, said: dict[str, Any]) -> None:
    assert f" {said['stops']}" in running(page), capability


def test_what_several_answers_stop_is_told_once_with_all_of_them(page: str) -> None:
    stops = questionnaire()["_defences"]["limiter"]["stops"]

    assert running(about(page, "rate_limit")).count(stops) == 1
    assert f"memory, redis stop {stops}" in running(page)


def test_a_question_that_an_answer_settles_names_that_answer(page: str) -> None:
    assert "Not asked with auth=cookie." in about(page, "jwt_algorithm")
    assert page.count("Not asked") == 1


@pytest.mark.parametrize("file", sorted((ROOT / "presets").glob("*.yml")), ids=lambda file: file.stem)
def test_every_preset_is_told_with_whom_it_is_for(page: str, told: dict[str, Any], file: Path) -> None:
    audience = file.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ")
    answers = yaml.safe_load(file.read_text(encoding="utf-8"))

    assert f"{file.stem} {audience}" in running(page)
    assert {"name": file.stem, "audience": audience, "answers": answers} in told["presets"]


def test_a_text_tells_its_default_and_its_rule(page: str) -> None:
    assert "By default: my-api\n" in about(page, "project_slug")
    assert "The rule: use up to 60 lower-case letters" in about(page, "project_slug")


def test_the_page_is_readable_in_a_terminal(page: str) -> None:
    assert max(map(len, page.splitlines())) <= COLUMNS


@pytest.mark.parametrize("columns", ["1", "14", "24"])
def test_the_page_has_all_its_words_in_the_narrowest_terminal(
    tmp_path: Path, usual: tuple[tuple[str, ...], str], columns: str
) -> None:
    command, wide = usual

    narrow = succeed(*command, cwd=tmp_path, env=environment({"COLUMNS": columns}))

    assert narrow.split() == wide.split()


@pytest.mark.parametrize("columns", range(1, 6))
def test_what_stands_above_a_prompt_has_all_its_words_in_the_narrowest_terminal(
    monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))

    for written in (
        wrapped("What?\n  It says who calls."),
        wrapped_question("Create it?"),
        wrapped_choice("web it", " "),
    ):
        assert "".join(written.split()) in {"What?Itsayswhocalls.", "Createit?", "webit"}


def test_machines_read_the_same(told: dict[str, Any]) -> None:
    assert [each["name"] for each in told["questions"]] == list(questions())
    assert [
        (each["name"], choice["label"], choice["value"]) for each in told["questions"] for choice in each["choices"]
    ] == CHOICES
    assert {each["name"]: each["not_asked_with"] for each in told["questions"] if each["not_asked_with"]} == {
        "jwt_algorithm": [{"answers": ["auth=cookie"], "reason": ""}]
    }
    assert told["always"]["stops"] == questionnaire()["_defences"]["always"]["stops"]


def test_machines_read_which_capabilities_an_answer_turns_on(told: dict[str, Any]) -> None:
    choices = {choice["value"]: choice for each in told["questions"] for choice in each["choices"]}

    assert choices["cors"]["turns_on"] == ["cors", "browser_origins"]
    assert list(choices["redis"]["stops"]) == ["limiter"]
    assert list(choices["gateway"]["misses"]) == ["limiter"]
    assert choices["none"]["turns_on"] == []


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are a Unix thing")
def test_colours_are_for_terminals_whose_users_want_them(page: str) -> None:
    assert "\x1b" not in page
    assert "\x1b[1m" in in_a_terminal("features")
    assert "\x1b" not in in_a_terminal("features", NO_COLOR="1")
    assert "\x1b" not in in_a_terminal("features", TERM="dumb")
    assert without_colours(in_a_terminal("features")) == page


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are a Unix thing")
def test_machines_read_no_colours_whatever_they_read_through(told: dict[str, Any]) -> None:
    """`docker run --tty`, for one, is a terminal to the command."""
    assert json.loads(in_a_terminal("features", "--json")) == told


def test_nothing_heavy_is_imported(tmp_path: Path) -> None:
    finished = run(sys.executable, "-X", "importtime", "-m", "bastion", "features", cwd=tmp_path)
    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in finished.stderr.splitlines()}

    assert finished.returncode == 0
    assert "jinja2" in imported
    assert imported.isdisjoint(NEVER_IMPORTED)


def test_a_word_too_many_is_refused(tmp_path: Path) -> None:
    assert bastion("features", "cors", cwd=tmp_path).returncode == 2
