"""`bastion explain` tells the truth: what it says that a choice adds is what Copier writes with it and not without."""

import json
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from bastion.anatomy import PROJECT, dependencies_of, routes_of, settings_of
from bastion.knowing.catalogue import Catalogue, Choice
from tests.conftest import Render
from tests.support.checkout import ROOT, questionnaire, questions
from tests.support.commands import BASTION, bastion, environment, refused, succeed
from tests.support.said import Said
from tests.support.terminal import COLUMNS, in_a_terminal, without_colours
from tests.support.trees import files

DEFENCES: Mapping[str, Mapping[str, str]] = questionnaire()["_defences"]
CHOICES = [choice for some in Catalogue(questionnaire()).choices.values() for choice in some]
PRESETS = sorted((ROOT / "presets").glob("*.yml"))
NOT_TOLD = {".env", ".copier-answers.yml"}


@pytest.fixture(scope="session")
def explain(said: Said, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], dict[str, Any]]:
    nowhere = tmp_path_factory.mktemp("nowhere")
    return lambda name: dict(json.loads(said.by("explain", name, "--json", cwd=nowhere)))


Explain = Callable[[str], dict[str, Any]]


def answer_of(choice: Choice) -> str:
    return choice.answer


def as_list(answer: object) -> list[object]:
    return list(answer) if isinstance(answer, list | tuple) else [answer]


def functions_in(project: Path) -> set[tuple[str, str]]:
    """Find tests by their looks, as a person with `grep` would."""
    return {
        (path, name)
        for path, content in files(project).items()
        if re.search(r"/test_\w+\.py$", path)
        for name in re.findall(r"^(?:async )?def (test_\w+)", content.decode(), re.MULTILINE)
    }


def requirements_of(project: Path) -> set[str]:
    marks = [
        mark
        for path, content in files(project).items()
        if path.startswith("tests/")
        for mark in re.findall(r"^@pytest\.mark\.asvs\(([^)]*)\)", content.decode(), re.MULTILINE)
    ]
    return set(re.findall(r"V[\d.]+", " ".join(marks)))


@pytest.mark.long
@pytest.mark.parametrize("choice", CHOICES, ids=answer_of)
def test_what_an_answer_adds_is_what_copier_writes_with_it_and_not_without(
    explain: Explain, render: Render, choice: Choice
) -> None:
    told = explain(choice.answer)
    ((with_it, without),) = [(render(each["with"]), render(each["without"])) for each in told["compared"]]
    assert told["compared"] == [{"with": choice.with_it.as_data(), "without": choice.without_it.as_data()}]
    adds, more, less = told["adds"], files(with_it), files(without)

    assert set(adds["files"]) == more.keys() - less.keys()
    assert set(adds["changed"]) == {each for each in more if less.get(each, more[each]) != more[each]} - NOT_TOLD
    assert {(each["file"], each["name"]) for each in adds["tests"]} == functions_in(with_it) - functions_in(without)
    assert set(adds["asvs"]["only"]) == requirements_of(with_it) - requirements_of(without)
    assert {each["path"] for each in adds["routes"]} == {r.path for r in {*routes_of(with_it)} - {*routes_of(without)}}
    assert set(adds["settings"]) == {*settings_of(with_it)} - {*settings_of(without)}
    assert {each["requirement"] for each in adds["dependencies"] if each["group"] == PROJECT} == (
        {*dependencies_of(with_it)[PROJECT]} - {*dependencies_of(without)[PROJECT]}
    )


@pytest.mark.parametrize("choice", CHOICES, ids=answer_of)
def test_the_two_projects_differ_by_the_answer_and_have_the_default_ones_otherwise(choice: Choice) -> None:
    asked_in_both = choice.with_it.keys() & choice.without_it.keys()

    assert choice.value in as_list(choice.with_it[choice.question])
    assert choice.value not in as_list(choice.without_it[choice.question])
    for name in asked_in_both - {choice.question}:
        assert choice.with_it[name] == choice.without_it[name]
        assert as_list(choice.with_it[name]) == as_list(questions()[name]["default"])


@pytest.mark.parametrize(
    ("answer", "other"),
    [
        ("rate_limit=memory", {"rate_limit": "gateway"}),
        ("rate_limit=redis", {"rate_limit": "gateway"}),
        ("rate_limit=gateway", {"rate_limit": "memory"}),
        ("auth=both", {"auth": "bearer"}),
        ("auth=bearer", {"auth": "cookie"}),
        ("auth=cookie", {"auth": "bearer", "jwt_algorithm": "HS256"}),
        ("features=cors", {"features": ("rbac",)}),
        ("features=rbac", {"features": ()}),
    ],
)
def test_the_project_without_it_is_the_one_that_shares_least_with_it(answer: str, other: dict[str, object]) -> None:
    (choice,) = (each for each in CHOICES if each.answer == answer)

    assert other.items() <= dict(choice.without_it).items()


def test_the_attack_and_what_is_missing_are_told_of_every_defence_that_an_answer_is(explain: Explain) -> None:
    assert list(explain("cookie")["stops"]) == ["cookies", "browser_origins"]
    assert explain("cors")["stops"]["cors"] == {**DEFENCES["cors"], "keeps": []}
    assert explain("bearer")["misses"] == {name: DEFENCES[name]["without"] for name in ("cookies", "browser_origins")}
    assert explain("sqlite")["no_defence"] == [questionnaire()["_no_defences"]["sqlite"]]
    assert explain("none")["misses"] == {"github": DEFENCES["github"]["without"]}


def test_requirements_are_told_apart_by_whether_another_test_proves_them(explain: Explain, render: Render) -> None:
    asvs = explain("rbac")["adds"]["asvs"]

    assert "V8.3.2" in asvs["only"]
    assert asvs["also"]
    assert set(asvs["also"]) <= requirements_of(render({"features": []}))
    assert set(asvs["also"]).isdisjoint(asvs["only"])


