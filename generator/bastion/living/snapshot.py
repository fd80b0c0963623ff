"""A project at one moment: the parts of it whose change has consequences."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bastion.anatomy import PROJECT, dependencies_of, routes_of, settings_of, text_of
from bastion.env_file import settings_in
from bastion.project import RenderedProject

_TABLE = re.compile(r'^\s+__tablename__ = "(\w+)"', re.MULTILINE)
_MAKES_SECRETS = re.compile(r'name="secrets"')


@dataclass(frozen=True)
class Snapshot:
    """A project at one moment.

    Attributes:
        ref: the version of the template.
        answers: the answers, by question.
        dependencies: the dependencies that `pyproject.toml` declares.
        settings: the variables it reads.
        routes: the documented routes, like `GET /users`, each with its file.
        written: the settings in `.env.example`, each with a value that suits this machine, or an empty one.
        tables: the names of the tables.
        models: the text of each file that describes a table, by its path.
        makes_secrets: whether it has a command that writes secrets into `.env`.
    """

    ref: str
    answers: Mapping[str, Any]
    dependencies: frozenset[str]
    settings: frozenset[str]
    routes: Mapping[str, str]
    written: Mapping[str, str]
    tables: frozenset[str]
    models: Mapping[str, str]
    makes_secrets: bool

    @classmethod
    def of(cls, folder: Path) -> "Snapshot":
        """Read a project.

        Args:
            folder: the project's folder.

        Raises:
            Problem: its answers file cannot be read, or is of a newer version than this command.
        """
        project = RenderedProject.read(folder)
        project.refuse_if_newer()
        models = dict(_models(folder))
        return cls(
            ref=project.ref,
            answers=project.answers,
            dependencies=frozenset(_dependencies(folder)),
            settings=frozenset(settings_of(folder)),
            routes={f"{each.method} {each.path}": each.file for each in routes_of(folder) if each.documented},
            written=settings_in(text_of(folder / ".env.example")),
            tables=frozenset(table for text in models.values() for table in _TABLE.findall(text)),
            models=models,
            makes_secrets=bool(_MAKES_SECRETS.search(text_of(folder / "app/core/project_commands.py"))),
        )


def _dependencies(folder: Path) -> list[str]:
    groups = dependencies_of(folder).items()
    return [each if group == PROJECT else f"{each} ({group})" for group, names in groups for each in names]


def _models(folder: Path) -> list[tuple[str, str]]:
    texts = ((path.relative_to(folder).as_posix(), text_of(path)) for path in sorted((folder / "app").rglob("*.py")))
    return [(path, text) for path, text in texts if _TABLE.search(text)]
