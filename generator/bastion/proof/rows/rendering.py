"""Renders, exactly as `bastion new` makes them."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from threading import Lock
from typing import Any

import yaml

from bastion import finishing, rendering
from bastion.problems import Problem
from bastion.proof.drawn import draws, without_secrets
from bastion.template import Template

_EXPRESSION = re.compile(r"\{\{.*?\}\}|\{%.*?%\}")


class Renderer:
    """Copier, one render at a time: it is Python that would only share one core with itself."""

    def __init__(self, template: Template, root: Path) -> None:
        """Render `template`; its files lie in `root`."""
        self._template = template
        self._drawing = _files_that_draw(root)
        self._one_at_a_time = Lock()

    def render(self, answers: Mapping[str, Any], project: Path) -> None:
        """Write a project.

        Raises:
            Problem: the template cannot be rendered with these answers.
        """
        with self._one_at_a_time:
            rendering.render(self._template, project, answers)
        finishing.close_secret(project)

    def fingerprint(self, project: Path) -> str:
        """Return what stands for a render: every name, mode and byte but the secrets drawn for it."""
        digest = hashlib.sha256()
        for path in sorted(each for each in project.rglob("*") if each.is_file()):
            name = path.relative_to(project).as_posix()
            content = path.read_bytes()
            if any(fnmatchcase(name, pattern) for pattern in self._drawing):
                content = without_secrets(content)
            digest.update(f"{name}\0{path.stat().st_mode:o}\0{len(content)}\0".encode() + content)
        return digest.hexdigest()


def _files_that_draw(root: Path) -> Sequence[str]:
    """Name the rendered files with something random in them, as patterns: a name may have expressions too."""
    settings = yaml.safe_load((root / "copier.yml").read_text(encoding="utf-8"))
    suffix = settings.get("_templates_suffix", ".jinja")
    folder = root / settings.get("_subdirectory", ".")
    sources = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name.endswith(suffix))
    return [
        _EXPRESSION.sub("*", path.relative_to(folder).as_posix().removesuffix(suffix))
        for path in sources
        if draws(path.read_bytes())
    ]


__all__ = ["Problem", "Renderer"]
