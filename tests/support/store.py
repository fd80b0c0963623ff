"""Renders kept beside each other: each content once, and for each render the list of what it holds."""

import hashlib
import json
import os
from contextlib import suppress
from pathlib import Path

from tests.support.trees import without_secret

CONTENTS = "contents"


def keep(render: Path, destination: Path) -> None:
    """Move a render into place; who comes second keeps the first.

    Hundreds of renders share most of their files, so equal files become one by hard links.
    """
    contents = destination.parent / CONTENTS
    contents.mkdir(exist_ok=True)
    files = {path.relative_to(render).as_posix(): _keep_content(path, contents) for path in _files(render)}
    with suppress(OSError):
        render.rename(destination)
    list_of(destination).write_text(json.dumps(files), encoding="utf-8")


def list_of(destination: Path) -> Path:
    """Name the file that says which content each path of a render has; it is written last."""
    return Path(f"{destination}.json")


def _files(render: Path) -> list[Path]:
    return sorted(path for path in render.rglob("*") if path.is_file())


def _keep_content(path: Path, contents: Path) -> str:
    content = path.read_bytes()
    comparable = without_secret(path.name, content)
    digest = hashlib.sha256(b"%o %b" % (path.stat().st_mode, comparable)).hexdigest()
    kept = contents / digest
    if comparable != content:
        kept.write_bytes(comparable)
    else:
        with suppress(FileExistsError):
            kept.hardlink_to(path)
        beside = path.with_name(f"{path.name}.{os.getpid()}")
        beside.hardlink_to(kept)
        beside.replace(path)
        beside.unlink(missing_ok=True)  # two names of one file are not replaced by each other
    return digest