def test_a_capability_of_several_answers_is_what_all_of_them_add(explain: Explain) -> None:
    told = explain("limiter")
    files_of = {name: set(explain(name)["adds"]["files"]) for name in ("memory", "redis")}

    assert told["brought_by"] == ["rate_limit=memory", "rate_limit=redis"]
    assert set(told["adds"]["files"]) == files_of["memory"] & files_of["redis"]
    assert "app/rate_limit/guard.py" in told["adds"]["files"]
    assert list(told["stops"]) == ["limiter"]


@pytest.mark.parametrize("file", PRESETS, ids=lambda file: file.stem)
def test_a_preset_is_explained_by_whom_it_is_for_and_what_it_answers(
    explain: Explain, tmp_path: Path, file: Path
) -> None:
    audience, answers = (
        file.read_text("utf-8").splitlines()[0].removeprefix("# "),
        yaml.safe_load(file.read_text("utf-8")),
    )
    made_of = [f"{name}={each}" for name, answer in answers.items() for each in as_list(answer)]
    meanings = {choice.answer: choice.meaning for choice in CHOICES}

    page = succeed(*BASTION, "explain", file.stem, cwd=tmp_path)

    assert explain(file.stem) == {"name": file.stem, "audience": audience, "answers": answers, "made_of": made_of}
    assert page.splitlines()[0] == file.stem
    running = " ".join(page.split())
    for words in (audience, *(f"{each} {meanings[each]}" for each in made_of), "bastion explain ANSWER"):
        assert words in running
    assert f"bastion new my-api --preset {file.stem}" in page
    assert max(map(len, page.splitlines())) <= COLUMNS


def test_no_preset_is_called_like_something_else_to_explain() -> None:
    catalogue = Catalogue(questionnaire())
    names = {*catalogue.choices, *catalogue.space.capabilities, *(choice.value.lower() for choice in CHOICES)}

    assert names.isdisjoint(file.stem for file in PRESETS)


def test_a_preset_has_no_tests_to_show(tmp_path: Path) -> None:
    refused(
        bastion("explain", "web", "--tests", cwd=tmp_path), "explain one of its answers: auth=cookie, features=rbac"
    )


def test_capitals_and_the_question_in_front_do_not_matter(explain: Explain) -> None:
    assert explain("Es256") == explain("jwt_algorithm=ES256")


@pytest.mark.parametrize("name", ["cors", "limiter", "none", "rbac", "redis"])
def test_a_person_reads_it_in_the_width_of_a_terminal(explain: Explain, said: Said, tmp_path: Path, name: str) -> None:
    page, told = said.by("explain", name, cwd=tmp_path), explain(name)
    running, adds = " ".join(page.split()), told["adds"]

    assert max(map(len, page.splitlines())) <= COLUMNS
    assert told["name"] == page.splitlines()[0]
    for shown in (
        *(each for each in adds["files"] if not each.startswith("tests/")),
        *adds["changed"],
        *(f"{each['method']} {each['path']}" for each in adds["routes"]),
        *adds["settings"],
        *(each["requirement"].partition(";")[0] for each in adds["dependencies"]),
        *(each["file"] for each in adds["tests"]),
        *adds["asvs"]["only"],
        *(each["stops"] for each in told["stops"].values()),
        *told["misses"].values(),
    ):
        assert shown in running


def test_the_promises_of_its_tests_are_shown_when_asked_for(explain: Explain, tmp_path: Path) -> None:
    page = succeed(*BASTION, "explain", "cors", "--tests", cwd=tmp_path)

    promises = [each["name"].removeprefix("test_").replace("_", " ") for each in explain("cors")["adds"]["tests"]]
    assert len(promises) > 20
    assert [each for each in promises if f"    {each}\n" not in page] == []


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are a Unix thing")
def test_a_terminal_shows_the_same_in_colour(said: Said, tmp_path: Path) -> None:
    shown = in_a_terminal("explain", "none")

    assert "\x1b[1m" in shown
    assert without_colours(shown) == said.by("explain", "none", cwd=tmp_path)


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    (tmp_path / "tmp").mkdir()

    finished = bastion("explain", "none", cwd=tmp_path, env=environment({"TMPDIR": str(tmp_path / "tmp")}))

    assert finished.returncode == 0
    assert sorted(tmp_path.rglob("*")) == [tmp_path / "tmp"]


@pytest.mark.parametrize(
    ("given", "remedy"),
    [
        ("corse", "did you mean 'cors'?"),
        ("hs512", "did you mean 'hs256'?"),
        ("csrf", "nothing is called 'csrf', but it is named by auth=cookie, auth=both: explain one of them"),
        ("OAuth2", "named by auth=bearer"),
        ("ip", "the names are"),
        ("cor", "did you mean 'cors'?"),
        ("spaa", "did you mean 'spa'?"),
        ("blockchain", "the names are sqlite, postgresql"),
        ("", "the names are sqlite, postgresql"),
        ("features", "explain one of its answers: rbac, cors"),
        ("auth=cors", "did you mean"),
        ("a\nb", "the names are"),
    ],
)
def test_what_there_is_not_is_refused_in_one_line(tmp_path: Path, given: str, remedy: str) -> None:
    refused(bastion("explain", given, cwd=tmp_path), remedy)


def test_machines_are_told_of_mistakes_where_they_read(tmp_path: Path) -> None:
    finished = bastion("explain", "rbca", "--json", cwd=tmp_path)

    assert (finished.returncode, finished.stderr) == (2, "")
    (problem,) = json.loads(finished.stdout)["problems"]
    assert "rbca" in problem
