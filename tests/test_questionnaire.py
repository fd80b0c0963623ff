"""`copier.yml` keeps its promises: safe without trust, strict, and without a question that does nothing."""

import re
from pathlib import Path

import pytest

from tests.conftest import Render
from tests.support.checkout import ROOT, TEMPLATE, capabilities, copy_of_the_template, questionnaire, questions
from tests.support.combinations import all_combinations, name_of
from tests.support.commands import bastion
from tests.support.trees import empty_folders, files_without_secret

ANSWERS_FILE = ".copier-answers.yml"
OTHER_NAMES = {"project_name": "Shop", "project_slug": "shop-api"}
TERMINAL_COLUMNS = 80
# Always true at this stage: other ways to call the API will make it an answer.
NOT_YET_ASKED = {"bearer"}


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


def _other_answers() -> list[tuple[str, str]]:
    choices = [
        (name, answer)
        for name, question in questions().items()
        for answer in question.get("choices", {}).values()
        if answer != question["default"]
    ]
    return [*OTHER_NAMES.items(), *choices]


def test_every_question_has_another_answer_here() -> None:
    assert {name for name, _ in _other_answers()} == set(questions())


@pytest.mark.parametrize(("name", "answer"), _other_answers(), ids="=".join)
def test_every_answer_changes_the_project_and_is_remembered(render: Render, name: str, answer: str) -> None:
    default, other = files_without_secret(render({})), files_without_secret(render({name: answer}))

    assert f"{name}: {answer}".encode() in other.pop(ANSWERS_FILE)
    default.pop(ANSWERS_FILE)
    assert default != other


@pytest.mark.parametrize("capability", sorted(set(capabilities()) - NOT_YET_ASKED))
def test_every_capability_is_asked_for(capability: str) -> None:
    joints = "".join(path.read_text(encoding="utf-8") for path in TEMPLATE.rglob("*.jinja"))
    exclusions = "".join(questionnaire()["_exclude"])

    assert re.search(rf"{{%.*\b{capability}\b.*%}}", joints + exclusions)


def _excluded_by_capability() -> list[str]:
    blocks = [block for block in questionnaire()["_exclude"] if "_copier_operation" not in block]
    return [line for block in blocks for line in block.splitlines() if line.startswith("/")]


@pytest.mark.parametrize("path", _excluded_by_capability())
def test_every_exclusion_names_a_file_and_no_folder(path: str) -> None:
    assert (TEMPLATE / path.removeprefix("/")).is_file()


@pytest.mark.parametrize("path", _excluded_by_capability())
def test_every_excluded_file_is_in_some_combination_and_not_in_all(render: Render, path: str) -> None:
    there = {(render(combination) / path.removeprefix("/")).exists() for combination in all_combinations()}

    assert there == {True, False}


@pytest.mark.parametrize("combination", all_combinations(), ids=name_of)
def test_an_excluded_file_leaves_no_empty_folder(render: Render, combination: dict[str, str]) -> None:
    assert empty_folders(render(combination)) == []


@pytest.mark.parametrize("combination", all_combinations(), ids=name_of)
def test_no_tag_survives_the_rendering(render: Render, combination: dict[str, str]) -> None:
    survivors = [
        path
        for path, content in files_without_secret(render(combination)).items()
        if re.search(rb"\{%|(?<!\$)\{\{ (?!\})|%\}", content) and not path.startswith("app/core/static")
    ]

    assert survivors == []


@pytest.mark.parametrize("combination", all_combinations(), ids=name_of)
def test_a_block_that_is_left_out_leaves_no_gap(render: Render, combination: dict[str, str]) -> None:
    """Python is held to more than this by its formatter; examples of it in the documents may have two empty lines."""
    gaps = [
        path
        for path, content in files_without_secret(render(combination)).items()
        if path.endswith((".md", ".toml", ".ini", ".yml", ".env", ".env.example"))
        and re.search(rb"\A\n|\n\n\n|[ \t]\n|\n\n\Z|[^\n]\Z", re.sub(rb"```.+?```", b"...", content, flags=re.DOTALL))
    ]

    assert gaps == []


@pytest.mark.parametrize("slug", ["a", "shop", "shop-api", "shop.api_2"])
def test_a_slug_that_is_a_distribution_name_is_taken(tmp_path: Path, slug: str) -> None:
    finished = bastion(
        "new", "x", "--defaults", "--data", f"project_slug={slug}", "--no-git", "--no-install", cwd=tmp_path
    )

    assert finished.returncode == 0


@pytest.mark.parametrize(
    ("name", "slug"),
    [("My API", "my-api"), ("Grüße & Co", None), ("Bücher 24", "b-cher-24"), ("日本語", "my-api"), ("-x-", None)],
)
def test_the_slug_follows_from_the_name(tmp_path: Path, name: str, slug: str | None) -> None:
    finished = bastion(
        "new", "x", "--defaults", "--data", f"project_name={name}", "--no-git", "--no-install", cwd=tmp_path
    )

    if slug is None:
        assert "project_name" in finished.stderr
        assert not (tmp_path / "x").exists()
    else:
        assert f"project_slug: {slug}\n" in (tmp_path / "x" / ANSWERS_FILE).read_text(encoding="utf-8")


def test_a_project_cannot_be_called_like_something_it_installs(render: Render) -> None:
    installed = {
        re.sub(r"[._-]+", "-", name).lower()
        for combination in all_combinations()
        for name in re.findall(
            r'^ +"([A-Za-z0-9._-]+)(?:\[[^]]*\])?[<>=!~]',
            (render(combination) / "pyproject.toml").read_text(),
            re.MULTILINE,
        )
    }

    assert installed
    assert installed - set(questionnaire()["reserved_slugs"]["default"]) == set()


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
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "generator").rglob("*.py"))
    listed = [name for name in [*questions(), *capabilities()] if re.search(rf"\b{name}\b", source)]

    assert listed == []
