"""Versions of the template that are known to be unsafe: `advisories.yml`."""

import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from bastion.checking.findings import ADVISORY, ANSWERS, Finding, Level
from bastion.git import environment, git
from bastion.problems import Problem
from bastion.project import ANSWERS_FILE
from bastion.reading_yaml import plain_yaml
from bastion.template import address_of, for_git, own_data
from bastion.temporary import temporary_folder

FILE = "advisories.yml"

_PATIENCE_SECONDS = 15
_LEVELS = {
    "critical": Level.ERROR,
    "high": Level.ERROR,
    "moderate": Level.WARNING,
    "low": Level.WARNING,
}
_FIELDS = {"id", "affected", "severity", "summary", "remedy"}


@dataclass(frozen=True)
class Advisory:
    """Something that was unsafe in some versions."""

    id: str
    affected: SpecifierSet
    level: Level
    summary: str
    remedy: str

    def concerns(self, version: Version) -> bool:
        """Tell whether a version is among them; a prerelease is older than its release."""
        return self.affected.contains(version, prereleases=True)

    @property
    def as_finding(self) -> Finding:
        """What a project of such a version is told."""
        return Finding(
            rule=ADVISORY,
            defence=ANSWERS,
            path=ANSWERS_FILE,
            what=f"{self.id}: {self.summary.rstrip('.')}",
            remedy=self.remedy.rstrip("."),
            level=self.level,
        )


@dataclass(frozen=True)
class Advisories:
    """A list of them.

    Attributes:
        source: where it was read, for people.
        updated: the day of its last change.
        all: its entries.
    """

    source: str
    updated: str
    all: list[Advisory]

    def __str__(self) -> str:
        """Say which list it is, and of what date."""
        return f"the list of {self.updated} {self.source}"


def read_file(file: Path) -> Advisories:
    """Read the list that the user has named.

    Raises:
        Problem: It cannot be read.
    """
    try:
        return _read(file.read_bytes(), f"in {file}")
    except (OSError, ValueError) as error:
        remedy = f"write it like the {FILE} of the template's repository"
        raise Problem(f"cannot read the advisories in {file} ({error})", remedy) from error


def newest(repository: str, *, with_own: bool, offline: bool) -> Advisories | None:
    """Read the newest list that can be reached.

    Args:
        repository: Where the template is published.
        with_own: Whether the list that came with this command is of this template.
        offline: Whether to look no further than that.

    Returns:
        The list, or None where there is none.
    """
    published = None if offline else _published(repository)
    source = "that came with this command" + ("" if published or offline else ", since no newer one could be read")
    own = _read((own_data() / FILE).read_bytes(), source) if with_own else None
    known = [each for each in (published, own) if each]
    return max(known, key=lambda each: each.updated, default=None)


def _published(repository: str) -> Advisories | None:
    """Ask the repository's newest commit; whatever goes wrong there, the answer is None.

    Raises:
        Problem: Nothing temporary can be kept on this machine.
    """
    with temporary_folder("bastion-") as room:
        clone = (
            "git",
            "clone",
            "--quiet",
            "--depth=1",
            "--no-checkout",
            "--",
            for_git(address_of(repository)),
            f"{room}/clone",
        )
        with suppress(OSError, ValueError, subprocess.SubprocessError):
            # Without pipes nobody waits for what git has started.
            subprocess.run(
                clone,
                # Not in the project: git looks for a folder first, also for `git@host:place`.
                cwd=room,
                env={**environment(), "GIT_TERMINAL_PROMPT": "0", "GIT_TEMPLATE_DIR": ""},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=_PATIENCE_SECONDS,
                check=True,
            )
            shown = git("show", f"HEAD:{FILE}", cwd=room / "clone")
            shown.check_returncode()
            return _read(shown.stdout, "in the template's repository")
    return None


def _read(content: bytes, source: str) -> Advisories:
    listed = plain_yaml(content)
    if not isinstance(listed, dict) or not isinstance(listed.get("advisories"), list) or "updated" not in listed:
        raise ValueError("it needs `updated` and `advisories`")
    return Advisories(source, str(listed["updated"]), [_advisory(each) for each in listed["advisories"]])


def _advisory(entry: object) -> Advisory:
    fields: dict[str, Any] = entry if isinstance(entry, dict) else {}
    # Others may be there: a list of tomorrow is read by the commands of today.
    if missing := _FIELDS - fields.keys():
        needed, lacking = (", ".join(sorted(names)) for names in (_FIELDS, missing))
        raise ValueError(f"each advisory needs {needed}, and one lacks {lacking}")
    severity = str(fields["severity"])
    if severity not in _LEVELS:
        raise ValueError(f"{fields['id']}: the severity is one of {', '.join(_LEVELS)}")
    try:
        affected = _range(str(fields["affected"]))
    except ValueError as error:
        raise ValueError(f"{fields['id']}: {fields['affected']!r} is no range of versions") from error
    return Advisory(
        id=str(fields["id"]),
        affected=affected,
        level=_LEVELS[severity],
        summary=str(fields["summary"]),
        remedy=str(fields["remedy"]),
    )


def _range(affected: str) -> SpecifierSet:
    """Read a range of versions, in which `<1.2.3` holds the prereleases of 1.2.3: what that mends is open in them.

    For dependencies it is the other way round (PEP 440): whoever wants something older wants none of them.
    """
    each_part = (
        f"<={each.version},!={each.version}" if each.operator == "<" else str(each) for each in SpecifierSet(affected)
    )
    return SpecifierSet(",".join(each_part))
