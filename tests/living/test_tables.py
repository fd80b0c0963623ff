"""The first migration of a project makes the tables of its models and no other.

A project's own tests let a table be without a model: it may be of a feature that was removed. A fresh project has none.
"""

import re

import pytest

from tests.conftest import Render
from tests.support.combinations import Combination, name_of, pairwise

MADE = re.compile(r'op\.create_table\(\s*"(\w+)"')
DESCRIBED = re.compile(r'^\s+__tablename__ = "(\w+)"', re.MULTILINE)


@pytest.mark.parametrize("combination", pairwise(), ids=name_of)
def test_a_fresh_project_has_a_model_for_each_table(render: Render, combination: Combination) -> None:
    project = render(combination)
    (initial,) = (project / "migrations/versions").glob("*.py")
    models = [path.read_text(encoding="utf-8") for path in (project / "app").rglob("*.py")]

    made = MADE.findall(initial.read_text(encoding="utf-8"))

    assert made
    assert sorted(made) == sorted(table for text in models for table in DESCRIBED.findall(text))
