"""What users do with a project raises no alarm."""

import shutil
from collections.abc import Callable, Iterable

import pytest

from tests.checking.checked import Checked
from tests.support.commands import succeed
from tests.support.projects import Project

MAIN, MANIFEST, MIGRATIONS = "app/main.py", "pyproject.toml", "migrations/env.py"


def _own_slice(project: Checked) -> None:
    project.write("app/orders/__init__.py", '"""Orders."""\n\nSLICE = None\n')
    project.edit(MAIN, "    notes,\n", "    notes,\n    orders,\n")
    project.edit(MAIN, "    notes.SLICE,\n", "    notes.SLICE,\n    orders.SLICE,\n")


def _own_slice_in_front_with_an_import_and_a_function(project: Checked) -> None:
    project.edit(MAIN, "from app.core import", "from app.orders import SLICE as ORDERS\nfrom app.core import")
    project.edit(MAIN, "    headers.SLICE,\n", "    ORDERS,\n    headers.SLICE,\n")
    project.edit(MAIN, "\n\ndef create_app", "\n\ndef own() -> int:\n    docs = 1\n    return docs\n\n\ndef create_app")


def _the_example_deleted(project: Checked) -> None:
    shutil.rmtree(project.folder / "app" / "notes")
    project.edit(MAIN, "    notes,\n", "")
    project.edit(MAIN, "    notes.SLICE,\n", "")


def _own_routes_in_the_example(project: Checked) -> None:
    project.write("app/notes/router.py", project.text("app/notes/router.py") + "\n\ndef own() -> None: ...\n")


def _own_module_beside_a_defence(project: Checked) -> None:
    """It does nothing until something imports it, and what could is compared."""
    project.write("app/core/geography.py", "EQUATOR_KM = 40_075\n")
    project.write(".github/workflows/deploy.yml", "on: push\n")
    project.write("tests/core/test_geography.py", "def test_it() -> None: ...\n")


def _own_migration_and_retired_tables(project: Checked) -> None:
    project.write("migrations/versions/0002_orders.py", 'revision = "0002"\n')
    project.edit(MIGRATIONS, "frozenset()", 'frozenset({"orders", "customers"})')


def _own_imports_of_more_of_a_library(project: Checked) -> None:
    project.edit(MIGRATIONS, "import os\n", "import os\nimport os.path\n")


def _own_settings(project: Checked) -> None:
    project.write(".env", project.text(".env") + "ORDERS_PER_DAY=5\n")
    project.write(".env.example", "ORDERS_PER_DAY=5\n")


def _own_and_newer_dependencies(project: Checked) -> None:
    project.edit(MANIFEST, '    "fastapi>=0.165",\n', '    "fastapi[standard] >= 0.170, < 1",\n    "boto3",\n')
    project.edit(MANIFEST, '"starlette>=1.10"', '"Starlette==1.11.*"')
    project.edit(MANIFEST, "line-length = 120", "line-length = 88")
    project.write(MANIFEST, project.text(MANIFEST) + '\n[tool.uv.sources]\nboto3 = { path = "../boto3" }\n')


def _comments_and_docstrings_where_one_adds(project: Checked) -> None:
    project.edit(MAIN, '"""The composition root.', '"""Ours.')
    project.edit(MAIN, "# Guards stand around", "# What stands around")


def _line_ends_of_windows(project: Checked) -> None:
    for path in project.folder.rglob("*"):
        if path.is_file() and path.suffix in {".py", ".yml", ".toml", ".txt"}:
            path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))


def _newer_actions_from_dependabot(project: Checked) -> None:
    workflow = ".github/workflows/checks.yml"
    pinned = project.text(workflow).partition("actions/checkout@")[2].splitlines()[0]
    project.write(workflow, project.text(workflow).replace(pinned, f"{'0' * 40} # v9.9.9"))


def _what_running_it_leaves(project: Checked) -> None:
    succeed("python3", "-m", "compileall", "-q", "app", cwd=project.folder)
    project.write("redis/dump.rdb", "")
    project.write("docs/index.md", "")


def _permissions(project: Checked) -> None:
    for path in (project.folder / "app").rglob("*.py"):
        path.chmod(0o755)


ONE_PROJECT = (
    _own_slice,
    _own_slice_in_front_with_an_import_and_a_function,
    _own_routes_in_the_example,
    _own_module_beside_a_defence,
    _own_migration_and_retired_tables,
    _own_settings,
    _own_and_newer_dependencies,
    _comments_and_docstrings_where_one_adds,
    _newer_actions_from_dependabot,
    _permissions,
    _own_imports_of_more_of_a_library,
)
ANOTHER = (_the_example_deleted, _line_ends_of_windows, _what_running_it_leaves)


@pytest.mark.parametrize("edits", [ONE_PROJECT, ANOTHER], ids=["one project", "another"])
def test_what_is_the_users_own(project: Checked, edits: Iterable[Callable[[Checked], None]]) -> None:
    for edit in edits:
        edit(project)

    assert project.findings() == []


def _in_one_line(project: Checked, begin: str, order: Callable[[list[str]], Iterable[str]] = list) -> None:
    """Write what stands in brackets as somebody in a hurry does."""
    listed = project.text(MAIN).partition(f"{begin}(\n")[2].partition("\n)\n")[0]
    entries = [line.strip(" ,") for line in listed.splitlines()]
    project.edit(MAIN, f"{begin}(\n{listed}\n)", f"{begin}({', '.join(order(entries))})")


def test_the_projects_own_formatter(installed: Project) -> None:
    project = Checked(installed.folder)
    _own_slice(project)
    _in_one_line(project, "from app import ", reversed)
    _in_one_line(project, "SLICES = ")
    typed = project.text(MAIN)

    installed.succeed("ruff", "format")
    installed.succeed("ruff", "check", "--fix")

    assert project.text(MAIN) != typed
    assert project.findings() == []
