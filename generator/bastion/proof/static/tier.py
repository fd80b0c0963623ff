"""`bastion prove --static`, step by step."""

import shutil
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from bastion.proof.results import StaticResult
from bastion.proof.static.agreement import COMPARED, Agreement
from bastion.proof.static.dependencies import check_dependencies
from bastion.proof.static.effects import Effects
from bastion.proof.static.files import check_files
from bastion.proof.static.findings import Findings
from bastion.proof.static.folders import check_folders
from bastion.proof.static.imports import check_imports
from bastion.proof.static.layout import QUESTIONNAIRE, Layout
from bastion.proof.static.mentions import check_mentions
from bastion.proof.static.names import check_asked, check_names
from bastion.proof.static.progress import Progress, Silence
from bastion.proof.static.project import Project
from bastion.proof.static.reach import check_answers, check_conditions
from bastion.proof.static.reading import SYNTAX, read_all
from bastion.proof.static.renderer import Renderer
from bastion.proof.static.renderings import Document
from bastion.proof.static.sets import Combinations
from bastion.proof.static.settings import check_settings
from bastion.proof.static.strangers import check_strangers
from bastion.proof.static.tables import Tables
from bastion.proof.static.tools.everything import Inspection
from bastion.proof.static.words import Words
from bastion.space.space import Space


def prove_statically(
    template_root: Path, progress: Progress | None = None, *, compared: int = COMPARED
) -> StaticResult:
    """Read every valid combination of a template, and say all that is wrong with any.

    Args:
        template_root: The folder with `copier.yml`.
        progress: Who is told how far it is.
        compared: How many combinations are compared with what Copier writes.
    """
    began = time.monotonic()
    with TemporaryDirectory(prefix="bastion-") as room:
        proof = _Proof(template_root, Path(room), progress or Silence(), compared)
        documents = proof.run()
        return StaticResult(
            findings=proof.findings.explained(),
            combinations=proof.combinations.count,
            renderings=sum(len(document.renderings) for document in documents),
            partial=[document.source.name for document in documents if document.partial],
            seconds=time.monotonic() - began,
        )


class _Proof:
    def __init__(self, root: Path, room: Path, progress: Progress, compared: int) -> None:
        self._room, self._progress, self._compared = room, progress, compared
        progress.stage("counting the combinations", 1)
        self._tables = Tables.read(root)
        self.combinations = Combinations(Space.read(root / QUESTIONNAIRE))
        self.findings = Findings(self.combinations)
        self._layout = _snapshot(Layout(root, self.combinations.space.environment), room / "template")

    def run(self) -> Sequence[Document]:
        """Go through all steps. What cannot be rendered, or read, is said alone: much else would follow from it."""
        check_names(self._layout, self._tables, self.combinations, self.findings)
        if self.findings:
            return ()
        with closing(Agreement(self._layout, self.combinations, self._room / "copies", self._compared)) as agreement:
            renderer, documents = self._render()
            if not self.findings:
                self._look(renderer, documents)
                self._progress.stage("comparing with Copier", len(agreement.numbers))
                agreement.compare(renderer, documents, self.findings, self._progress)
        return documents

    def _render(self) -> tuple[Renderer, list[Document]]:
        self._progress.stage("rendering every file", len(self._layout.sources))
        renderer = Renderer(self._layout, self.combinations, self.findings)
        documents = []
        for document in renderer.documents():
            documents.append(document)
            self._progress.advance()
        return renderer, documents

    def _look(self, renderer: Renderer, documents: Sequence[Document]) -> None:
        (tree := self._room / "tree").mkdir()
        with closing(Inspection(tree, documents)) as inspection:
            project = Project(documents)
            known = self.combinations.space.known
            for rendering, facts in read_all(documents, known, self.findings, self._progress):
                project.add(rendering, facts)
            if not self.findings.has(SYNTAX):
                self._look_at_every_combination(project, renderer, documents)
            self._progress.stage("waiting for linters", 1)
            inspection.collect(self.findings)

    def _look_at_every_combination(self, project: Project, renderer: Renderer, documents: Sequence[Document]) -> None:
        self._progress.stage("looking at every combination", 1)
        layout, tables, combinations, findings = self._layout, self._tables, self.combinations, self.findings
        check_asked(layout, combinations, findings)
        check_answers(combinations, findings)
        check_conditions(layout, combinations, findings)
        check_imports(project, tables, combinations, findings)
        check_dependencies(project, tables, combinations, findings)
        check_settings(project, tables, combinations, findings)
        Words(tables, combinations).check(documents, findings)
        check_mentions(project, documents, findings)
        check_files(layout, documents, combinations, findings)
        check_folders(documents, renderer.exclusions, combinations, findings)
        check_strangers(renderer.exclusions, project, tables, combinations, findings)
        renderer.exclusions.check({each.path for each in documents} | {each.path for each in layout.sources}, findings)
        Effects(layout, combinations, renderer, documents).check(findings)


def _snapshot(layout: Layout, folder: Path) -> Layout:
    """Copy a template, so that nobody changes it meanwhile, and Copier finds no repository around it."""
    for name in (*(source.name for source in layout.sources), *layout.overruled):
        copy = folder / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(layout.root / name, copy)
    shutil.copy(layout.root / QUESTIONNAIRE, folder)
    return Layout(folder, layout.environment)
