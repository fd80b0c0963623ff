"""`proof.yml`, beside `copier.yml`: what cannot be read from the template, each exception with its reason."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import yaml

from bastion.problems import Problem
from bastion.space import strict_yaml

TABLES = "proof.yml"


@dataclass(frozen=True)
class Exemption:
    """Something that is so although nothing in the template says it."""

    what: str
    why: str
    when: tuple[str, ...] = ()
    """The capabilities of which any makes it so; none means that it is always so."""


@dataclass(frozen=True)
class Companion:
    """What brings an import that is not its own."""

    by: str
    """The distribution."""

    why: str


@dataclass(frozen=True)
class Excuse:
    """Lines that may hold a word although its capability is off."""

    words: tuple[str, ...]
    """The capabilities."""

    files: tuple[str, ...]
    """Patterns of paths."""

    lines: str
    """What a line has to match, as a regular expression."""

    reason: str


@dataclass(frozen=True)
class Tables:
    """What `proof.yml` says."""

    development: Sequence[str] = ("tests",)
    """Folders of code that development alone needs."""

    imported_as: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """What a distribution is imported as, where that is not its own name."""

    brought_along: Mapping[str, Companion] = field(default_factory=dict)
    """Imports that another distribution brings: by import, the distribution, with the reason."""

    run_by_name: Mapping[str, str] = field(default_factory=dict)
    """Modules that nothing imports, as patterns of paths, with who runs them."""

    without_import: Sequence[Exemption] = ()
    """Distributions, or extras of one, that are needed and imported nowhere."""

    computed_settings: Sequence[Exemption] = ()
    """Settings that no class spells out, as regular expressions."""

    words: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Regular expressions, by capability: where it is off, none of them matches anything."""

    excused: Sequence[Excuse] = ()
    foreign_text: Mapping[str, str] = field(default_factory=dict)
    """Files that may hold any word, with the reason."""

    def is_for_development(self, path: str) -> bool:
        """Say whether only those who work on the project run a file."""
        return any(path.startswith(f"{folder}/") for folder in self.development)

    @classmethod
    def read(cls, root: Path) -> "Tables":
        """Read the file; without one there are no exceptions, and no words.

        Args:
            root: The folder with `copier.yml`.
        """
        file = root / TABLES
        if not file.exists():
            return cls()
        try:
            return cls(**_converted(strict_yaml.load(file.read_text(encoding="utf-8"))))
        except yaml.YAMLError as error:
            raise Problem(f"{TABLES} is not YAML ({strict_yaml.reason(error)})") from error
        except (TypeError, AttributeError, KeyError) as error:
            raise Problem(f"cannot read {TABLES} ({error})", "write it as the template of this package does") from error

    def capabilities(self) -> Iterator[tuple[str, str]]:
        """Yield every capability that an exception names, with the exception."""
        for each in (*self.without_import, *self.computed_settings):
            yield from ((name, each.what) for name in each.when)
        for excuse in self.excused:
            yield from ((name, excuse.lines) for name in excuse.words)


def _converted(content: dict[str, Any]) -> dict[str, Any]:
    if unknown := content.keys() - {each.name for each in fields(Tables)}:
        raise Problem(
            f"{TABLES} has no table {min(unknown)!r}", f"use {', '.join(each.name for each in fields(Tables))}"
        )
    exceptions = {
        name: [_exemption(*each) for each in content.get(name, {}).items()]
        for name in ("without_import", "computed_settings")
    }
    excused = [
        Excuse(tuple(each["words"]), tuple(each["files"]), each["lines"], each["reason"])
        for each in content.get("excused", ())
    ]
    brought = {module: Companion(each["by"], each["why"]) for module, each in content.get("brought_along", {}).items()}
    return {**content, **exceptions, "excused": excused, "brought_along": brought}


def _exemption(what: str, entry: Mapping[str, Any]) -> Exemption:
    when = entry.get("when", ())
    return Exemption(what, entry["why"], (when,) if isinstance(when, str) else tuple(when))
