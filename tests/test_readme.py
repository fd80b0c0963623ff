"""The README's commands are the ones that run."""

import re

import pytest

from tests.support.checkout import ROOT, questions

README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^python3 -m pip install uv && uv run .+$", README, re.MULTILINE)


def test_there_are_two_commands() -> None:
    assert COMMANDS == [
        "python3 -m pip install uv && uv run bastion new my-api",
        "python3 -m pip install uv && uv run pytest",
    ]


def test_the_continuous_integration_runs_the_second_as_the_readme_has_it() -> None:
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


@pytest.mark.parametrize("name", questions())
def test_the_readme_tells_every_question_and_every_answer(name: str) -> None:
    choices = questions()[name].get("choices", {}).values()
    (row,) = [line for line in README.splitlines() if line.startswith("|") and f"`{name}`" in line]

    assert [answer for answer in choices if f"`{answer}`" not in row] == []
