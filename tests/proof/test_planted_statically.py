"""Each kind of defect that the first tier claims to catch, planted in a template where it finds nothing else."""

from pathlib import Path

import pytest

from bastion.proof.results import Finding
from bastion.proof.static import prove_statically
from tests.proof.clean_template import FILES, write
from tests.proof.planted import Planted
from tests.proof.planted_in_files import LEFTOVERS, TEXTS, TOOLS
from tests.proof.planted_in_python import DEPENDENCIES, IMPORTS, NAMES

PLANTED = (*NAMES, *IMPORTS, *DEPENDENCIES, *LEFTOVERS, *TOOLS, *TEXTS)


def test_nothing_is_found_where_nothing_is_planted(tmp_path: Path) -> None:
    assert prove_statically(write(tmp_path)).findings == []


@pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: planted.title)
def test_a_planted_defect_is_named_with_its_file_and_answers(tmp_path: Path, planted: Planted) -> None:
    before = FILES[planted.file]
    assert before.count(planted.old) == 1, "this is no longer what is planted"

    root = write(tmp_path, {planted.file: before.replace(planted.old, planted.new)})
    findings = prove_statically(root, compared=2).findings

    assert [each for each in findings if names(each, planted)], findings


def names(finding: Finding, planted: Planted) -> bool:
    return (
        finding.check == planted.check
        and finding.file == (planted.found_in or planted.file)
        and planted.message in finding.message
        and finding.answers.startswith(planted.answers)
    )
