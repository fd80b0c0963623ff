"""The render's own tests, and whether they show anything: a suite that is green because it is empty is none."""

import json
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from bastion.proof.rows.outcome import Skipped, Timed

PLUGIN = ("-p", "bastion_notes", "-o", "enable_assertion_pass_hook=true")

_SLOWEST = 10
_DEFAULT_PATTERNS = ("test_*.py", "*_test.py")

# What pytest itself says when a person has said nothing.
_NO_REASON = ("", "unconditional skip")
_NOTHING_TO_TEST = "got empty parameter set"


@dataclass(frozen=True)
class Suite:
    """What the render's pytest did, put together from the notes of its processes."""

    files: frozenset[str]
    """The test files that lie in the render."""

    tests: Mapping[str, Mapping[str, Any]]
    asserted: Mapping[str, int]
    """How many assertions held in each test, those of its fixtures left out."""

    deselected: frozenset[str]
    skipped_files: Mapping[str, str]

    @classmethod
    def read(cls, project: Path, notes: Path) -> "Suite":
        """Read the notes that the plugin wrote into a folder."""
        each = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(notes.glob("*.json"))]
        asserted: Counter[str] = Counter()
        for one in each:
            asserted.update(one["asserted"])
        return cls(
            frozenset(_test_files(project)),
            {name: test for one in each for name, test in one["tests"].items()},
            asserted,
            frozenset(test for one in each for test in one["deselected"]),
            {name: why for one in each for name, why in one["skipped_files"].items()},
        )

    @property
    def passed(self) -> int:
        """How many tests passed."""
        return sum(test["outcome"] == "passed" for test in self.tests.values())

    @property
    def skipped(self) -> list[Skipped]:
        """The tests that did not run."""
        return [
            Skipped(test=name, reason=test["why"]) for name, test in self.tests.items() if test["outcome"] == "skipped"
        ]

    @property
    def slowest(self) -> list[Timed]:
        """The tests that took longest, the slowest first."""
        timed = [Timed(test=name, seconds=round(test["seconds"], 3)) for name, test in self.tests.items()]
        return sorted(timed, key=lambda each: each.seconds, reverse=True)[:_SLOWEST]

    def complaints(self) -> Iterator[str]:
        """Name what failed, which the end of pytest's output need not do, and what is green and shows nothing."""
        yield from (f"{name} fails" for name, test in self.tests.items() if test["outcome"] == "failed")
        for file in sorted(self.files):
            yield from self._about_file(file)
        for name, test in self.tests.items():
            if test["outcome"] == "passed" and not self.asserted.get(name):
                yield f"{name} passes and asserts nothing"
            elif test["outcome"] == "expected to fail":
                yield f"{name} is expected to fail, and so shows nothing"
        for skipped in self.skipped:
            if skipped.reason.startswith(_NOTHING_TO_TEST):
                yield f"{skipped.test} has nothing to test: its list of parameters is empty"
            elif skipped.reason.strip() in _NO_REASON:
                yield f"{skipped.test} is skipped and says no reason"
        for name in sorted(self.deselected):
            yield f"{name} is deselected: an option in pyproject.toml leaves it out"

    def _about_file(self, file: str) -> Iterator[str]:
        outcomes = {test["outcome"] for name, test in self.tests.items() if name.partition("::")[0] == file}
        if file in self.skipped_files:
            yield f"{file} skips itself as a whole: {self.skipped_files[file] or 'it says no reason'}"
        elif not outcomes:
            yield f"{file} holds no test"
        elif outcomes == {"skipped"}:
            yield f"{file} holds only tests that are skipped"


def _test_files(project: Path) -> Iterator[str]:
    configured = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))
    options = configured.get("tool", {}).get("pytest", {}).get("ini_options", {})
    patterns = options.get("python_files", _DEFAULT_PATTERNS)
    for folder in options.get("testpaths", ["."]):
        for path in sorted((project / folder).rglob("*.py")):
            if any(fnmatchcase(path.name, pattern) for pattern in patterns):
                yield path.relative_to(project).as_posix()
