"""What was composed is what Copier writes, byte for byte, shown for some random combinations."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from bastion.git import environment
from bastion.proof.drawn import draws, without_secrets
from bastion.proof.rows.store import fingerprint
from bastion.proof.static.findings import Findings
from bastion.proof.static.layout import QUESTIONNAIRE, Layout
from bastion.proof.static.progress import Progress
from bastion.proof.static.renderer import Renderer
from bastion.proof.static.renderings import Document
from bastion.proof.static.sets import Combinations

COMPARED = 50
_CHECK = "composition"
_WORTH_A_PROCESS = 5


@dataclass(frozen=True)
class _Copies:
    """Copier at work, in a process of its own."""

    process: "subprocess.Popen[bytes]"
    errors: Path

    def reason(self) -> str:
        lines = self.errors.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        return lines[-1] if lines else "no reason given"


class Agreement:
    """A comparison with Copier: begun early, since it takes the longest, and ended late."""

    def __init__(self, layout: Layout, combinations: Combinations, folder: Path, count: int = COMPARED) -> None:
        """Choose combinations at random, others for each state of the template, and have Copier render them.

        Args:
            layout: The template. Nobody may change its files now.
            combinations: All of them.
            folder: Where to render them.
            count: How many are compared.
        """
        self._combinations, self._folder = combinations, folder
        folder.mkdir()
        random = Random(fingerprint(layout.root, sorted(layout.root.rglob("*"))))  # noqa: S311 - nothing secret
        self.numbers = sorted(random.sample(range(combinations.count), min(count, combinations.count)))
        processes = max(1, min(os.cpu_count() or 1, count // _WORTH_A_PROCESS))
        shares = [self.numbers[start::processes] for start in range(processes)]
        self._running = [self._start(layout, share) for share in shares if share]

    def _start(self, layout: Layout, numbers: Sequence[int]) -> "_Copies":
        renders = {str(self._folder / str(number)): self._combinations[number].as_data() for number in numbers}
        orders, errors = (self._folder / f"{numbers[0]}.{kind}" for kind in ("orders", "errors"))
        orders.write_text(json.dumps({"template": str(layout.root), "renders": renders}), encoding="utf-8")
        with errors.open("wb") as stderr:
            process = subprocess.Popen(
                [sys.executable, "-m", "bastion.proof.static.copies", str(orders)],
                # Where there is no git, Copier does not start it for each file.
                env={**environment(), "PATH": os.devnull},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=stderr,
            )
        return _Copies(process, errors)

    def close(self) -> None:
        """End what still runs."""
        for copies in self._running:
            # What has ended is not killed, and leaving the block waits and closes what is open.
            with copies.process as process:
                process.kill()

    def compare(
        self, renderer: Renderer, documents: Sequence[Document], findings: Findings, progress: Progress
    ) -> None:
        """Wait for Copier, and find where the two differ."""
        for copies in self._running:
            for _ in copies.process.stdout or ():
                progress.advance()
            if copies.process.wait():
                message = f"Copier cannot render it: {copies.reason()}"
                findings.add(_CHECK, QUESTIONNAIRE, message, self._combinations.every)
                return
        for number in self.numbers:
            for file, message in self._differences(renderer, documents, number):
                findings.add(_CHECK, file, message, 1 << number, sum(1 << each for each in self.numbers))

    def _differences(self, renderer: Renderer, documents: Sequence[Document], number: int) -> Iterator[tuple[str, str]]:
        folder = self._folder / str(number)
        written = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
        for document in documents:
            if document.present >> number & 1:
                path = written.pop(document.path, None)
                if path is None:
                    yield document.source.name, f"{document.path} is composed, and Copier does not write it"
                elif _masked(path.read_bytes(), document) != _masked(renderer.content(document, number), document):
                    yield document.source.name, f"{document.path} is composed otherwise than Copier writes it"
        yield from ((QUESTIONNAIRE, f"{path} is written by Copier, and not composed") for path in sorted(written))


def _masked(content: bytes, document: Document) -> bytes:
    """Blank what is drawn anew for each render."""
    draws_anew = document.source.is_template and draws(document.source.content)
    return without_secrets(content) if draws_anew else content
