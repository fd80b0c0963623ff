"""Many changes of projects in one process: `python -m tests.support.changing < order.json`.

A `bastion add` costs seconds, and most of that is no merging: starting, cloning the template again and again, compiling
the name of each file with Jinja as if it were new, asking git for each file whether it heeds modes. So this does for
many projects what the command does apart from its dialogue, and `tests/living/test_command.py` shows that the command
does the same.

The order is JSON: the template's folder, and for each project its answers, the feature that comes and goes, its folder.
After each step the project is copied there; what it should be is rendered beside it.
"""

import json
import shutil
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from multiprocessing import Pool
from pathlib import Path
from typing import Any

from bastion.template import Template, published
from tests.support.commands import git

_SETTINGS = ExitStack()
_TEMPLATE: list[Template] = []


@dataclass(frozen=True)
class Job:
    """A project and what happens to it."""

    folder: str
    answers: dict[str, Any]
    question: str
    feature: str
    begins_with: bool
    """Whether the project has the feature to begin with: then it goes first, and comes back."""


def main() -> None:
    order = json.load(sys.stdin)
    with Pool(2, _open, [Path(order["template"])]) as pool:
        pool.map(_live, [Job(**each) for each in order["jobs"]], chunksize=1)


def _open(data: Path) -> None:
    """Have the template at hand for all jobs of this process, and Copier do nothing twice."""
    _TEMPLATE.append(_SETTINGS.enter_context(published(data)))
    from tests.support import rendering  # noqa: PLC0415 - see there

    rendering.remember_what_was_compiled()
    rendering.settle_the_context_of_each_render()
    rendering.clone_each_version_once()
    rendering.ask_no_git_about_modes()


def _live(job: Job) -> None:
    folder, (template,) = Path(job.folder), _TEMPLATE
    both = {True: _with(job, present=True), False: _with(job, present=False)}
    for present, answers in both.items():
        _render(template, folder / f"rendered-{present}", answers)
    project = folder / "project"
    shutil.copytree(folder / f"rendered-{job.begins_with}", project)
    git(project, "init", "--quiet", "--initial-branch=main")
    for present in (not job.begins_with, job.begins_with):
        git(project, "add", "--all")
        git(project, "commit", "--quiet", "--message=so far")
        _change(template, project, job, present=present)
        shutil.copytree(project, folder / f"changed-{present}", ignore=shutil.ignore_patterns(".git"))


def _with(job: Job, *, present: bool) -> dict[str, Any]:
    others = [each for each in job.answers[job.question] if each != job.feature]
    return {**job.answers, job.question: [*others, job.feature] if present else others}


def _render(template: Template, folder: Path, answers: Mapping[str, Any]) -> None:
    from bastion import rendering  # noqa: PLC0415 - see `open_template`

    rendering.render(template, folder, answers)
    edit(folder)


def _change(template: Template, folder: Path, job: Job, *, present: bool) -> None:
    from bastion.living.making import Change, make  # noqa: PLC0415 - see `open_template`
    from bastion.living.repository import Repository  # noqa: PLC0415
    from bastion.living.wishes import adding, removing  # noqa: PLC0415
    from bastion.project import RenderedProject  # noqa: PLC0415

    repository = Repository.around(folder)
    wish = (adding if present else removing)([job.feature])
    project = RenderedProject.at(folder, trusted=None)
    plan = make(Change(project=project, repository=repository, template=template, wish=wish, asks=False))
    assert plan is not None
    assert not plan.outcome.conflicts, list(plan.outcome.conflicts)
    repository.apply(plan.outcome)


# --- What a user does to a project, in places that no feature touches ------------------------------------------------

_OWN_FILE = "app/greetings/__init__.py"
_APPENDED = {".gitignore": "*.log\n", "app/core/clock.py": "\n# Ours.\n"}
_INSERTED: Sequence[tuple[str, str, str]] = (
    ("app/main.py", "    headers,\n", "    greetings,\n"),
    ("app/main.py", "    docs.SLICE,\n", "    greetings.SLICE,\n"),
    ("README.md", "## Add a protected route\n", "Ours, and nobody else's.\n\n"),
)


def edit(folder: Path) -> None:
    """Write a file of one's own, add to files, and insert lines where features meet."""
    (folder / _OWN_FILE).parent.mkdir()
    _write(folder / _OWN_FILE, '"""Greetings."""\n')
    for path, text in _APPENDED.items():
        _write(folder / path, _read(folder / path) + text)
    for path, before, text in _INSERTED:
        assert before in _read(folder / path), path
        _write(folder / path, _read(folder / path).replace(before, text + before))


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
