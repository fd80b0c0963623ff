"""The table of defects. Each one is a change that a tired person could make."""

from dataclasses import dataclass, field

from tests.support.combinations import Combination


@dataclass(frozen=True, kw_only=True)
class Defect:
    """One defence broken in one place of the render."""

    name: str
    """What is broken, as a sentence."""

    file: str
    """The rendered file, like `app/notes/service.py`."""

    old: str
    """The text to replace; it occurs exactly once."""

    new: str
    """What stands there instead; it must still be Python that can be imported."""

    red: str
    """The test file, or node id, of which at least one test must fail."""

    answers: Combination = field(default_factory=dict)
    """The answers of the render, where they are not the defaults."""


DEFECTS: tuple[Defect, ...] = ()
