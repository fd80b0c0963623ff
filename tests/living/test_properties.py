"""Adding a feature gives what rendering with it would have given, and removing is its inverse."""

import json
import random
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.checkout import ROOT, copy_of_the_template, features
from tests.support.combinations import all_combinations, name_of
from tests.support.commands import environment, run
from tests.support.trees import files_of_the_template, files_of_the_user

STARTING_POINTS, SEED = 30, 20251125
FEATURES = features()

Job = dict[str, Any]


def jobs(folder: Path) -> dict[str, Job]:
    """Draw starting points, each feature in turn, half of them with the feature and half without."""
    draw, features = random.Random(SEED), list(FEATURES)  # noqa: S311 - a sample, not a secret
    drawn = draw.sample(all_combinations(), STARTING_POINTS)
    return {
        f"{feature}-{name_of(answers)}": {
            "folder": str(folder / str(number)),
            "answers": answers,
            "question": FEATURES[feature],
            "feature": feature,
            "begins_with": (number // len(features)) % 2 == 1,
        }
        for number, answers in enumerate(drawn)
        for feature in [features[number % len(features)]]
    }


def lived(folder: Path) -> dict[str, Job]:
    """Have all of it happen, in a process for all."""
    (folder / "template").mkdir()
    copy_of_the_template(folder / "template")
    all_jobs = jobs(folder)
    order = json.dumps({"template": str(folder / "template"), "jobs": list(all_jobs.values())})
    finished = run(
        sys.executable,
        "-m",
        "tests.support.changing",
        cwd=ROOT,
        env=environment({"PYTHONPATH": str(ROOT)}),
        stdin=order,
        seconds=3600,
    )
    assert finished.returncode == 0, finished.stderr[-8000:]
    return all_jobs


@pytest.mark.long
def test_features_come_and_go_as_if_the_project_had_been_rendered_so_and_edits_stay(tmp_path: Path) -> None:
    """One test, because the worker that has them all is the only one that has to make them."""
    all_jobs = lived(tmp_path)

    assert {job["feature"] for job in all_jobs.values()} == set(FEATURES)
    for name, job in all_jobs.items():
        folder = Path(job["folder"])
        for present in (True, False):
            became, should_be = folder / f"changed-{present}", folder / f"rendered-{present}"
            assert files_of_the_template(became) == files_of_the_template(should_be), (name, present)
            was = folder / f"rendered-{job['begins_with']}"
            assert files_of_the_user(became) == files_of_the_user(was), (name, present)
