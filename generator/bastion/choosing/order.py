"""What the user asked for, flag by flag."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Order:
    """The flags of `bastion new`."""

    dest: str
    preset: str | None = None
    data: Sequence[str] = ()
    data_file: Path | None = None
    template: str | None = None
    ref: str | None = None
    defaults: bool = False
    git: bool = True
    install: bool = True
    dry_run: bool = False
    as_json: bool = False

    @property
    def may_ask(self) -> bool:
        """Whether there is somebody to ask, who wants to be asked."""
        return not (self.defaults or self.as_json) and sys.stdin.isatty() and sys.stdout.isatty()
