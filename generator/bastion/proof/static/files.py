"""Every file of the template becomes a file of some project, and each file of a project comes from one of them."""

from collections.abc import Iterable

from bastion.proof.static.findings import Findings
from bastion.proof.static.layout import Layout
from bastion.proof.static.renderings import Document
from bastion.proof.static.sets import Combinations

_CHECK = "files"


def check_files(layout: Layout, documents: Iterable[Document], combinations: Combinations, findings: Findings) -> None:
    """Find files that nobody gets, and two that are written to one path.

    Args:
        layout: The template.
        documents: What becomes of its files.
        combinations: All of them.
        findings: Where to add them.
    """
    written: dict[str, list[Document]] = {}
    for document in documents:
        for other in written.setdefault(document.path, []):
            message = f"is written to {document.path}, and so is {other.source.name}"
            findings.add(_CHECK, document.source.name, message, document.present & other.present)
        written[document.path].append(document)
    used = {each.source.name for several in written.values() for each in several}
    for source in layout.sources:
        if source.name not in used:
            findings.add(_CHECK, source.name, "is in no project: every combination leaves it out", combinations.every)
    for name in layout.overruled:
        message = f"is in no project: Copier takes {name}{layout.suffix} instead"
        findings.add(_CHECK, name, message, combinations.every)
