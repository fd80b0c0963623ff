"""The user's order, flag by flag."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bastion.speaking import somebody_answers


@dataclass(frozen=True, kw_only=True)
class Order:
    """The flags of `bastion new`."""

    dest: str
    presets: Sequence[str]
    """All presets that were named; more than one is a mistake."""

    data: Sequence[str]
    data_file: Path | None
    template: str | None
    ref: str | None
    defaults: bool
    git: bool
    install: bool
    dry_run: bool
    as_json: bool

    @property
    def may_ask(self) -> bool:
        """Whether somebody can be asked, and no flag forbids it."""
        return not (self.defaults or self.as_json) and somebody_answers()
