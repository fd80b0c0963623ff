"""Making a change in a worktree, and a plan of it; the user's own files are not touched.

Import this module inside `open_template`, as `rendering` has to be.
"""

import os
from collections.abc import Collection, Iterable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from bastion import rendering
from bastion.anatomy import text_of
from bastion.answers import Answers
from bastion.choosing.given import Given, judge
from bastion.defences import Defence, read_defences
from bastion.env_file import settings_in
from bastion.living.absent import find_absent
from bastion.living.edits import find_edits
from bastion.living.leftovers import find_leftovers
from bastion.living.outcome import Outcome, Stages, put_back, record
from bastion.living.plan import Plan
from bastion.living.repository import Repository
from bastion.living.snapshot import Snapshot
from bastion.living.wishes import Wish
from bastion.mistakes import Mistakes, each_of, together
from bastion.problems import Problem
from bastion.project import ANSWERS_FILE, RenderedProject
from bastion.questionnaire import Questionnaire
from bastion.rendering import Rehearsal
from bastion.speaking import progress
from bastion.template import Template
from bastion.temporary import temporary_folder


@dataclass(frozen=True, kw_only=True)
class Change:
    """A change to make to a project.

    Attributes:
        project: the project as it is.
        repository: the repository around the project.
        template: the wanted version of the template, at hand.
        wish: the wanted answers.
        asks: whether somebody can be asked the questions that the project never answered.
    """

    project: RenderedProject
    repository: Repository
    template: Template
    wish: Wish
    asks: bool

    @property
    def template_before(self) -> Template:
        """The version that the project was rendered from."""
        same = self.template.copier_yml or self.template.ref == self.project.ref
        return self.template if same else replace(self.template, ref=self.project.ref)


def make(change: Change) -> Plan | None:
    """Make the change beside the project.

    Args:
        change: The change to make.

    Returns:
        The plan, or None if nothing would change.

    Raises:
        Problem: the change is not possible, and why.
    """
    with progress("Reading the answers"):
        # The wanted version first: if neither can be fetched, the error should name the one that the user asked for.
        wanted = change.project.questionnaire_of(change.template)
        before = _answered_before(change)
        answers, is_complete = _answers_to_change(change, wanted, before.answers)
    if not answers and change.template_before is change.template:
        return None
    asks = change.asks and not is_complete
    # No spinner moves on the screen while somebody answers there.
    with nullcontext() if asks else progress("Working out what changes"):
        return _planned(change, answers, before, asks=asks)


def _planned(change: Change, answers: Answers, before: Rehearsal, *, asks: bool) -> Plan:
    with change.repository.worktree() as tree:
        folder = tree / change.repository.inside
        _refuse_links_that_lead_out(tree)
        was = Snapshot.of(folder)
        outcome = _updated(change, answers, tree, asks=asks)
        becomes = Snapshot.of(folder)
        with temporary_folder("bastion-base-") as base, temporary_folder("bastion-now-") as now:
            was_written = _render_what_was(change, base)
            edits = find_edits(tree, outcome, base)
            render_now = partial(_render_now, change, becomes.answers, now)
            absent = find_absent(tree, outcome, change.repository.inside, was_written, render_now)
        return Plan(
            outcome=_with_both_sides(change, tree, outcome, edits.swallowed),
            before=was,
            after=becomes,
            weakened=_weakened(before, rendering.rehearse(change.template, becomes.answers)),
            edits=edits,
            absent=absent,
            leftovers=find_leftovers(folder, _within(change, outcome.paths("D"))),
            env=settings_in(text_of(change.project.folder / ".env")),
        )


def _refuse_links_that_lead_out(tree: Path) -> None:
    """Refuse a linked folder through which Copier would write elsewhere: a repository may come from somebody else."""
    for place, folders, _ in os.walk(tree):
        for link in (Path(place, name) for name in folders if Path(place, name).is_symlink()):
            if not link.resolve().is_relative_to(tree):
                raise Problem(f"{link.relative_to(tree)} is a link that leads out of the project", "make it a folder")


def _answered_before(change: Change) -> Rehearsal:
    """Return the project's answers, or refuse an answers file that no questionnaire would have written."""
    project = change.project
    questionnaire = project.questionnaire_of(change.template_before)
    try:
        answers = questionnaire.understand(project.answers)
        before = rendering.rehearse(change.template_before, answers)
        questionnaire.refuse_needless(answers, before.not_asked)
    except Problem as problem:
        raise together([_refused(project, each) for each in each_of(problem)]) from problem
    return before


def _refused(project: RenderedProject, problem: Problem) -> Problem:
    return Problem(f"{project.folder / ANSWERS_FILE} cannot be right ({problem})", "restore it from git")


def _answers_to_change(change: Change, questionnaire: Questionnaire, now: Mapping[str, Any]) -> tuple[Answers, bool]:
    """Judge all answers together: Copier's update would drop an old answer that does not fit a new one.

    Returns:
        The answers that change, and whether every question then has an answer.
    """
    mistakes = Mistakes()
    answers = change.wish(questionnaire, now, mistakes)
    kept = {name: each for name, each in change.project.answers.items() if name in questionnaire.names}
    judged = judge(Given(answers, kept), change.template, questionnaire, mistakes, must_be_complete=False)
    mistakes.raise_if_any()
    return answers, set(questionnaire.names) <= {*kept, *answers, *judged.rehearsal.not_asked}


def _updated(change: Change, answers: Answers, tree: Path, *, asks: bool) -> Outcome:
    rendering.update(change.template, tree / change.repository.inside, answers, defaults=not asks)
    return record(tree, change.repository.inside, change.repository.head)


def _render_what_was(change: Change, base: Path) -> Path:
    """Render the project as it was before anybody edited it, and return its folder below `base`."""
    folder = base / change.repository.inside
    rendering.render(change.template_before, folder, change.project.answers)
    return folder


def _render_now(change: Change, answers: Answers, folder: Path, names: Collection[str]) -> Path:
    """Render some files of the project as it would be made now, and return its folder."""
    rendering.render(change.template, folder, answers, only=names)
    return folder


def _within(change: Change, paths: Iterable[str]) -> list[str]:
    """Return the paths in the project, relative to its folder instead of the repository's."""
    inside = change.repository.inside
    return [Path(path).relative_to(inside).as_posix() for path in paths if Path(path).is_relative_to(inside)]


def _with_both_sides(change: Change, tree: Path, outcome: Outcome, swallowed: Mapping[str, Stages]) -> Outcome:
    """Keep the user's version of each file that would lose lines, and leave the choice to the user."""
    if not swallowed:
        return outcome
    put_back(tree, outcome.head, swallowed)
    return record(tree, change.repository.inside, outcome.head, {**outcome.conflicts, **swallowed})


def _weakened(before: Rehearsal, after: Rehearsal) -> dict[str, Defence]:
    """Return the lost defences, without those that are lost only because another one is."""
    defences = read_defences(before.settings) or read_defences(after.settings)
    gone = {
        capability: defence
        for capability, defence in defences.items()
        if defence.without and before.values.get(capability) and not after.values.get(capability)
    }
    questionnaire = Questionnaire(before.questions)
    # If every lost defence depends on another lost one (a cycle), report them all.
    return {each: defence for each, defence in gone.items() if not gone.keys() & questionnaire.sources_of(each)} or gone
