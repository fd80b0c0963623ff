"""What `bastion new` costs over a bare `copier copy` of the same template.

    uv run python benchmarks/rendering.py [--rounds N]

Both are timed as whole processes, in turn, with the same answers and without git or installation.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rendered import ROOT


def timed(command: list[str]) -> float:
    """Run `command`; return its wall time in seconds."""
    started = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
    return time.perf_counter() - started


def main() -> None:
    """Time both in turn and print the median of the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    rounds = parser.parse_args().rounds
    pairs = []
    with tempfile.TemporaryDirectory() as folder:
        template = Path(folder) / "template"
        subprocess.run(["git", "clone", "-q", str(ROOT), str(template)], check=True)
        for number in range(rounds + 1):
            ours, bare = Path(folder) / f"ours{number}", Path(folder) / f"bare{number}"
            bastion = ["bastion", "new", str(ours), "--defaults", "--no-git", "--no-install"]
            copier = [sys.executable, "-m", "copier", "copy", "--defaults", "--quiet", "--vcs-ref", "HEAD"]
            pairs.append((timed(bastion), timed([*copier, str(template), str(bare)])))
    counted = pairs[1:]
    ratio = statistics.median(a / b for a, b in counted)
    ours_median, bare_median = (statistics.median(values) for values in zip(*counted, strict=True))
    print("| `bastion new`, s | `copier copy`, s | ratio |\n| --- | --- | --- |")
    print(f"| {ours_median:.2f} | {bare_median:.2f} | {ratio:.2f} |")


if __name__ == "__main__":
    main()
