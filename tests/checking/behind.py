"""What stands behind `bastion check`, in this process.

Nearly all that a check costs is to import Copier, and to render again what the check before was compared with. No
report tells the difference.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from bastion.checking.check import Order, check
from bastion.checking.telling import as_json
from bastion.template import Template
from tests.support.checkout import questionnaire
from tests.support.renders import SHARED, Renders


def found_without_the_command(project: Path) -> dict[str, Any]:
    """Give the report of `bastion check --offline --no-run --json`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bastion.rendering.render", _rendered_before)
        report = check(Order(folder=project, template=None, advisories=None, offline=True, run=False))
    told: dict[str, Any] = json.loads(as_json(report))
    return told


def _rendered_before(template: Template, project: Path, answers: Mapping[str, Any]) -> Mapping[str, Any]:
    assert template.ref is None, "only this checkout's own template was rendered before"
    project.symlink_to(Renders(Path(os.environ[SHARED])).of(answers))
    return questionnaire()
