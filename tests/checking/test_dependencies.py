"""The libraries that the defences were proven with may be newer, and nothing else."""

import pytest

from tests.checking.checked import Checked
from tests.checking.conftest import CheckedOf

MANIFEST = "pyproject.toml"
UV = "[tool.uv]\npackage = false\n"

WEAKENED = {
    "an older version": ('"alembic>=1.18"', '"alembic==1.7.1"', "alembic may be older than 1.18"),
    "a lower bound": ('"cryptography>=46"', '"cryptography>=45.9"', "cryptography may be older than 46"),
    "no bound": ('"fastapi>=0.165"', '"FastAPI"', "fastapi may be older than 0.165"),
    "only an upper bound": ('"httptools>=0.7"', '"httptools<3"', "httptools may be older than 0.7"),
    "any of an older series": ('"limits>=5.8"', '"limits==5.*"', "limits may be older than 5.8"),
    "a second entry": ('"pydantic>=2.14"', '"pydantic>=2.14", "pydantic==2.1"', "pydantic may be older than 2.14"),
    "no extra": ('"pyjwt[crypto]>=2.15.1"', '"pyjwt>=2.15.1"', "pyjwt lacks its extra crypto"),
    "no dependency": ('    "pydantic-settings>=2.12",\n', "", "pydantic-settings is no dependency any more"),
    "only elsewhere": (
        '"starlette>=1.10"',
        "\"starlette>=1.10; python_version < '3'\"",
        "starlette is only installed where",
    ),
    "an address": ('"structlog>=25.5"', '"structlog @ https://example.org/s.zip"', "structlog comes from https://"),
    "a source": (
        UV,
        f'[tool.uv.sources]\nUvicorn = {{ path = "x" }}\n\n{UV}',
        "Uvicorn comes from a source",
    ),
    "an exclusion": (
        UV,
        f'{UV}exclude-dependencies = ["SQLAlchemy"]\n',
        "SQLAlchemy is not installed",
    ),
    "an override": (
        UV,
        f'{UV}override-dependencies = ["libpass[argon2,bcrypt]==1.7"]\n',
        "libpass may be older than 1.9.4",
    ),
}


@pytest.fixture
def project(checked_of: CheckedOf) -> Checked:
    return checked_of({})


def test_each_way_to_a_weaker_library(project: Checked) -> None:
    for old, new, _ in WEAKENED.values():
        project.edit(MANIFEST, old, new)

    findings = project.report()["findings"]

    told = [each["what"] for each in findings]
    assert {(each["rule"], each["path"]) for each in findings} == {("weaker-dependency", MANIFEST)}
    assert [what for _, _, what in WEAKENED.values() if sum(what in each for each in told) != 1] == []
    assert len(told) == len(WEAKENED)


@pytest.mark.parametrize(
    "content", ["[", "[project]\ndependencies = ['==']\n", "project = 3\n", "[project]\ndependencies = 3\n", "a = \0"]
)
def test_a_manifest_that_declares_nothing(project: Checked, content: str) -> None:
    project.write(MANIFEST, content)

    assert {each["path"] for each in project.report()["findings"]} == {MANIFEST}


def test_what_a_parser_quotes_is_cut_short(project: Checked) -> None:
    brackets = "(" * 3_000
    project.write(MANIFEST, f'[project]\ndependencies = ["fastapi; {brackets}"]\n')

    found = project.report()["findings"]

    assert found
    assert [each["what"] for each in found if len(each["what"]) > 500] == []
