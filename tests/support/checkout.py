"""This checkout: the questionnaire as data, and the template as a tagged git repository."""

import shutil
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tests.support.commands import git
from tests.support.gits import led_from

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "template"
PUBLIC_URL = "https://github.com/fastapi-bastion/fastapi-bastion.git"

_CACHES = shutil.ignore_patterns(".*_cache", ".venv", ".hypothesis", "__pycache__", "uv.lock")


@cache
def questionnaire(copier_yml: Path = ROOT / "copier.yml") -> dict[str, Any]:
    return dict(yaml.safe_load(copier_yml.read_text(encoding="utf-8")))


def questions() -> dict[str, dict[str, Any]]:
    """Give the questions a user may answer."""
    return {
        name: details
        for name, details in questionnaire().items()
        if not name.startswith("_") and details.get("when") is not False
    }


def features() -> dict[str, str]:
    """Give each checkbox, with the question that it answers."""
    return {
        feature: name
        for name, question in questions().items()
        if question.get("multiselect")
        for feature in question["choices"].values()
    }


def capabilities() -> list[str]:
    """Give the names that templates may ask for: computed, hidden, true or false."""
    return [
        name
        for name, details in questionnaire().items()
        if not name.startswith("_") and details.get("when") is False and details["type"] == "bool"
    ]


def copy_of_the_template(folder: Path) -> Path:
    """Copy what a clone of the public repository would bring, as far as Copier looks at it."""
    shutil.copytree(TEMPLATE, folder / "template", ignore=_CACHES)
    shutil.copy(ROOT / "copier.yml", folder)
    return folder


def copy_of_what_is_proven(folder: Path) -> Path:
    """Copy what the first tier of the proof reads: the template, and what cannot be read from it."""
    shutil.copy(ROOT / "proof.yml", folder)
    return copy_of_the_template(folder)


def tagged_repository(folder: Path, tag: str) -> Path:
    """Make a git repository of the template, as it is in this checkout, with one tag."""
    copy_of_the_template(folder)
    git(folder, "init", "--quiet", "--initial-branch=main")
    commit_and_tag(folder, tag)
    return folder


def instead_of_the_public_one(repository: Path) -> dict[str, str]:
    """Give the settings with which a repository on this machine stands in for the public one."""
    cache = {"COPIER_CACHE_DIR": str(repository.parent / "copier-cache")}
    return led_from(PUBLIC_URL, repository.as_uri()) | cache


def commit_and_tag(repository: Path, tag: str) -> None:
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", f"--message={tag}")
    git(repository, "tag", tag)
