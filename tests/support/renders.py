"""What Copier writes, once for each set of answers, in a folder that all workers of this run share."""

import hashlib
import json
import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from filelock import FileLock

from tests.support.checkout import ROOT, copy_of_the_template
from tests.support.combinations import Combination, capabilities_of, pairwise
from tests.support.commands import environment, run
from tests.support.store import CONTENTS, list_of

TEMPLATE = "template"
SHARED = "BASTION_TEST_RENDERS"
"""The variable that names the folder of all renders of this run."""


@dataclass(frozen=True)
class Rendered:
    """What one combination became."""

    combination: Combination
    folder: Path

    @cached_property
    def files(self) -> dict[str, str]:
        """The digest of each file, by its path."""
        return dict(json.loads(list_of(self.folder).read_text(encoding="utf-8")))

    @cached_property
    def capabilities(self) -> frozenset[str]:
        """Which capabilities are on."""
        return capabilities_of(self.combination)


@dataclass(frozen=True)
class Renders:
    """All renders of this run. They are shared, so nobody may change them: a change would reach each equal file."""

    folder: Path

    @staticmethod
    def prepare(folder: Path) -> None:
        """Copy the template, so that nobody edits it while the tests run."""
        (folder / TEMPLATE).mkdir()
        copy_of_the_template(folder / TEMPLATE)

    def of(self, answers: Mapping[str, Any]) -> Path:
        """Give the render of some answers; what they leave open has its default.

        Whoever asks for a row gets all of them rendered: together they take little longer than one alone.
        """
        destination = self._destination(answers)
        if answers in pairwise():
            self.rows()
        with FileLock(f"{destination}.lock"):
            self._render([answers])
        return destination

    def rows(self) -> list[Rendered]:
        """Give the renders in which each two answers meet, so that each block of a template is there and is not."""
        with FileLock(self.folder / "rows.lock"):
            self._render(pairwise())
        return [Rendered(each, self._destination(each)) for each in pairwise()]

    def text(self, digest: str) -> str:
        """Give a content as text; of what is no text, nothing."""
        return _text(self.folder / CONTENTS / digest)

    def _destination(self, answers: Mapping[str, Any]) -> Path:
        name = json.dumps(answers, sort_keys=True, default=list)
        return self.folder / hashlib.sha256(name.encode()).hexdigest()[:16]

    def _render(self, wanted: Iterable[Mapping[str, Any]]) -> None:
        renders = {str(self._destination(each)): each for each in wanted}
        missing = {folder: answers for folder, answers in renders.items() if not list_of(Path(folder)).exists()}
        if missing:
            order = json.dumps({"template": str(self.folder / TEMPLATE), "renders": missing})
            without_git = environment({"PATH": os.devnull, "PYTHONPATH": str(ROOT)})
            finished = run(sys.executable, "-m", "tests.support.rendering", cwd=ROOT, env=without_git, stdin=order)
            assert finished.returncode == 0, finished.stderr[-8000:]


@cache
def _text(path: Path) -> str:
    content = path.read_bytes()
    return "" if b"\0" in content else content.decode("utf-8")
