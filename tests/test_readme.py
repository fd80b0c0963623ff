"""The README's commands are the ones that run."""

import re
from pathlib import Path

import pytest
import yaml

from bastion.choosing.again import next_commands
from bastion.knowing.catalogue import Catalogue
from bastion.knowing.constraints import ruled_out_with, unasked_with
from bastion.template import PLACE, PUBLIC_URL
from tests.conftest import Render
from tests.support.checkout import ROOT, questionnaire, questions
from tests.support.commands import bastion

README = (ROOT / "README.md").read_text(encoding="utf-8")
TEXT = " ".join(README.split())
COMMANDS = re.findall(r"^python3 -m pip install uv && uv run .+$", README, re.MULTILINE)
BESIDE_THE_CLONE = "../my-api"


def test_one_command_makes_a_project_beside_the_clone_and_one_runs_the_tests_of_the_clone() -> None:
    assert COMMANDS == [
        "python3 -m pip install uv && uv run --no-dev bastion new ../my-api",
        'python3 -m pip install uv && uv run pytest -m "not long"',
    ]


def test_the_readme_says_first_where_the_clone_comes_from() -> None:
    clone = f"git clone {PUBLIC_URL.removesuffix('.git')} && cd {PLACE.rpartition('/')[2]}"

    assert clone in README.partition(COMMANDS[0])[0].splitlines()


def test_the_readme_goes_on_as_the_command_does() -> None:
    into_it, its_tests, its_server = next_commands(BESIDE_THE_CLONE)
    after = README.partition(COMMANDS[0])[2]

    assert f"{into_it} && {its_tests}" in after.splitlines()
    assert f"`{its_server}` starts it" in after


def test_the_continuous_integration_runs_the_tests_as_the_readme_has_it() -> None:
    assert COMMANDS[1] in (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()


def test_the_continuous_integration_is_strict_and_executable() -> None:
    script = ROOT / ".ci" / "run"

    assert script.read_text(encoding="utf-8").splitlines()[:1] == ["#!/usr/bin/env bash"]
    assert "set -euo pipefail" in script.read_text(encoding="utf-8")
    assert script.stat().st_mode & 0o111


def test_every_file_the_contributing_guide_names_exists() -> None:
    guide = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named = re.findall(r"`((?:template|tests|generator|docs|benchmarks|\.ci)/[\w./{}-]*|copier\.yml)`", guide)

    assert named
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_the_readme_says_how_much_code_one_takes_over(render: Render) -> None:
    everything = render(yaml.safe_load((ROOT / "presets" / "everything.yml").read_text(encoding="utf-8")))

    said = re.search(
        r"about ([\d,]+) lines of Python in `app/`, ([\d,]+) of them the core, and ([\d,]+) in `tests/`", TEXT
    )
    assert said
    for count, part in zip(said.groups(), ("app", "app/core", "tests"), strict=True):
        assert int(count.replace(",", "")) == pytest.approx(_lines(everything / part), rel=0.05), part


def _lines(folder: Path) -> int:
    return sum(len(path.read_bytes().splitlines()) for path in folder.rglob("*.py"))


def table(head: str) -> list[list[str]]:
    """Give the cells of a table, row by row."""
    lines = README.partition(head)[2].partition("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def questions_told() -> dict[str, tuple[str, str]]:
    """Give the rows of the table of questions: the answers, and how one would know."""
    return {name.strip("`"): (answers, how_to_know) for name, answers, how_to_know in table("| question | answers |")}


def test_the_readme_tells_every_question_in_its_order() -> None:
    assert list(questions_told()) == [name for name, question in questions().items() if question.get("ask", True)]


def test_the_readme_tells_what_each_answer_defends_against() -> None:
    catalogue = Catalogue(questionnaire())
    assert catalogue.always
    declared = [("always", catalogue.always.stops)]
    for name, defence in catalogue.defences.items():
        by = [choice.answer for choices in catalogue.choices.values() for choice in choices if name in choice.defends]
        declared.append((", ".join(f"`{answer}`" for answer in by), defence.stops))

    assert [tuple(row) for row in table("| answer | stops |")] == declared


def test_what_is_not_asked_is_told_with_what_it_follows_from() -> None:
    followed = [name for name, question in questions().items() if not question.get("ask", True)]

    assert [name for name in followed if f"`{name}`" not in str(questions_told())] == []


@pytest.mark.parametrize("name", questions_told())
def test_the_readme_tells_every_answer_in_its_order_and_when_to_give_it(name: str) -> None:
    choices = list(questions()[name].get("choices", {}).values())
    answers, how_to_know = questions_told()[name]

    assert re.findall("`([^`]+)`", answers) == choices
    assert [answer for answer in choices if answer.lower() not in how_to_know.lower()] == []
    assert ("any of" in answers) == bool(questions()[name].get("multiselect"))


def test_the_readme_tells_which_answers_go_together() -> None:
    """A rule that comes to the questionnaire makes this sentence wrong."""
    catalogue = Catalogue(questionnaire())
    asked = [question for question in catalogue.questions if question.choices]
    unasked = {
        each.name: [c.answers for c in found] for each in asked if (found := unasked_with(catalogue.space, each))
    }
    ruled_out = [
        found for each in asked for one in each.choices for found in ruled_out_with(catalogue.space, each, one.value)
    ]

    assert unasked == {"jwt_algorithm": [["auth=cookie"]]}
    assert ruled_out == []
    assert (
        "With `cookie` there are no access tokens, and `jwt_algorithm` is not asked. Any other answers go together."
        in README
    )


@pytest.mark.parametrize("command", re.findall(r"^(bastion (?:features|explain)[^#\n]*)", README, re.MULTILINE))
def test_the_commands_that_explain_run_as_the_readme_has_them(tmp_path: Path, command: str) -> None:
    finished = bastion(*command.split()[1:], cwd=tmp_path)

    assert finished.returncode == 0, finished.stderr
    assert finished.stdout
