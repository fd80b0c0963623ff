"""All tools, run at the same time on one tree."""

from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from bastion.proof.static.findings import Findings
from bastion.proof.static.renderings import Document, Rendering
from bastion.proof.static.tools.deployment import Hadolint, KubernetesValidate, Shellcheck
from bastion.proof.static.tools.ruff import RuffCheck, RuffFormat
from bastion.proof.static.tools.tool import Complaint, Tool
from bastion.proof.static.tools.tree import Tree
from bastion.proof.static.tools.workflows import Actionlint, Zizmor

TOOLS: tuple[Tool, ...] = (
    RuffCheck(),
    RuffFormat(),
    Zizmor(),
    Actionlint(),
    Hadolint(),
    Shellcheck(),
    KubernetesValidate(),
)


class Inspection:
    """The tools at work, while this process does something else."""

    def __init__(self, folder: Path, documents: Iterable[Document]) -> None:
        """Write the files and start the tools that have any.

        Args:
            folder: An empty one.
            documents: All files of the project.
        """
        self._tree = Tree(folder, documents, TOOLS)
        self._pool = ThreadPoolExecutor(len(TOOLS))
        self._running: dict[Tool, Future[list[Complaint]]] = {
            tool: self._pool.submit(self._run, tool, files) for tool in TOOLS if (files := self._tree.files_for(tool))
        }

    def _run(self, tool: Tool, files: list[str]) -> list[Complaint]:
        return list(tool.complaints(self._tree.folder, files))

    def collect(self, findings: Findings) -> None:
        """Wait for the tools and gather what they found."""
        for tool, running in self._running.items():
            for complaint in running.result():
                rendering, where = self._tree.rendering(complaint.file)
                message = f"{complaint.message}{_place(rendering, complaint.line)}"
                findings.add_for(tool.program, rendering.document, message, where)

    def close(self) -> None:
        """Wait for what still runs: nobody may take the files away from under it."""
        self._pool.shutdown(cancel_futures=True)


def _place(rendering: Rendering, number: int | None) -> str:
    """Quote the line: its number differs from one rendering to the next."""
    lines = (rendering.text or "").splitlines()
    return f" at `{lines[number - 1].strip()}`" if number and number <= len(lines) else ""
