"""What is planted for the first tier: a change of one file of the clean template, and what has to be said of it."""

from dataclasses import dataclass
from pathlib import Path

QUESTIONNAIRE = "copier.yml"
MAIN, MANIFEST, README = "template/app/main.py.jinja", "template/pyproject.toml.jinja", "template/README.md.jinja"
WORKFLOW, COOK = "template/.github/workflows/checks.yml.jinja", "template/app/cook/settings.py"
ANY = "any answers"


@dataclass(frozen=True)
class Planted:
    """A change of one file, and what has to be said of it."""

    title: str
    file: str
    old: str
    new: str
    check: str
    message: str
    answers: str
    found_in: str = ""
    """The file that is named, if it is another."""


def replace_in(file: Path, old: str, new: str) -> None:
    """Replace a text in a file of a template, where it stands first.

    Args:
        file: The file.
        old: What has to be there.
        new: What stands there afterwards.
    """
    text = file.read_text(encoding="utf-8")
    assert old in text, f"{file} no longer holds {old!r}"
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
