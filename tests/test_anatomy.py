"""What is read in a project's files is what the running project says of itself."""

import json
import warnings
from pathlib import Path

import pytest

from bastion.anatomy import PROJECT, dependencies_of, files_of, routes_of, settings_of
from tests.conftest import ProjectOf, Render
from tests.support.combinations import Combination, largest, name_of, smallest
from tests.support.trees import files

# What the application itself answers, in its own environment.
OF_ITSELF = """
import json, sys
from app.core.settings import SliceSettings
from app.main import create_app

def family(cls):
    return {cls, *(each for child in cls.__subclasses__() for each in family(child))}

def variable(cls, field):
    alias = cls.model_fields[field].validation_alias
    return (alias or cls.model_config.get("env_prefix", "") + field).upper()

app = create_app()
json.dump({
    "paths": {path: list(operations) for path, operations in app.openapi()["paths"].items()},
    "settings": [variable(cls, field) for cls in family(SliceSettings) for field in cls.model_fields],
}, sys.stdout)
"""
AS_MANY_AS_ACTIONS = "RATE_LIMIT_"
"""These settings are made while the application starts: one for each route that can be guessed."""


@pytest.mark.parametrize("combination", [largest(), smallest()], ids=name_of)
def test_routes_and_settings_are_those_of_the_running_application(
    project_of: ProjectOf, combination: Combination
) -> None:
    project = project_of(combination)

    said = json.loads(project.succeed("python", "-c", OF_ITSELF))

    served = {(path, method.upper()) for path, methods in said["paths"].items() for method in methods}
    assert {(each.path, each.method) for each in routes_of(project.folder) if each.documented} == {
        (path, method) for path, method in served if method != "HEAD"
    }
    settings = settings_of(project.folder)
    assert [each for each in settings if not each.startswith(AS_MANY_AS_ACTIONS)] == sorted(
        {each for each in said["settings"] if not each.startswith(AS_MANY_AS_ACTIONS)}
    )


def test_the_page_with_the_documentation_is_a_route_though_it_documents_itself_nowhere(render: Render) -> None:
    assert ("/docs", "GET", False) in {(each.path, each.method, each.documented) for each in routes_of(render({}))}


def test_a_setting_whose_name_is_computed_is_known_from_the_example(render: Render) -> None:
    assert "RATE_LIMIT_LOGIN" in settings_of(render({}))


def test_a_route_and_a_setting_name_the_slice_they_come_with(render: Render) -> None:
    without, with_it = render({"features": []}), render({"features": ["rbac"]})

    added = set(routes_of(with_it)) - set(routes_of(without))

    assert {each.file for each in added} == {"app/rbac/router.py"}
    assert set(settings_of(with_it)) == set(settings_of(without))


def test_dependencies_are_told_by_group(render: Render) -> None:
    declared = dependencies_of(render({"rate_limit": "redis", "ci": "github"}))

    assert list(declared) == [PROJECT, "dev", "ci"]
    assert "redis>=8.1" in declared[PROJECT]
    assert any(each.startswith("pip-audit") for each in declared["ci"])
    assert "ci" not in dependencies_of(render({"ci": "none"}))


def test_files_are_all_but_those_of_git(tmp_path: Path) -> None:
    for path in ("app/main.py", ".git/HEAD", ".github/workflows/checks.yml", "app/.gitignore"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()

    assert files_of(tmp_path) == sorted(files(tmp_path))
    assert ".github/workflows/checks.yml" in files_of(tmp_path)


@pytest.mark.parametrize(
    "content",
    [
        b"def (",
        b"return 1",
        b"\xff\xfe",
        b"\0",
        b"",
        b"x = " + b"-" * 30_000 + b"1",
        b"project = 3",
        b"x = " + b"1" * 5000,
    ],
    ids=lambda content: repr(content[:8]),
)
def test_a_project_of_another_kind_tells_nothing(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "app").mkdir()
    for path in ("app/main.py", "pyproject.toml", ".env.example"):
        (tmp_path / path).write_bytes(content)

    assert (routes_of(tmp_path), settings_of(tmp_path), dependencies_of(tmp_path)) == ([], [], {})


@pytest.mark.parametrize(
    "line",
    ["X = {[]: 1}", "METHODS = 3", "METHODS = frozenset()", f"x = a{'.b' * 900}()", r'x = "\d"'],
    ids=lambda line: line[:20],
)
def test_what_python_compiles_hides_no_route(tmp_path: Path, line: str) -> None:
    """It may fail when it runs, or be warned of: to read it is neither."""
    (tmp_path / "app").mkdir()
    own = f'{line}\nPATH = "/own"\nkernel.describe({{}})\n'
    (tmp_path / "app/own.py").write_text(own, encoding="utf-8")
    (tmp_path / "app/users.py").write_text('router = APIRouter()\n@router.get("/users")\ndef read(): ...\n', "utf-8")

    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        routes = routes_of(tmp_path)

    assert ([each.path for each in routes], told) == (["/users"], [])


@pytest.mark.parametrize(
    ("classes", "settings"),
    [
        ("class BaseSettings(BaseSettings):\n    limit: int\n", []),
        ("class A(B):\n    limit: int\n\nclass B(A, BaseSettings): ...\n", ["LIMIT"]),
    ],
    ids=["by its own name", "by way of another"],
)
def test_a_class_that_seems_to_inherit_from_itself(tmp_path: Path, classes: str, settings: list[str]) -> None:
    """A name that is bound twice can stand for either, and nothing says for which."""
    (tmp_path / "app").mkdir()
    (tmp_path / "app/own.py").write_text(f"from pydantic_settings import BaseSettings\n\n{classes}", encoding="utf-8")

    assert settings_of(tmp_path) == settings
