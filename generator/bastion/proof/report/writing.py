"""Reports in their folder: `proof.json`, `proof.junit.xml` and `proof.html`."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bastion.problems import Problem
from bastion.proof.report.data import Report, Run, build, read
from bastion.proof.report.junit import junit
from bastion.proof.report.page import page
from bastion.space.space import Space


def begin(folder: Path) -> None:
    """Refuse a folder that cannot take a report."""
    with _writing_to(folder):
        folder.mkdir(parents=True, exist_ok=True)
    read(folder)


@contextmanager
def _writing_to(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Problem(f"cannot write the report into {folder} ({error.strerror})", "choose another folder") from error


def write(run: Run, space: Space, folder: Path) -> Report:
    """Write what a run has shown, joined with what the folder's report shows of the same template."""
    report = build(run, space, read(folder))
    with _writing_to(folder):
        (folder / "proof.json").write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        (folder / "proof.junit.xml").write_bytes(junit(report))
        (folder / "proof.html").write_text(page(report), encoding="utf-8")
    return report
