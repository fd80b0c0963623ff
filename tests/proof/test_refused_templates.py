"""Templates that cannot be proven, or of which a part would be passed over in silence: said in a line."""

from pathlib import Path

import pytest

from bastion.problems import Problem
from bastion.proof.static import prove_statically
from tests.proof.clean_template import COPIER_YML, PROOF_YML, write
from tests.support.commands import BASTION, run

SETUP, SETTINGS = "template/setup.cfg", "template/app/settings.py"


@pytest.mark.parametrize(
    ("file", "content", "says"),
    [
        ("copier.yml", f"{COPIER_YML}\nvan: false\n", "the key van is there twice"),
        ("copier.yml", f"{COPIER_YML}\n - [\n", "is not YAML .* in line "),
        ("proof.yml", f"{PROOF_YML}\nwords: {{}}\n", "the key words is there twice"),
        ("proof.yml", "words: [1", "proof.yml is not YAML .* in line 2"),
        ("proof.yml", f"{PROOF_YML}\nwards: {{}}\n", "proof.yml has no table 'wards': use .*words"),
    ],
)
def test_what_cannot_be_meant_so_is_a_problem(tmp_path: Path, file: str, content: str, says: str) -> None:
    with pytest.raises(Problem, match=says):
        prove_statically(write(tmp_path, {file: content}), compared=0)


def test_a_link_to_nothing_is_a_problem(tmp_path: Path) -> None:
    (write(tmp_path) / "template" / "door").symlink_to("nowhere")

    with pytest.raises(Problem, match="template/door is a link to nothing"):
        prove_statically(tmp_path, compared=0)


def test_of_a_questionnaire_that_takes_no_answers_nothing_is_proven(tmp_path: Path) -> None:
    refusing = COPIER_YML.replace("  choices: [tent, van]\n", "  choices: [tent, van]\n  validator: there is none\n")
    finished = run(
        *BASTION, "prove", "--static", "--template", str(write(tmp_path, {"copier.yml": refusing})), cwd=tmp_path
    )

    assert finished.returncode == 2
    assert finished.stderr == "bastion: copier.yml: no combination of answers is valid: loosen a validator\n"


@pytest.mark.parametrize(
    ("file", "content", "found_in", "says"),
    [
        (f"{SETUP}.jinja", "[metadata]\n", SETUP, f"is in no project: Copier takes {SETUP}.jinja instead"),
        (
            "template/{{ 'setup' }}.cfg",
            "[a]\n",
            "template/{{ 'setup' }}.cfg",
            f"is written to setup.cfg, and so is {SETUP}",
        ),
    ],
)
def test_a_file_that_another_one_replaces_is_found(
    tmp_path: Path, file: str, content: str, found_in: str, says: str
) -> None:
    findings = prove_statically(write(tmp_path, {file: content}), compared=0).findings

    assert (found_in, says) in {(each.file, each.message) for each in findings}


def test_text_in_another_encoding_is_found(tmp_path: Path) -> None:
    (write(tmp_path) / SETUP).write_bytes("[metadata]\nauthor = René\n".encode("latin-1"))

    (finding,) = prove_statically(tmp_path, compared=0).findings
    assert (finding.file, finding.message) == (SETUP, "is neither binary nor UTF-8")
