"""What commands said that change nothing, once for all workers of this run."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from tests.support.commands import BASTION, succeed


@dataclass(frozen=True)
class Said:
    """Outputs of commands, by their words, in a folder that all workers share."""

    folder: Path

    def by(self, *words: str, cwd: Path) -> str:
        """Give what the command of some words says, which has to succeed.

        Args:
            words: What stands behind `bastion`.
            cwd: Where it is run, if nobody has run it.
        """
        name = hashlib.sha256(json.dumps(words).encode()).hexdigest()[:16]
        kept = self.folder / name
        with FileLock(f"{kept}.lock"):
            if not kept.exists():
                kept.write_text(succeed(*BASTION, *words, cwd=cwd), encoding="utf-8")
        return kept.read_text(encoding="utf-8")
