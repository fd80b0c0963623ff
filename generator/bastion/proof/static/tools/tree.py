"""The distinct renderings as files under their own names: layer `n` holds the `n`-th rendering of each file.

A linter decides by a path which rules hold, by what lies around a file what is the project's own, and by the manifest
above it what the project wants. So each layer has the manifest, and the packages that its files belong to.
"""

import json
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bastion.proof.static.layout import MANIFEST, parents_of
from bastion.proof.static.renderings import Document, Rendering
from bastion.proof.static.sets import Set
from bastion.proof.static.tools.tool import Tool

_PACKAGE = "__init__.py"


@dataclass(frozen=True)
class _Variant:
    """One way in which a project tells its linter what it wants."""

    manifest: Rendering | None
    where: Set


class Tree:
    """A folder of files, and what each of them is."""

    def __init__(self, folder: Path, documents: Iterable[Document], tools: Sequence[Tool]) -> None:
        """Write what some tool wants.

        Args:
            folder: An empty one.
            documents: All files of the project.
            tools: Those that will be run.
        """
        self.folder, self._tools = folder, tools
        self._documents = {document.path: document for document in documents}
        self._renderings: dict[str, tuple[Rendering, Set]] = {}
        self._wanted: dict[str, list[Tool]] = {}
        variants = list(_variants(self._documents.get(MANIFEST))) or [_Variant(None, -1)]
        for document in self._documents.values():
            for number, rendering in enumerate(document.renderings):
                if wanted := [tool for tool in tools if tool.wants(document.path, rendering.text or "")]:
                    self._write(number, rendering, wanted, variants)

    def files_for(self, tool: Tool) -> list[str]:
        """List the paths of the files that a tool wants."""
        return [path for path, tools in self._wanted.items() if tool in tools]

    def rendering(self, file: str) -> tuple[Rendering, Set]:
        """Give what a file is a rendering of, and the combinations that have it beside this manifest."""
        return self._renderings[file]

    def _write(self, number: int, rendering: Rendering, wanted: list[Tool], variants: Sequence[_Variant]) -> None:
        fitting = [each for each in variants if each.where & rendering.where] or variants[:1]
        for variant in fitting:
            layer = f"{variants.index(variant)}/{number}"
            path = f"{layer}/{rendering.document.path}"
            self._put(path, rendering.content)
            self._renderings[path] = rendering, rendering.where & variant.where or rendering.where
            self._wanted[path] = wanted
            if path.endswith(".py"):
                self._surround(layer, rendering.document.path, variant)

    def _surround(self, layer: str, path: str, variant: _Variant) -> None:
        if variant.manifest:
            # The linter reads it too, and may find something in it.
            self._put(f"{layer}/{MANIFEST}", variant.manifest.content, only_if_new=True)
            self._renderings.setdefault(f"{layer}/{MANIFEST}", (variant.manifest, variant.where))
        packages = [each for each in self._documents if each.count("/") == 1 and each.endswith(f"/{_PACKAGE}")]
        for package in {*packages, *(f"{parent}/{_PACKAGE}" for parent in parents_of(path))}:
            document = self._documents.get(package)
            if document and document.renderings:
                file, some = f"{layer}/{package}", document.renderings[0]
                self._put(file, some.content, only_if_new=True)
                self._renderings.setdefault(file, (some, some.where & variant.where))

    def _put(self, path: str, content: bytes, *, only_if_new: bool = False) -> None:
        file = self.folder / path
        if not (only_if_new and file.exists()):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)


def _variants(manifest: Document | None) -> Iterator[_Variant]:
    """Yield the manifests that tell the linter different things."""
    wishes: dict[str, tuple[Rendering, Set]] = {}
    for rendering in manifest.renderings if manifest else ():
        try:
            wish = json.dumps(tomllib.loads(rendering.text or "").get("tool", {}).get("ruff"), sort_keys=True)
        except tomllib.TOMLDecodeError:
            continue  # a finding of its own, and a linter would say it of each file again
        first, where = wishes.get(wish, (rendering, 0))
        wishes[wish] = first, where | rendering.where
    return (_Variant(first, where) for first, where in wishes.values())
