"""Several mistakes at once: a line each, so that nobody mends one only to hear of the next."""

from pathlib import Path

from tests.support.commands import bastion
from tests.support.templates import template_of
from tests.support.trees import files


def test_several_mistakes_are_told_together_each_with_its_remedy(tmp_path: Path) -> None:
    """In the destination, the preset, the writing of a flag, names, choices, checkboxes and validators."""
    (tmp_path / "project").touch()
    answers = (
        "databse=sqlite",
        "ci",
        "rate_limit=disk",
        "features=[rbacc,corss]",
        "project_name=<b>",
        "project_slug=a b",
    )
    data = [word for answer in answers for word in ("--data", answer)]

    finished = bastion("new", "project", "--defaults", "--preset", "sap", *data, cwd=tmp_path)

    assert (finished.returncode, finished.stdout) == (2, "")
    lines = finished.stderr.splitlines()
    remedies = (
        "choose a folder that is empty",
        "did you mean 'spa'?",
        "write it as --data question=answer",
        "did you mean 'database'?",
        "did you mean 'redis'?",
        "did you mean 'rbac'?",
        "did you mean 'cors'?",
        "at most 60 letters, digits",
        "lower-case letters",
    )
    assert all(line.startswith("bastion: ") for line in lines)
    assert [remedy for remedy, line in zip(remedies, lines, strict=True) if remedy not in line] == []
    assert files(tmp_path) == {"project": b""}


def test_checkboxes_that_a_constraint_rules_out_are_told_one_by_one(tmp_path: Path) -> None:
    """No choice of ours has a constraint yet, so a template with some stands in."""
    needs_mail = "{value: %s, validator: 'needs mail, add it'}"
    template = template_of(
        tmp_path / "template",
        "parts:\n  type: str\n  multiselect: true\n  default: []\n  choices:\n"
        f"    One: {needs_mail % 'one'}\n    Two: two\n    Three: {needs_mail % 'three'}\n",
    )

    flags = ("--defaults", "--template", str(template), "--data")
    both = bastion("new", "x", *flags, "parts=[one,two,three]", cwd=tmp_path)
    misspelt = bastion("new", "x", *flags, "parts=[thre]", cwd=tmp_path)

    reason = "Invalid choice for 'parts': needs mail, add it"
    assert both.stderr.splitlines() == [f"bastion: parts=one: {reason}", f"bastion: parts=three: {reason}"]
    assert misspelt.stderr == "bastion: parts has no choice 'thre': did you mean 'three'?\n"
    assert (both.returncode, misspelt.returncode) == (2, 2)


def test_an_answer_is_judged_beside_those_that_can_be_used(tmp_path: Path) -> None:
    """A question that another answer settles is needless, whatever else is wrong."""
    data = ("--data", "auth=cookie", "--data", "jwt_algorithm=ES256", "--data", "ci=jenkins")

    finished = bastion("new", "project", "--defaults", *data, cwd=tmp_path)

    wrong, needless = finished.stderr.splitlines()
    assert wrong == "bastion: ci has no choice 'jenkins': the choices are github, none"
    assert needless.endswith("leave jwt_algorithm out, or give another answer to auth")
