"""The libraries that the defences were proven with may be newer, and nothing else."""

import pytest

from tests.checking.checked import Checked
from tests.checking.conftest import CheckedOf

MANIFEST = "pyproject.toml"
PYJWT = '"pyjwt[crypto]>=2.15.1"'
UV = "\n[tool.uv]\npackage = false\n"

WEAKENED = {
    "an older version": (PYJWT, '"pyjwt[crypto]==1.7.1"', "pyjwt may be older than 2.15.1"),
    "a lower bound": (PYJWT, '"pyjwt[crypto]>=2.15.0"', "pyjwt may be older than 2.15.1"),
    "no bound": (PYJWT, '"PyJWT[crypto]"', "pyjwt may be older than 2.15.1"),
    "only an upper bound": (PYJWT, '"pyjwt[crypto]<3"', "pyjwt may be older than 2.15.1"),
    "any version of an older series": (PYJWT, '"pyjwt[crypto]==2.*"', "pyjwt may be older than 2.15.1"),
    "a second entry": (PYJWT, f'{PYJWT}, "pyjwt[crypto]==1.7.1"', "pyjwt may be older than 2.15.1"),
    "no extra": (PYJWT, '"pyjwt>=2.15.1"', "pyjwt lacks its extra crypto"),
    "no dependency": (f"    {PYJWT},\n", "", "pyjwt is no dependency any more"),
    "only elsewhere": (
        PYJWT,
        "\"pyjwt[crypto]>=2.15.1; python_version < '3'\"",
        "pyjwt is only installed where",
    ),
    "an address": (PYJWT, '"pyjwt[crypto] @ https://example.org/pyjwt.tar.gz"', "pyjwt comes from https://example.org"),
    "a source": (UV, f'\n[tool.uv.sources]\nPyJWT = {{ path = "x" }}\n{UV}', "comes from a source of its own"),
    "an override": (
        UV,
        UV + 'override-dependencies = ["pyjwt[crypto]==1.7.1"]\n',
        "pyjwt may be older than 2.15.1",
    ),
}


@pytest.fixture
def project(checked_of: CheckedOf) -> Checked:
    return checked_of({})


@pytest.mark.parametrize(("old", "new", "told"), WEAKENED.values(), ids=WEAKENED)
def test_a_weaker_dependency(project: Checked, old: str, new: str, told: str) -> None:
    project.edit(MANIFEST, old, new)

    (finding,) = project.report()["findings"]

    assert (finding["rule"], finding["path"]) == ("weaker-dependency", MANIFEST)
    assert told in finding["what"]


@pytest.mark.parametrize(
    "content", ["[", "[project]\ndependencies = ['==']\n", "project = 3\n", "[project]\ndependencies = 3\n", "a = \0"]
)
def test_a_manifest_that_declares_nothing(project: Checked, content: str) -> None:
    project.write(MANIFEST, content)

    assert {each["path"] for each in project.report()["findings"]} == {MANIFEST}
