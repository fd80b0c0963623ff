"""Files of the user's after a removal: alone in a removed package, or with an import of a removed module."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from bastion.anatomy import text_of
from bastion.source_facts import NO_PYTHON, facts_of, module_of


@dataclass(frozen=True)
class Leftovers:
    """Files and folders of the user's, by their path in the project.

    Attributes:
        packages: folders in which only files of the user's are left.
        imports: files that import a removed module.
    """

    packages: list[str]
    imports: list[str]


def find_leftovers(folder: Path, gone: Collection[str]) -> Leftovers:
    """Look through a project after a change, before anything is installed in its folder.

    Args:
        folder: the project.
        gone: the files that the change deleted, by their path in it.
    """
    packages = (PurePosixPath(path).parent for path in gone if path.endswith("__init__.py"))
    modules = {module_of(path) for path in gone if path.endswith(".py")}
    files = [path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*.py"))] if modules else []
    return Leftovers(
        packages=sorted(str(each) for each in packages if any((folder / each).rglob("*.py"))),
        imports=[path for path in files if _imported(folder / path, path) & modules],
    )


def _imported(file: Path, path: str) -> set[str]:
    try:
        imports = facts_of(text_of(file), path).imports
    except NO_PYTHON:
        return set()
    return {name for each in imports for name in (each.module, f"{each.module}.{each.name}")}
