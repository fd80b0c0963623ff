"""What stands for the prover: of code that could change a result, any change voids what was shown before."""

import ast
import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pytest

import bastion
from bastion.proof.rows.store import PARTS, SHARED, fingerprint_of_the_prover

PACKAGE = Path(bastion.__file__).parent

CHANGES_NO_RESULT: Mapping[str, str] = {
    "__init__.py": "imported for the place of the package",
    "absolute.py": "where a template lies; the rows are made of what it holds",
    "answers.py": "reads presets, which say what rows a matrix begins with and not what they show",
    "choosing/presets.py": "the same",
    "choosing/wrapping.py": "the help of questions that a person is asked",
    "problems.py": "how a problem is worded; a row with one has failed, and is remembered by nobody",
    "questionnaire.py": "judges the answers of a user, and of presets",
    "temporary.py": "where folders lie that are gone afterwards",
    "versions.py": "the version is in each render, and in each report",
}
"""Modules that the prover or `SHARED` import, and why a fingerprint can do without each."""


def test_each_module_that_the_prover_imports_is_part_of_it_or_changes_no_result() -> None:
    imported = set(_imported_by(PACKAGE / name for name in SHARED))
    for part in PARTS:
        imported |= set(_imported_by((PACKAGE / part).rglob("*.py")))

    assert {name for name in imported if name.partition("/")[0] not in PARTS} == {*SHARED, *CHANGES_NO_RESULT}


def test_no_module_is_both() -> None:
    assert CHANGES_NO_RESULT.keys() & set(SHARED) == set()


def _imported_by(files: Iterable[Path]) -> Iterator[str]:
    """Yield the modules of this package that files import, as paths in it."""
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            yield from (path for name in _names_in(node) if (path := _path_of(name)))


def _names_in(node: ast.AST) -> list[str]:
    """Give what an import may name: of `from a import b`, `a.b` if that is a module, or else `a`."""
    match node:
        case ast.Import():
            return [each.name for each in node.names]
        case ast.ImportFrom(module=str(module), level=0):
            whole = [f"{module}.{each.name}" for each in node.names]
            return [name if _path_of(name) else module for name in whole]
    return []


def _path_of(name: str) -> str:
    package, *inside = name.split(".")
    if package != bastion.__name__:
        return ""
    place = PACKAGE.joinpath(*inside)
    found = [path for path in (place.with_suffix(".py"), place / "__init__.py") if path.is_file()]
    return found[0].relative_to(PACKAGE).as_posix() if found else ""


@pytest.mark.parametrize("file", ["proof/inside/bastion_guards.py", "space/walking.py", *SHARED])
def test_a_change_of_what_it_is_made_of_makes_it_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str
) -> None:
    shutil.copytree(PACKAGE, tmp_path / "bastion", ignore=shutil.ignore_patterns("__pycache__"))
    before = fingerprint_of_the_prover()
    monkeypatch.setattr(bastion, "__file__", str(tmp_path / "bastion" / "__init__.py"))
    unchanged = fingerprint_of_the_prover()
    with (tmp_path / "bastion" / file).open("a", encoding="utf-8") as module:
        module.write("# Another one.\n")

    assert unchanged == before != fingerprint_of_the_prover()
