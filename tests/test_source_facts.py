"""What is read in a Python file."""

from textwrap import dedent

import pytest

from bastion.source_facts import SourceFacts, facts_of, module_of

PATH = "app/notes/service.py"


def facts(text: str, path: str = PATH) -> SourceFacts:
    return facts_of(dedent(text), path)


def imported(text: str, path: str = PATH) -> list[tuple[str, str | None]]:
    return [(each.module, each.name) for each in facts(text, path).imports]


@pytest.mark.parametrize(
    ("path", "module"),
    [("app/__init__.py", "app"), ("app/notes/__init__.py", "app.notes"), (PATH, "app.notes.service"), ("x.py", "x")],
)
def test_a_file_has_the_name_it_is_imported_by(path: str, module: str) -> None:
    assert module_of(path) == module


def test_imports_are_seen_wherever_they_stand() -> None:
    text = """\
        import json
        from app.core import clock as time, keys


        class Notes:
            def read(self) -> None:
                try:
                    import limits.aio
                except ImportError:
                    from app import spare
                match self:
                    case _:
                        import redis
        """

    assert imported(text) == [
        ("json", None),
        ("app.core", "clock"),
        ("app.core", "keys"),
        ("limits.aio", None),
        ("app", "spare"),
        ("redis", None),
    ]


@pytest.mark.parametrize(
    ("path", "text", "module"),
    [
        (PATH, "from . import models", ("app.notes", "models")),
        (PATH, "from .models import Note", ("app.notes.models", "Note")),
        (PATH, "from ..core import clock", ("app.core", "clock")),
        ("app/notes/__init__.py", "from .models import Note", ("app.notes.models", "Note")),
    ],
)
def test_a_relative_import_is_resolved(path: str, text: str, module: tuple[str, str]) -> None:
    assert imported(text, path) == [module]


def test_an_import_for_types_alone_is_known_as_such() -> None:
    text = "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    from app import main\n"

    assert [(each.module, each.only_for_types) for each in facts(text).imports] == [("typing", False), ("app", True)]


def test_an_import_stands_on_the_line_of_the_statement_and_of_the_name() -> None:
    (each,) = facts("\nfrom app import (\n    accounts,\n)\n").imports

    assert each.lines == (2, 3)


def test_what_others_can_import_is_what_the_module_binds() -> None:
    text = """\
        import app.core
        from x import y as z
        A, (B, *C) = 1, (2, 3)
        D: int = 4
        for E in ():
            F = E
        with open("x") as G:
            pass
        try:
            H = 1
        except OSError as error:
            I = error
        else:
            J = 1
        match A:
            case 1:
                K = 1


        def function() -> None:
            global L
            hidden = 1


        class Class:
            hidden = 1
        """

    assert {name for name, _ in facts(text).bound} == {*"ABCDEFGHIJKLz", "app", "function", "Class"}
    assert not facts(text).binds_anything


@pytest.mark.parametrize("text", ["from x import *\n", "def __getattr__(name):\n    return 1\n"])
def test_a_module_that_can_bind_anything_is_known_as_such(text: str) -> None:
    assert facts(text).binds_anything


def test_what_is_used_of_an_import_is_seen_unless_its_name_means_something_else_too() -> None:
    text = """\
        from app import headers, settings
        import app.core.keys as k

        SLICES = (headers.SLICE, k.Roots)


        def create(settings: object) -> object:
            return settings.core
        """

    assert {(each.module, each.name) for each in facts(text).uses} == {
        ("app.headers", "SLICE"),
        ("app.core.keys", "Roots"),
    }


def test_a_settings_class_has_a_prefix_fields_and_aliases() -> None:
    text = """\
        from pydantic import Field
        from app.core.settings import SliceSettings


        class NotesSettings(SliceSettings):
            model_config = SettingsConfigDict(env_prefix="NOTES_")

            most: int = 5
            race: int = Field(default=0, validation_alias="RACE")
        """

    (each,) = facts(text).classes

    assert (each.name, each.bases, each.prefix) == ("NotesSettings", ("app.core.settings.SliceSettings",), "NOTES_")
    assert [(name, alias) for name, alias, _ in each.fields] == [("most", None), ("race", "RACE")]


@pytest.mark.parametrize("text", ["def", "return 1", "x = 1\n  y = 2"])
def test_what_is_no_python_is_no_facts(text: str) -> None:
    with pytest.raises(SyntaxError):
        facts_of(text, PATH)
