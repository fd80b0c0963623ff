"""The findings of a check, and the questions that it could not answer."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import PurePosixPath

ANSWERS, SETTINGS = "answers", "settings"
"""Take the place of a defence in a finding that concerns no single defence."""


class Level(StrEnum):
    """How bad it is, in SARIF's words. A note is no reason to stop."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True)
class Rule:
    """A kind of finding.

    Attributes:
        id: its name, which never changes.
        summary: what is the matter, in a few words.
        help: why that is dangerous, and what to do.
    """

    id: str
    summary: str
    help: str


CHANGED = Rule(
    "changed-defence",
    "A file that carries a defence differs from the template's",
    "The tests that prove a defence prove the template's files. Undo the change, or move what is yours into a slice of "
    "your own; if the template is wrong, tell its authors.",
)
MISSING = Rule(
    "missing-defence",
    "A file that carries a defence is not there, or something else is in its place",
    "Restore it from git. To remove the defence, change the answers with `bastion remove` or `bastion set`, which "
    "delete all that belongs to it. If the file was never there, the answers file was edited: restore that.",
)
SHADOWED = Rule(
    "shadowed-defence",
    "A file is there that Python takes instead of another one",
    "Python prefers a package to a module, a compiled module to a source, and the project's folder to installed "
    "libraries. So an added file replaces a defence that looks untouched. Remove or rename it.",
)
LOST = Rule(
    "lost-defence",
    "A file that you add to has lost a part that the template wrote",
    "You may add to this file, but the lines of the template are a defence, and so is their order. Put them back.",
)
WEAKER = Rule(
    "weaker-dependency",
    "A library may be older than the template allows, come from elsewhere, or be missing",
    "The template's lower bounds are the versions its defences were proven with. Restore the bound and the source.",
)
TAMPERED = Rule(
    "tampered-answers",
    "The answers file is not as the questionnaire would write it",
    "Updates and this check trust that file. Restore it from git, and change answers with `bastion set`.",
)
ADVISORY = Rule(
    "known-advisory",
    "The version of the template is known to be unsafe",
    "Do what the advisory says; mostly that is `bastion update`.",
)
SETTING = Rule(
    "unsafe-setting",
    "A setting is not fit for production",
    "The project's own `python -m app.manage check` says so. Change the setting.",
)
_OF_FILES = (CHANGED, MISSING, SHADOWED, LOST)
RULES = (CHANGED, MISSING, SHADOWED, LOST, WEAKER, TAMPERED, ADVISORY, SETTING)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that has to be fixed.

    Attributes:
        rule: its kind.
        defence: the capability that is concerned.
        path: the file, relative to the project.
        line: the line in the file, from 1; None stands for the whole file.
        what: what is the matter, in one sentence without a full stop.
        remedy: what to do, in the imperative.
        level: how bad it is.
        diff: lines of a unified diff from the template's file to this one.
    """

    rule: Rule
    defence: str
    path: str
    what: str
    remedy: str
    line: int | None = None
    level: Level = Level.ERROR
    diff: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class NotChecked:
    """A question that was not answered, which is not the same as a good answer."""

    what: str
    why: str


@dataclass(kw_only=True)
class Report:
    """All that a check found.

    Attributes:
        src: the template's address.
        ref: the template's version.
        place: the project's path in its repository.
        stops: what each defence that is on stops, by capability.
        off: the defences that the answers leave out.
        advisories: which list was read.
        findings: all findings.
        not_checked: the questions that were not answered.
    """

    src: str
    ref: str
    place: PurePosixPath
    stops: dict[str, str] = field(default_factory=dict)
    off: list[str] = field(default_factory=list)
    advisories: str | None = None
    findings: list[Finding] = field(default_factory=list)
    not_checked: list[NotChecked] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """Whether there are no findings but notes."""
        return all(finding.level is Level.NOTE for finding in self.findings)

    @property
    def defences_stand(self) -> bool:
        """Whether the files of the defences were compared, and none is changed, missing, shadowed or incomplete."""
        return bool(self.stops) and not any(finding.rule in _OF_FILES for finding in self.findings)
