"""`copier.yml` keeps its promises: safe without trust, strict, and without a question that does nothing."""

import json
import re
import shutil
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from copier import run_copy
from jinja2 import Environment, nodes

from bastion.questionnaire import Questionnaire
from tests.conftest import Render
from tests.support.checkout import ROOT, TEMPLATE, capabilities, copy_of_the_template, questionnaire, questions
from tests.support.combinations import (
    all_combinations,
    as_text,
    capabilities_of,
    met,
    name_of,
    pairwise,
    ways,
    without_a_question,
)
from tests.support.commands import announced, bastion, refused, succeed
from tests.support.renders import Rendered, Renders
from tests.support.trees import files_without_secret

ANSWERS_FILE = ".copier-answers.yml"
OTHER_NAMES = {"project_name": "Shop", "project_slug": "shop-api"}
TERMINAL_COLUMNS = 80
# `bastion matrix --format` means the service, whatever a project answers.
WHERE_THE_MATRIX_RUNS = {"github"}
# The command of that name shows all questions.
COMMANDS = {"features"}


@pytest.mark.parametrize("feature", ["_tasks", "_migrations", "_jinja_extensions", "_skip_if_exists"])
def test_the_template_runs_nothing_so_copier_needs_no_trust(feature: str) -> None:
    assert feature not in questionnaire()


def test_a_misspelt_name_is_an_error() -> None:
    assert questionnaire()["_envops"]["undefined"] == "jinja2.StrictUndefined"


@pytest.mark.parametrize("name", questions())
def test_every_question_says_how_to_know_the_answer(name: str) -> None:
    question = questions()[name]
    asked, *how_to_know = question["help"].splitlines()

    assert asked.endswith("?")
    assert how_to_know
    assert max(len(line) for line in (asked, *how_to_know)) <= TERMINAL_COLUMNS
    for answer in question.get("choices", {}).values():
        assert answer.lower() in question["help"].lower()


def test_every_question_can_be_left_to_its_default() -> None:
    assert [name for name, question in questions().items() if "default" not in question] == []


def _other_answers() -> list[tuple[str, Any]]:
    choices = [
        (name, answer)
        for name, question in questions().items()
        for answer in ways(name)
        if answer != question["default"]
    ]
    return [*OTHER_NAMES.items(), *choices]


def test_every_question_has_another_answer_here() -> None:
    assert {name for name, _ in _other_answers()} == set(questions())


@pytest.mark.parametrize(
    ("name", "answer"), _other_answers(), ids=lambda value: value if isinstance(value, str) else as_text(value)
)
def test_every_answer_changes_the_project_and_is_remembered(render: Render, name: str, answer: object) -> None:
    default, other = files_without_secret(render({})), files_without_secret(render({name: answer}))

    assert yaml.safe_load(other.pop(ANSWERS_FILE))[name] == answer
    default.pop(ANSWERS_FILE)
    assert default != other


def test_an_answer_that_nobody_asked_for_is_not_remembered(render: Render) -> None:
    answers = yaml.safe_load((render(without_a_question()) / ANSWERS_FILE).read_text(encoding="utf-8"))

    assert {name for name in questions() if name not in answers} == questions().keys() - {
        *without_a_question(),
        *OTHER_NAMES,
    }


@pytest.mark.parametrize("capability", capabilities())
def test_every_capability_is_asked_for(capability: str) -> None:
    """An answer of the same name, which its own default compares with, asks for nothing."""
    joints = (path.read_text(encoding="utf-8") for path in TEMPLATE.rglob("*.jinja"))
    defaults = (questionnaire()[other]["default"] for other in capabilities())

    assert any(capability in _names_in(text) for text in (*joints, *questionnaire()["_exclude"], *defaults))


@cache
def _names_in(text: str) -> set[str]:
    return {name.name for name in Environment(autoescape=True).parse(text).find_all(nodes.Name)}


