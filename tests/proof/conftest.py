"""Fixtures of the tests of the proof."""

from pathlib import Path

import pytest

from bastion.proof.rows.places import ENVIRONMENTS
from tests.proof.proving import Prover
from tests.proof.small_template import write


@pytest.fixture
def prover(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Prover:
    """The command with the small template; environments are shared by all workers, outcomes by nobody."""
    base = tmp_path_factory.getbasetemp()
    shared = (base if worker_id == "master" else base.parent) / "environments-of-the-small-template"
    shared.mkdir(exist_ok=True)
    cache = tmp_path / "cache"
    cache.mkdir()
    (cache / ENVIRONMENTS).symlink_to(shared)
    return Prover(write(tmp_path / "template-of-nobody"), cache)
