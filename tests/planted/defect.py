"""What a planted defect is: a change that a tired person could make, in one place of a render."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

SMALLEST: Mapping[str, Any] = {
    "database": "sqlite",
    "auth": "bearer",
    "jwt_algorithm": "HS256",
    "rate_limit": "gateway",
    "features": [],
    "ci": "none",
}
"""The answers that a defect is planted under unless it names others: with as little else as possible."""


@dataclass(frozen=True, kw_only=True)
class Defect:
    """One defence broken in one place of the render."""

    name: str
    """What is wrong now, as a sentence."""

    file: str
    """The rendered file, like `app/notes/service.py`."""

    old: str
    """The text to replace; it occurs exactly once."""

    new: str
    """What stands there instead; it must still be Python that can be imported."""

    red: str
    """The test file, folder or node id of which at least one test must fail."""

    answers: Mapping[str, Any] = field(default_factory=dict)
    """The answers of the render, where they are not the smallest; None takes a question away."""

    @property
    def combination(self) -> dict[str, Any]:
        """All answers of the render."""
        answers = {**SMALLEST, **self.answers}
        return {name: answer for name, answer in answers.items() if answer is not None}
