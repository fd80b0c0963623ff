"""Templates of a few lines, which stand in for ours where that has nothing of the kind."""

from collections.abc import Mapping
from pathlib import Path

A_QUESTION = "name:\n  type: str\n  default: x\n"


def template_of(folder: Path, copier_yml: str, files: Mapping[str, str] | None = None) -> Path:
    """Write a template: its questionnaire, and its files by their paths."""
    for name, content in {"copier.yml": copier_yml, **(files or {})}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return folder
