"""What defends against what, and what does not: the settings `_defences` and `_no_defences` of `copier.yml`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

ALWAYS = "always"
"""Stands for what no answer takes away."""


@dataclass(frozen=True, kw_only=True)
class Defence:
    """What one capability protects.

    Attributes:
        stops: the attack.
        without: what is missing where it is off; None for what is always on.
        files: patterns, as `_exclude` writes them, of the files that carry it and that nobody should change.
        keeps: patterns of files that users add to, and of which no line of the template's may be lost.
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
    """Return, for capabilities that somebody could take for a defence, why they are none.

    Args:
        copier_yml: the whole content of the file.
    """
    return dict(copier_yml.get("_no_defences", {}))
