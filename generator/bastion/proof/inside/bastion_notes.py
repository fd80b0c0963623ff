"""A plugin for the render's pytest: writes down what ran, what did not and why, and which tests asserted anything.

`-p bastion_notes` brings it. Under xdist each process writes down what it sees itself.
"""

import json
import os
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import Any

import pytest

_raises, _warns = pytest.raises, pytest.warns


class Notes:
    """What one process saw."""

    def __init__(self, *, hears_of_all: bool) -> None:
        """Say whether this process hears of every test: with xdist only the first one does."""
        self._hears_of_all = hears_of_all
        self._asserted: Counter[str] = Counter()
        self._tests: dict[str, dict[str, Any]] = defaultdict(lambda: {"outcome": "passed", "seconds": 0.0, "why": ""})
        self._skipped_files: dict[str, str] = {}
        self._deselected: list[str] = []

    def pytest_assertion_pass(self) -> None:
        """Count an assertion that held."""
        self._count()

    def counting(self, does: Callable[..., object]) -> Callable[..., object]:
        """Count a function of pytest that asserts, too, and do what it does."""

        @wraps(does)
        def counted(*arguments: object, **options: object) -> object:
            self._count()
            return does(*arguments, **options)

        return counted

    def _count(self) -> None:
        """Count for the test that runs; what its fixtures assert, it would have had without asserting anything."""
        test, _, part = os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" ")
        if part == "(call)":
            self._asserted[test] += 1

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Remember a file that skipped itself as a whole."""
        if report.outcome == "skipped":
            self._skipped_files[_file_of(report.nodeid)] = _reason(report.longrepr)

    def pytest_deselected(self, items: Sequence[pytest.Item]) -> None:
        """Remember the tests that an option leaves out."""
        self._deselected += [item.nodeid for item in items]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Remember how a test ended: of its three parts, the worst."""
        if not self._hears_of_all:
            return
        test = self._tests[report.nodeid]
        test["seconds"] += report.duration
        if hasattr(report, "wasxfail"):
            test["outcome"] = "expected to fail"
        elif report.outcome == "skipped" and test["outcome"] == "passed":
            test |= {"outcome": "skipped", "why": _reason(report.longrepr)}
        elif report.outcome == "failed":
            test["outcome"] = "failed"

    def write(self, folder: Path) -> None:
        """Write everything down."""
        notes = {
            "asserted": self._asserted,
            "deselected": self._deselected,
            "skipped_files": self._skipped_files,
            "tests": self._tests,
        }
        (folder / f"{os.getpid()}.json").write_text(json.dumps(notes), encoding="utf-8")


def _file_of(nodeid: str) -> str:
    return nodeid.partition("::")[0]


def _reason(longrepr: object) -> str:
    text = longrepr[2] if isinstance(longrepr, tuple) else str(longrepr)
    return text.removeprefix("Skipped: ").removeprefix("Skipped")


_PLACE: pytest.StashKey[Notes] = pytest.StashKey()


def pytest_configure(config: pytest.Config) -> None:
    """Begin to take notes."""
    is_worker = hasattr(config, "workerinput")
    notes = config.stash[_PLACE] = Notes(hears_of_all=not is_worker)
    config.pluginmanager.register(notes, "bastion-notes")
    pytest.raises, pytest.warns = notes.counting(_raises), notes.counting(_warns)  # type: ignore[assignment]


def pytest_unconfigure(config: pytest.Config) -> None:
    """Write the notes down."""
    pytest.raises, pytest.warns = _raises, _warns
    if _PLACE in config.stash:
        config.stash[_PLACE].write(Path(os.environ["BASTION_NOTES"]))
