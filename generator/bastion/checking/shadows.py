"""Files that Python takes in the place of others, so that a defence is replaced and looks untouched."""

import sys
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path, PurePosixPath

from bastion.checking.defended import Defended
from bastion.checking.findings import SHADOWED, Finding
from bastion.checking.libraries import BROUGHT_ALONG
from bastion.defences import ALWAYS
from bastion.regular import IrregularFileError, read_regular
from bastion.source_facts import facts_of

_COMPILED = (".so", ".pyd")
_IMPORTED = (*_COMPILED, ".py", ".pyc")
_AT_EVERY_START = {"sitecustomize", "usercustomize"}
# PEP 552: with this flag, bytecode is bound to its source by size and time, which a clone does not keep. Any other flag
# means a hash, which an attacker can compute.
_BY_TIME = 0


def shadows(folder: Path, defended: Defended) -> Iterator[Finding]:
    """Yield each file that Python would take instead of a defence's file, or of a library.

    Args:
        folder: The project.
        defended: The fresh render.
    """
    _entries.cache_clear()  # the folder may have changed since it was looked at last
    for path, defence in _with_folders(defended.of).items():
        for shadow in (*_variants(folder, path), *_taken_first(folder, path)):
            yield _finding(defence, shadow, f"may be taken in the place of {path}")
    for shadow in _of_libraries(folder, defended):
        yield _finding(ALWAYS, shadow, "is taken in the place of a library that the defences use")


def _finding(defence: str, path: str, what: str) -> Finding:
    return Finding(rule=SHADOWED, defence=defence, path=path, what=what, remedy="remove or rename it")


def _with_folders(files: Mapping[str, str]) -> Mapping[PurePosixPath, str]:
    """Return each file, and each folder above it, with its defence."""
    found: dict[PurePosixPath, str] = {}
    for file, defence in files.items():
        path = PurePosixPath(file)
        for each in (*reversed(path.parents[:-1]), path):
            found.setdefault(each, defence)
    return found


def _variants(folder: Path, path: PurePosixPath) -> Iterator[str]:
    """Yield the files with the same name but for case."""
    for name in _entries(folder / path.parent):
        if name != path.name and _folded(name) == _folded(path.name):
            yield str(path.parent / name)


def _taken_first(folder: Path, path: PurePosixPath) -> Iterator[str]:
    if path.suffix == ".py":
        beside = (path.parent / name for name in _entries(folder / path.parent))
        yield from (str(each) for each in beside if _is_taken_first(folder, each, path.stem))
        yield from _compiled(folder, path)


def _is_taken_first(folder: Path, beside: PurePosixPath, module: str) -> bool:
    """Tell whether a neighbour of a module is the compiled module or the package of its name."""
    if beside.suffix in _COMPILED:
        return beside.name.split(".")[0] == module
    return beside.name == module and _is_package(folder / beside)


def _is_package(folder: Path) -> bool:
    return any(name.split(".")[0] == "__init__" for name in _entries(folder))


def _compiled(folder: Path, path: PurePosixPath) -> Iterator[str]:
    """Yield bytecode that Python would run instead of the source, even in a copy of the project."""
    cache = path.parent / "__pycache__"
    for name in _entries(folder / cache):
        if name.startswith(f"{path.stem}.") and name.endswith(".pyc"):
            with suppress(FileNotFoundError):
                if not _is_of_this_machine(folder, str(cache / name)):
                    yield str(cache / name)


def _is_of_this_machine(folder: Path, name: str) -> bool:
    try:
        return int.from_bytes(read_regular(folder, name)[4:8], "little") == _BY_TIME
    except IrregularFileError:
        return False


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()


@cache
def _entries(folder: Path) -> tuple[str, ...]:
    try:
        return tuple(sorted(entry.name for entry in folder.iterdir()))
    except OSError:
        return ()


# --- Libraries --------------------------------------------------------------------------------------------------------


def _of_libraries(folder: Path, defended: Defended) -> Iterator[str]:
    """Yield the files at the top of the project that have a library's name: Python looks there first."""
    imported = {*sys.stdlib_module_names, *_imported_by(defended), *BROUGHT_ALONG, *_AT_EVERY_START}
    libraries = imported - set(_entries(defended.folder))
    for name in _entries(folder):
        module, dot, _ = name.partition(".")
        is_imported = name.endswith(_IMPORTED) if dot else _is_package(folder / name)
        if module in libraries and is_imported:
            yield name


def _imported_by(defended: Defended) -> Collection[str]:
    """Return the names of all packages that the files of the defences import."""
    texts = {path: defended.read(path).decode() for path in defended.of if path.endswith(".py")}
    return {each.module.split(".")[0] for path, text in texts.items() for each in facts_of(text, path).imports}
