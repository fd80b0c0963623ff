"""A file that is added can replace a defence whose file nobody touched."""

import json
import re
from importlib.util import MAGIC_NUMBER
from pathlib import PurePosixPath

import pytest
from packaging.utils import canonicalize_name

from bastion.checking.libraries import BROUGHT_ALONG
from tests.checking.checked import EVERYTHING, Checked
from tests.conftest import ProjectOf

UNCHECKED_BYTECODE = MAGIC_NUMBER + (1).to_bytes(4, "little") + bytes(8)
CHECKED_BYTECODE = MAGIC_NUMBER + (3).to_bytes(4, "little") + bytes(8)
BYTECODE_BY_TIME = MAGIC_NUMBER + bytes(12)

SHADOWS = {
    "a package before a module": "app/core/kernel/__init__.py",
    "a package before the list of defences": "app/main/__init__.py",
    "a compiled module": "app/core/kernel.abi3.so",
    "a compiled module of Windows": "app/core/keys.cp311-win_amd64.pyd",
    "a compiled package": "app/rbac/__init__.abi3.so",
    "another case": "app/core/Kernel.py",
    "another case of a folder": "app/Core/kernel.py",
    "a look-alike": "app/core/\uff4b\uff45\uff59\uff53.py",
    "bytecode that is trusted blindly": "app/core/__pycache__/keys.cpython-311.pyc",
    "a library": "jwt.py",
    "a library that is a package": "fastapi/__init__.py",
    "a library that is a compiled module": "jwt.abi3.so",
    "a library that is bytecode alone": "jwt.pyc",
    "a library of a library": "argon2.py",
    "a module of Python": "hmac.py",
    "what Python runs at every start": "sitecustomize.py",
    "what Python runs at every start of a user": "usercustomize.py",
}


NO_SHADOWS = (
    "app/core/kernels.py",
    "app/core/events/readme.txt",
    "app/orders/jwt.py",
    "structlog/notes.txt",
    "orders.py",
    "app/core/__pycache__/geography.cpython-311.pyc",
)


def _write(project: Checked, path: str, content: bytes = UNCHECKED_BYTECODE) -> None:
    project.write(path, "")
    (project.folder / path).write_bytes(content)


def test_a_file_that_came_after_a_check_is_found_by_the_next_one_of_the_same_process(project: Checked) -> None:
    before = project.findings()
    _write(project, "jwt.py")

    assert before == []
    assert [each.split()[-1] for each in project.findings()] == ["jwt.py"]


def test_each_file_that_would_be_taken_instead_of_another(project: Checked) -> None:
    for path in SHADOWS.values():
        _write(project, path)

    report = project.report()

    found = {each["path"] for each in report["findings"]}
    assert {each["rule"] for each in report["findings"]} == {"shadowed-defence"}
    assert [path for path in SHADOWS.values() if not {path, *_parents(path)} & found] == []
    assert [path for path in found if not any(shadow.startswith(path) for shadow in SHADOWS.values())] == []


def _parents(path: str) -> set[str]:
    return {str(parent) for parent in PurePosixPath(path).parents}


def test_files_that_nothing_takes(project: Checked) -> None:
    for path in NO_SHADOWS:
        _write(project, path)
    _write(project, "app/core/__pycache__/keys.cpython-311.pyc", BYTECODE_BY_TIME)

    assert project.findings() == []


def test_bytecode_with_a_hash_is_somebody_elses_whatever_it_says(project: Checked) -> None:
    """Whoever has the source can make the hash, and git keeps what is added by force."""
    _write(project, "app/core/__pycache__/keys.cpython-311.pyc", CHECKED_BYTECODE)

    assert project.findings() == ["shadowed-defence always app/core/__pycache__/keys.cpython-311.pyc"]


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_every_library_that_is_installed_is_known(project_of: ProjectOf, database: str) -> None:
    project = project_of({**EVERYTHING, "database": database})
    exported = project.succeed("uv", "export", "--quiet", "--no-dev", "--no-hashes", "--no-annotate", "--no-header")
    needed = {canonicalize_name(line.partition("==")[0]) for line in exported.splitlines() if "==" in line}
    script = "import importlib.metadata as m, json; print(json.dumps(m.packages_distributions()))"
    brought = json.loads(project.succeed("python", "-c", script))

    code = "\n".join(file.read_text(encoding="utf-8") for file in (project.folder / "app").rglob("*.py"))
    imported = set(re.findall(r"^(?:from|import) (\w+)", code, re.MULTILINE))
    modules = {module for module, by in brought.items() if {canonicalize_name(each) for each in by} & needed}

    assert len(modules) > 30
    assert {each for each in modules if each.isidentifier()} - BROUGHT_ALONG - imported == set()
