"""The defences, and the capabilities that only look like one: `_defences` and `_no_defences` of `copier.yml`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

ALWAYS = "always"
"""The name of the defence that no answer takes away."""


@dataclass(frozen=True, kw_only=True)
class Defence:
    """The defence that a capability is.

    Attributes:
        stops: the attack.
        without: what is missing if it is off; None for the defence that is always on.
        files: patterns, as in `_exclude`, of the files that carry it and that nobody should change.
        keeps: patterns of the files that users add to, but in which no line of the template's may be lost.
    """

    stops: str
    without: str | None = None
    files: Sequence[str] = ()
    keeps: Sequence[str] = ()


def read_defences(copier_yml: Mapping[str, Any]) -> Mapping[str, Defence]:
    """Return the defences by capability, in the order of the questionnaire's file.

    Args:
        copier_yml: the whole content of the file.
    """
    return {capability: Defence(**said) for capability, said in copier_yml.get("_defences", {}).items()}


def read_no_defences(copier_yml: Mapping[str, Any]) -> Mapping[str, str]:
    """Return the reason for each capability that is no defence, although it looks like one.

    Args:
        copier_yml: the whole content of the file.
    """
    return dict(copier_yml.get("_no_defences", {}))
