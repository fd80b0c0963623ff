"""`python -m bastion.proof.static.copies FILE`: renders what the file orders, by Copier's public API alone.

A line on standard output for each render that is done.
"""

import json
import sys
from pathlib import Path

from bastion.compiling import compiled_once


def main(file: str) -> None:
    """Render each order."""
    from copier import run_copy  # noqa: PLC0415 - a parent that imports this module renders nothing itself

    orders = json.loads(Path(file).read_text(encoding="utf-8"))
    with compiled_once():
        for folder, answers in orders["renders"].items():
            run_copy(orders["template"], folder, answers, defaults=True, quiet=True)
            sys.stdout.write("\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
