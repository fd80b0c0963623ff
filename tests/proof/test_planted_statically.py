"""Each kind of defect that the first tier claims to catch, planted in a template where it finds nothing else."""

import json
import re
from pathlib import Path

import pytest

from bastion.proof.results import Finding
from bastion.proof.static import prove_statically
from tests.proof.clean_template import CAPABILITIES, FILES, PROOF_YML, write
from tests.proof.planted import MANIFEST, Planted
from tests.proof.planted_in_answers import EXCLUSIONS, REACH
from tests.proof.planted_in_files import LEFTOVERS, MENTIONS, TOOLS
from tests.proof.planted_in_python import DEPENDENCIES, IMPORTS, NAMES
from tests.proof.planted_in_texts import TEXTS
from tests.support.commands import bastion

WAITER, WASHER = "template/app/waiter.py", "template/app/washer.py"
PLANTED = (*NAMES, *REACH, *EXCLUSIONS, *IMPORTS, *DEPENDENCIES, *LEFTOVERS, *MENTIONS, *TOOLS, *TEXTS)


def test_nothing_is_found_where_nothing_is_planted(tmp_path: Path) -> None:
    assert prove_statically(write(tmp_path)).findings == []


@pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: planted.title)
def test_a_planted_defect_is_named_with_its_file_and_answers(tmp_path: Path, planted: Planted) -> None:
    before = FILES[planted.file]
    assert before.count(planted.old) == 1, "this is no longer what is planted"

    root = write(tmp_path, {planted.file: before.replace(planted.old, planted.new)})
    findings = prove_statically(root, compared=0).findings

    assert [each for each in findings if names(each, planted)], findings


EXTRA = "declares pydantic-settings[yaml], and proof.yml says of nothing that it needs this extra"

TWO_LINES = f"""\
{WAITER}: holds a word of washer, which is off: CLIENT = httpx.Client  # no washer [words]
    with helpers with waiter, helpers without washer (12 of 48 combinations, such as gas-waiter-tent)
"""


@pytest.mark.parametrize(
    ("comment", "code", "says"),
    [("", 0, [": no findings\n"]), ("  # no washer", 1, [TWO_LINES, ": 1 finding\n"])],
    ids=["nothing", "a finding"],
)
def test_the_command_says_what_it_found_and_ends_with_it(
    tmp_path: Path, comment: str, code: int, says: list[str]
) -> None:
    root = write(tmp_path / "template-of-nobody", {WAITER: FILES[WAITER].replace(".Client", f".Client{comment}")})
    report = tmp_path / "report"

    finished = bastion("prove", "--static", "--template", str(root), "--report", str(report), cwd=tmp_path)

    assert finished.returncode == code, finished.stdout + finished.stderr
    assert [lines for lines in says if lines not in finished.stdout] == []
    found = json.loads((report / "proof.json").read_text(encoding="utf-8"))["static"]["findings"]
    assert [each["file"] for each in found] == [WAITER] * code


def test_the_words_cannot_go_all_at_once(tmp_path: Path) -> None:
    """Without the list no word would leak any more, and whoever deletes it would hear nothing."""
    without = re.sub(r"^words:\n(  .+\n)+", "", PROOF_YML, flags=re.MULTILINE)
    assert without != PROOF_YML

    root = write(tmp_path, {"proof.yml": without})
    assert _wordless(root) == {("proof.yml", f"{name} has no words") for name in CAPABILITIES}


def test_nor_can_the_file_that_holds_them(tmp_path: Path) -> None:
    root = write(tmp_path)
    (root / "proof.yml").unlink()

    assert _wordless(root) == {("proof.yml", f"{name} has no words") for name in CAPABILITIES}


def _wordless(root: Path) -> set[tuple[str, str]]:
    return {(each.file, each.message) for each in prove_statically(root, compared=0).findings if each.check == "words"}


def test_each_file_is_blamed_for_its_own_imports_alone(tmp_path: Path) -> None:
    changes = {
        MANIFEST: FILES[MANIFEST].replace("{% if waiter %}", "{% if cook %}"),
        WASHER: FILES[WASHER].replace("import yaml", "import httpx\nimport yaml"),
    }
    findings = prove_statically(write(tmp_path, changes), compared=0).findings

    blamed = {each.file: each.answers for each in findings if each.message.startswith("imports httpx")}
    assert blamed.keys() == {WAITER, WASHER}
    assert blamed[WAITER].startswith("helpers without cook, helpers with waiter (12")
    assert blamed[WASHER].startswith("helpers without cook, helpers with washer (12")


def test_an_extra_is_too_much_where_nothing_needs_it(tmp_path: Path) -> None:
    changes = {
        MANIFEST: FILES[MANIFEST].replace("pydantic-settings>", "pydantic-settings[yaml]>"),
        "proof.yml": PROOF_YML.replace(
            "  ruff: {", '  "pydantic-settings[yaml]": { when: washer, why: "it reads YAML" }\n  ruff: {'
        ),
    }

    (finding,) = prove_statically(write(tmp_path, changes), compared=0).findings

    assert (finding.file, finding.message) == (MANIFEST, EXTRA)
    assert finding.answers.startswith("helpers without washer (24")


def names(finding: Finding, planted: Planted) -> bool:
    return (
        finding.check == planted.check
        and finding.file == (planted.found_in or planted.file)
        and planted.message in finding.message
        and finding.answers.startswith(planted.answers)
    )
