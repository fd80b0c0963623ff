"""What the project's manifest declares, and in which combinations."""

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from bastion.proof.static.layout import MANIFEST
from bastion.proof.static.renderings import Document, Rendering
from bastion.proof.static.sets import Set

_LISTED = re.compile(r"""^\s*["']([^"']+)["']""")
_SECTION = re.compile(r"^\[([^\[\]]+)\]\s*$|^([\w-]+)\s*=\s*\[")


@dataclass
class Declared:
    """What is declared, and in which combinations."""

    runtime: dict[str, Set] = field(default_factory=lambda: defaultdict(int))
    development: dict[str, Set] = field(default_factory=lambda: defaultdict(int))
    extras: dict[tuple[str, str], Set] = field(default_factory=lambda: defaultdict(int))
    twice: dict[str, Set] = field(default_factory=lambda: defaultdict(int))
    """By distribution, where one list names it twice for the same machines."""

    unreadable: dict[str, Set] = field(default_factory=lambda: defaultdict(int))
    """What is declared and is no requirement."""

    def anywhere(self, name: str) -> Set:
        """Give the combinations that declare a distribution, for whatever."""
        return self.runtime.get(name, 0) | self.development.get(name, 0)


def declared_in(documents: Iterable[Document]) -> Declared:
    """Read every rendering of the project's manifest."""
    declared = Declared()
    for document in documents:
        if document.path == MANIFEST:
            for rendering in document.renderings:
                _declare(rendering, declared)
    return declared


def _declare(rendering: Rendering, declared: Declared) -> None:
    try:
        content = tomllib.loads(rendering.text or "")
    except tomllib.TOMLDecodeError:
        return  # a finding of its own
    project = content.get("project", {})
    groups = {"dependencies": project.get("dependencies", []), **project.get("optional-dependencies", {})}
    lines = dict(_listed(rendering.text or ""))
    for group, requirements in [*groups.items(), *content.get("dependency-groups", {}).items()]:
        known = declared.runtime if group in groups else declared.development
        listed: dict[tuple[str, str], Set] = {}
        # What is no text is a group that includes another one.
        for text in (each for each in requirements if isinstance(each, str)):
            where = rendering.standing(lines.get((group, text), ()))
            try:
                requirement = Requirement(text)
            except InvalidRequirement:
                declared.unreadable[text] |= where
                continue
            name = canonicalize_name(requirement.name)
            known[name] |= where
            for extra in requirement.extras:
                declared.extras[name, extra] |= where
            declared.twice[name] |= where & listed.get((name, str(requirement.marker)), 0)
            listed[name, str(requirement.marker)] = where


def _listed(text: str) -> Iterator[tuple[tuple[str, str], tuple[int, ...]]]:
    """Yield every text that is listed on a line of its own, with the list and the line."""
    name = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if begun := _SECTION.match(line):
            name = begun[2] or ""
        elif listed := _LISTED.match(line):
            yield (name, listed[1]), (number,)
