"""Who may import whom: the core imports no slice, and no slice another one. So each can be taken away."""

import ast
from pathlib import Path

import pytest

from app.main import SLICES

ROOTS = {"main", "asgi", "manage"}
"""They put the slices together, so they may import any of them."""

SOURCES = sorted(path for path in Path("app").rglob("*.py") if len(path.parts) > 2)


def imported_parts(tree: ast.AST, at_start_only: bool) -> set[str]:
    """Return the parts of `app` that are imported: `core`, `accounts`, `main`, ..."""
    nodes = tree.body if at_start_only and isinstance(tree, ast.Module) else ast.walk(tree)
    modules = [
        f"{node.module}.{name.name}" for node in nodes if isinstance(node, ast.ImportFrom) for name in node.names
    ]
    nodes = tree.body if at_start_only and isinstance(tree, ast.Module) else ast.walk(tree)
    modules += [name.name for node in nodes if isinstance(node, ast.Import) for name in node.names]
    return {module.split(".")[1] for module in modules if module.startswith("app.")}


def foreign_parts(part: str, source: str) -> set[str]:
    """Return what `app/<part>` imports and must not."""
    # The commands of the project load it when they run; at import time even they know no slice.
    is_command = part == "core"
    found = imported_parts(ast.parse(source), at_start_only=is_command)
    if is_command:
        found |= imported_parts(ast.parse(source), at_start_only=False) - {"main"}
    return found - {"core", part}


@pytest.mark.parametrize("path", SOURCES, ids=str)
def test_a_part_imports_itself_and_the_core(path: Path) -> None:
    assert foreign_parts(path.parts[1], path.read_text(encoding="utf-8")) == set()


@pytest.mark.parametrize(
    ("part", "source"),
    [
        ("core", "from app.accounts.service import Accounts"),
        ("core", "from app import accounts"),
        ("core", "from app.main import SLICES"),
        ("core", "def load():\n    from app.accounts import service"),
        ("headers", "import app.hosts"),
        ("accounts", "def later():\n    from app.health import SLICE"),
        ("accounts", "from app.main import create_app"),
    ],
)
def test_an_import_across_would_be_found(part: str, source: str) -> None:
    assert foreign_parts(part, source) != set()


def test_every_slice_is_looked_at() -> None:
    parts = {path.parts[1] for path in SOURCES}

    assert {"core", *(each.name for each in SLICES)} <= parts
    assert not parts & ROOTS
