"""Folders, compared as what they hold."""

import re
from pathlib import Path

SECRET = re.compile(rb"[0-9a-f]{64}")


def files(folder: Path) -> dict[str, bytes]:
    """Give every file but git's own, by its path."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".git" not in path.relative_to(folder).parts
    }


def files_of_the_template(folder: Path) -> dict[str, bytes]:
    """Give the files of a project that a change may touch."""
    return {path: content for path, content in files(folder).items() if not _is_the_users(path)}


def files_of_the_user(folder: Path) -> dict[str, bytes]:
    """Give the secret and the migrations, which no change may touch."""
    return {path: content for path, content in files(folder).items() if _is_the_users(path)}


def files_without_secret(folder: Path) -> dict[str, bytes]:
    """Give the files with the drawn secret blanked, which differs in every render."""
    return {path: without_secret(path, content) for path, content in files(folder).items()}


def modules_that_differ(known: Path, other: Path) -> list[str]:
    """Name the modules of a project that another one does not have, or has otherwise."""
    modules = {path.relative_to(other).as_posix(): path.read_bytes() for path in other.rglob("*.py")}
    there = {path: (known / path).read_bytes() for path in modules if (known / path).exists()}
    return sorted(path for path, content in modules.items() if there.get(path) != content)


def without_secret(path: str, content: bytes) -> bytes:
    return SECRET.sub(b"*", content) if path == ".env" else content


def _is_the_users(path: str) -> bool:
    return path == ".env" or path.startswith("migrations/versions/")
