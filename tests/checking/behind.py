"""What stands behind `bastion check`, in this process.

Nearly all that a check costs is to import Copier, and to render again what the check before was compared with. No
report tells the difference.
"""

import json
import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from bastion.checking.check import Order, check
from bastion.checking.telling import as_json
from bastion.template import Template
from tests.support.checkout import questionnaire
from tests.support.renders import SHARED, Renders

SECONDS = 120
"""No project may take longer, however hostile it is."""


def found_without_the_command(project: Path) -> dict[str, Any]:
    """Give the report of `bastion check --offline --no-run --json`."""
    with pytest.MonkeyPatch.context() as patch, an_end_in_any_case():
        patch.setattr("bastion.rendering.render", _rendered_before)
        report = check(Order(folder=project, template=None, advisories=None, offline=True, run=False))
    told: dict[str, Any] = json.loads(as_json(report))
    return told


@contextmanager
def an_end_in_any_case() -> Iterator[None]:
    """Let a test fail by its name that would wait for ever: there is no command here that one could end."""
    if not hasattr(signal, "SIGALRM"):
        yield
        return
    before = signal.signal(signal.SIGALRM, _fail)
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def _fail(*_signal: object) -> None:
    pytest.fail(f"the check has not come to an end after {SECONDS} seconds")


def _rendered_before(template: Template, project: Path, answers: Mapping[str, Any]) -> Mapping[str, Any]:
    assert template.ref is None, "only this checkout's own template was rendered before"
    project.symlink_to(Renders(Path(os.environ[SHARED])).of(answers))
    return questionnaire()
