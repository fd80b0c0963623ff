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
        """Tell whether a version is affected; a prerelease is older than its release."""
        return self.affected.contains(version, prereleases=True)

    @property
    def as_finding(self) -> Finding:
        """The finding in a project of an affected version."""
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
    """A list of advisories.

    Attributes:
        source: the place where it was read, for people.
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

    Args:
        file: The list.

    Raises:
        Problem: The list cannot be read.
    """
    try:
        return _read(file.read_bytes(), f"in {file}")
    except (OSError, ValueError) as error:
        remedy = f"write it like the {FILE} of the template's repository"
        raise Problem(f"cannot read the advisories in {file} ({error})", remedy) from error


def newest(repository: str, *, with_own: bool, offline: bool) -> Advisories | None:
    """Read the newest list that can be reached.

    Args:
        repository: The address of the template.
        with_own: Whether the list that came with this command is of this template.
        offline: Whether to read no other list.

    Returns:
        The list, or None if there is none.
    """
    published = None if offline else _published(repository)
    source = "that came with this command" + ("" if published or offline else ", since no newer one could be read")
    own = _read((own_data() / FILE).read_bytes(), source) if with_own else None
    known = [each for each in (published, own) if each]
    return max(known, key=lambda each: each.updated, default=None)


def _published(repository: str) -> Advisories | None:
    """Read the list in the repository's newest commit; return None if that fails.

    Raises:
        Problem: No temporary folder can be made.
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
            # With pipes the time limit would not end the wait for processes that git has started.
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
    # More fields are allowed: the commands of today read the lists of tomorrow.
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
    """Parse a range in which `<1.2.3` includes the prereleases of 1.2.3, because they lack its fix.

    PEP 440 excludes them: a dependency on something older than 1.2.3 does not ask for its prereleases.
    """
    each_part = (
        f"<={each.version},!={each.version}" if each.operator == "<" else str(each) for each in SpecifierSet(affected)
    )
    return SpecifierSet(",".join(each_part))
