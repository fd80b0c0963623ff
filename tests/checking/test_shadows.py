"""A file that is added can replace a defence whose file nobody touched."""

from importlib.util import MAGIC_NUMBER

import pytest

from tests.checking.checked import Checked

UNCHECKED_BYTECODE = MAGIC_NUMBER + (1).to_bytes(4, "little") + bytes(8)
CHECKED_BYTECODE = MAGIC_NUMBER + (3).to_bytes(4, "little") + bytes(8)

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
    "a module of Python": "hmac.py",
    "what Python runs at every start": "sitecustomize.py",
}


@pytest.mark.parametrize("path", SHADOWS.values(), ids=SHADOWS)
def test_a_shadow(project: Checked, path: str) -> None:
    project.write(path, "")
    (project.folder / path).write_bytes(UNCHECKED_BYTECODE)

    findings = project.report()["findings"]

    assert {each["rule"] for each in findings} == {"shadowed-defence"}
    assert all(path.startswith(each["path"]) for each in findings)


@pytest.mark.parametrize(
    "path",
    [
        "app/core/kernels.py",
        "app/core/kernel/readme.txt",
        "app/orders/jwt.py",
        "jwt/notes.txt",
        "orders.py",
        "app/core/__pycache__/geography.cpython-311.pyc",
    ],
)
def test_no_shadow(project: Checked, path: str) -> None:
    project.write(path, "")
    (project.folder / path).write_bytes(UNCHECKED_BYTECODE)

    assert project.findings() == []


def test_bytecode_that_is_compared_with_its_source(project: Checked) -> None:
    project.write("app/core/__pycache__/keys.cpython-311.pyc", "")
    (project.folder / "app/core/__pycache__/keys.cpython-311.pyc").write_bytes(CHECKED_BYTECODE)

    assert project.findings() == []
