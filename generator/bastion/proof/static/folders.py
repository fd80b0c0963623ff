"""No combination leaves a folder empty: Copier would write it all the same, and Python could import it."""

from collections import defaultdict
from collections.abc import Iterable

from bastion.proof.static.exclusions import Exclusions
from bastion.proof.static.findings import Findings
from bastion.proof.static.layout import QUESTIONNAIRE, parents_of
from bastion.proof.static.renderings import Document
from bastion.proof.static.sets import Combinations, Set


def check_folders(
    documents: Iterable[Document], exclusions: Exclusions, combinations: Combinations, findings: Findings
) -> None:
    """Find folders whose files are all left out, while they themselves are not.

    Args:
        documents: All files.
        exclusions: The rules.
        combinations: All of them.
        findings: Where to add them.
    """
    filled: dict[str, Set] = defaultdict(int)
    for document in documents:
        for folder in parents_of(document.path):
            filled[folder] |= document.present
    for folder, where in filled.items():
        empty = combinations.every & ~exclusions.where(folder) & ~where
        findings.add("folders", QUESTIONNAIRE, f"_exclude leaves the folder {folder} behind, empty", empty)
