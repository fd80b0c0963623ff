"""What is planted for the first tier: a change of one file of the clean template, and what has to be said of it."""

from dataclasses import dataclass

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
