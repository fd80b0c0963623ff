"""Fixtures for `.env`: a folder like a fresh clone, and files as open as their makers ask for."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

EXAMPLE = Path(".env.example").resolve()
on_posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")


@pytest.fixture
def unmasked() -> Iterator[None]:
    """Let a file be as open as its maker asks for: the umask of the machine protects nobody here."""
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder like a fresh clone, and the working directory."""
    (tmp_path / ".env.example").write_text(EXAMPLE.read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)