@pytest.mark.parametrize("capability", capabilities())
def test_every_capability_is_on_in_some_combination_and_not_in_all(capability: str) -> None:
    assert {capability in capabilities_of(each) for each in all_combinations()} == {True, False}


def test_the_combinations_are_counted_by_hand() -> None:
    databases, limits, subsets_of_two_features, ci = 2, 3, 4, 2
    bearer_with_its_algorithm, both_with_its_algorithm, cookie_without = 3, 3, 1
    auth = bearer_with_its_algorithm + both_with_its_algorithm + cookie_without

    assert len(all_combinations()) == databases * auth * limits * subsets_of_two_features * ci == 336
    assert len({name_of(each) for each in all_combinations()}) == 336


def test_copier_computes_the_same_capabilities(tmp_path: Path, rows: list[Rendered]) -> None:
    """The tests compute them too, and a slip there would make them look away."""
    shown = "".join(f"{name}={{{{ {name} }}}}\n" for name in capabilities())
    template = tmp_path / "template"
    (template / "template").mkdir(parents=True)
    (template / "template" / "capabilities.jinja").write_text(shown, encoding="utf-8")
    shutil.copy(ROOT / "copier.yml", template)

    for number, rendered in enumerate(rows):
        run_copy(str(template), tmp_path / str(number), rendered.combination, defaults=True, quiet=True)
        told = (tmp_path / str(number) / "capabilities").read_text(encoding="utf-8")
        assert set(re.findall(r"(\w+)=True", told)) == rendered.capabilities


def test_the_pairwise_rows_hold_each_pair_of_answers_that_can_meet() -> None:
    rows, everything = pairwise(), all_combinations()

    assert [row for row in rows if row not in everything] == []
    assert set().union(*map(met, everything)) - set().union(*map(met, rows)) == set()
    assert len(rows) * 20 < len(everything)


def test_the_first_two_rows_are_the_largest_and_the_smallest_project() -> None:
    counts = [len(capabilities_of(each)) for each in all_combinations()]

    largest_row, smallest_row, *_ = pairwise()

    assert len(capabilities_of(largest_row)) == max(counts)
    assert len(capabilities_of(smallest_row)) == min(counts)


def _excluded_by_capability() -> list[str]:
    blocks = [block for block in questionnaire()["_exclude"] if "_copier_operation" not in block]
    return [line for block in blocks for line in block.splitlines() if line.startswith("/")]


@pytest.mark.parametrize("path", _excluded_by_capability())
def test_every_exclusion_names_what_is_there_without_a_trailing_slash(path: str) -> None:
    """With one, Copier leaves an empty folder, which Python can import."""
    assert not path.endswith("/")
    assert (TEMPLATE / path.removeprefix("/")).exists()


@pytest.mark.parametrize("path", _excluded_by_capability())
def test_every_excluded_path_is_in_some_combination_and_not_in_all(rows: list[Rendered], path: str) -> None:
    file, folder = path.removeprefix("/"), f"{path.removeprefix('/')}/"

    there = {any(each == file or each.startswith(folder) for each in rendered.files) for rendered in rows}

    assert there == {True, False}


@pytest.mark.parametrize("slug", ["a", "shop", "shop-api", "shop.api_2"])
def test_a_slug_that_is_a_distribution_name_is_taken(tmp_path: Path, slug: str) -> None:
    answers = announced("--defaults", "--data", f"project_slug={slug}", cwd=tmp_path)["answers"]

    assert answers["project_slug"] == slug


@pytest.mark.parametrize(
    ("name", "slug"),
    [("My API", "my-api"), ("Grüße & Co", None), ("Bücher 24", "b-cher-24"), ("日本語", "my-api"), ("-x-", None)],
)
def test_the_slug_follows_from_the_name(tmp_path: Path, name: str, slug: str | None) -> None:
    flags = ("--defaults", "--data", f"project_name={name}")

    if slug is None:
        refused(bastion("new", "x", *flags, cwd=tmp_path), "project_name")
        assert not (tmp_path / "x").exists()
    else:
        assert announced(*flags, cwd=tmp_path)["answers"]["project_slug"] == slug


def test_a_project_cannot_be_called_like_something_it_installs(
    tmp_path: Path, renders: Renders, rows: list[Rendered]
) -> None:
    """Nor like what that brings along: uv would take the project for it."""
    declared = {rendered.files["pyproject.toml"] for rendered in rows}
    needed = {need for digest in declared for need in needs_of(tomllib.loads(renders.text(digest)))}
    project = {"name": "all-of-them", "version": "0", "requires-python": ">=3.11", "dependencies": sorted(needed)}
    lines = (f"{key} = {json.dumps(value)}" for key, value in project.items())
    (tmp_path / "pyproject.toml").write_text("\n".join(["[project]", *lines]), encoding="utf-8")

    succeed("uv", "lock", "--quiet", cwd=tmp_path)

    locked = tomllib.loads((tmp_path / "uv.lock").read_text(encoding="utf-8"))["package"]
    installed = {package["name"] for package in locked} - {"all-of-them"}
    assert len(installed) > len(needed)
    assert installed - set(questionnaire()["reserved_slugs"]["default"]) == set()


def needs_of(pyproject: dict[str, Any]) -> set[str]:
    groups = pyproject.get("dependency-groups", {}).values()
    return {need for group in (pyproject["project"]["dependencies"], *groups) for need in group}


@pytest.mark.parametrize(
    ("file", "right", "wrong"),
    [
        ("copier.yml", "{% if not hs256 %}", "{% if not hs265 %}"),
        ("template/README.md.jinja", "", "{% if hs265 %}x{% endif %}\n"),
    ],
    ids=["exclusion", "file"],
)
def test_a_misspelt_capability_stops_the_rendering(tmp_path: Path, file: str, right: str, wrong: str) -> None:
    template = tmp_path / "template-with-a-slip"
    template.mkdir()
    slip = copy_of_the_template(template) / file
    text = slip.read_text(encoding="utf-8")
    assert right in text
    slip.write_text(text.replace(right, wrong, 1) if right else wrong + text, encoding="utf-8")

    finished = bastion("new", "project", "--defaults", "--template", str(template), cwd=tmp_path)

    assert finished.returncode == 2
    assert "'hs265' is undefined" in finished.stderr
    assert not (tmp_path / "project").exists()


def test_the_answers_are_listed_nowhere_in_the_command() -> None:
    # Programs that start a server are found by the scheme of a URL, whatever was asked and answered.
    files = (path for path in (ROOT / "generator").rglob("*.py") if path.parent.name != "servers")
    source = "".join(path.read_text(encoding="utf-8") for path in files)
    without_addresses = re.sub(r"https?://\S+", "", source)
    names = [*questions(), *capabilities()]
    answers = [str(value) for question in questions().values() for value in question.get("choices", {}).values()]
    listed = {name for name in [*names, *answers] if re.search(rf"\b{re.escape(name)}\b", without_addresses)}

    # The English word stands in many a sentence; as an answer it would stand in quotes.
    assert listed - {"none", "both", "memory", "database", *WHERE_THE_MATRIX_RUNS, *COMMANDS} == set()
    in_quotes = {word for word in [*questions(), *answers] if f'"{word}"' in source}
    assert in_quotes - WHERE_THE_MATRIX_RUNS - COMMANDS == set()


@pytest.mark.parametrize(
    ("written", "understood"), [("true", True), ("Yes", True), ("on", True), (1, True), ("0", False), (False, False)]
)
def test_yes_and_no_are_one_answer_each_however_they_are_written(written: object, *, understood: bool) -> None:
    """Otherwise the answer that a project has would become itself."""
    assert Questionnaire({"flag": {"type": "bool"}}).understand({"flag": written}) == {"flag": understood}
