"""The template as it lies on disk: its files, and what Copier would call them."""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from types import SimpleNamespace
from typing import Any

import yaml
from jinja2 import Environment
from pathspec import PathSpec
from pathspec.pattern import Pattern

from bastion.problems import Problem
from bastion.proof.static.segments import Segment, segments_of
from bastion.proof.static.sets import Combinations

ANSWERS, SETTINGS = "_copier_answers", "_copier_conf"
QUESTIONNAIRE = "copier.yml"
MANIFEST = "pyproject.toml"
_COPIERS_OWN_EXCLUSIONS = ("copier.yaml", "copier.yml", "~*", "*.py[co]", "__pycache__", ".git", ".DS_Store", ".svn")
_LINE_BREAK = re.compile(r"\r\n|\r|\n")


Patterns = PathSpec[Pattern]


@dataclass(frozen=True)
class Source:
    """One file of the template."""

    name: str
    """Its path below the root of the repository."""

    path: str
    """Its path as Copier is told it: it may hold expressions, and has no suffix any more."""

    content: bytes
    is_template: bool


class Layout:
    """A template's files and settings."""

    def __init__(self, root: Path, environment: Environment) -> None:
        """Read `copier.yml`.

        Args:
            root: The folder with `copier.yml`.
            environment: Jinja, set up as Copier does.
        """
        self.root, self.environment = root, environment
        self.settings: Mapping[str, Any] = yaml.safe_load((root / QUESTIONNAIRE).read_text(encoding="utf-8"))
        self.suffix: str = self.settings.get("_templates_suffix", ".jinja")
        self.answers_file: str = self.settings.get("_answers_file", ".copier-answers.yml")
        self.folder = root / self.settings.get("_subdirectory", "")
        self._segments: dict[str, list[Segment]] = {}
        self.exclusions: tuple[str, ...] = tuple(self.settings.get("_exclude", _COPIERS_OWN_EXCLUSIONS))

    @cached_property
    def remembered(self) -> tuple[str, ...]:
        """Name the questions whose answers Copier writes down."""
        return tuple(name for name, details in self.settings.items() if _is_remembered(name, details))

    @cached_property
    def sources(self) -> list[Source]:
        """List the files, without caches and the like."""
        return [self._source(path) for path in self._files if not self._is_overruled(path)]

    @cached_property
    def overruled(self) -> list[str]:
        """Name the files that Copier passes over."""
        return [path.relative_to(self.root).as_posix() for path in self._files if self._is_overruled(path)]

    @cached_property
    def _files(self) -> list[Path]:
        return sorted(self._found())

    def _found(self) -> Iterator[Path]:
        for folder, folders, files in os.walk(self.folder):
            here = Path(folder)
            folders[:] = [name for name in folders if self._is_kept(here / name)]
            yield from (here / name for name in files if self._is_kept(here / name))

    def _is_kept(self, path: Path) -> bool:
        return not self._never.match_file(path.relative_to(self.folder).as_posix())

    def _is_overruled(self, path: Path) -> bool:
        """Say whether a template of the same name stands beside it, which Copier takes instead."""
        return bool(self.suffix) and path.with_name(path.name + self.suffix).exists()

    @cached_property
    def _never(self) -> Patterns:
        # A mere name is that of a cache or the like. A path takes a file of the template away, which has to be said.
        return patterns("\n".join(text for text in self.exclusions if "{" not in text and "/" not in text.rstrip("/")))

    def _source(self, path: Path) -> Source:
        if not path.exists():
            raise Problem(f"{path.relative_to(self.root)} is a link to nothing", "mend it, or remove it")
        is_template = bool(self.suffix) and path.name.endswith(self.suffix)
        relative = path.relative_to(self.folder).as_posix()
        return Source(
            name=path.relative_to(self.root).as_posix(),
            path=relative.removesuffix(self.suffix) if is_template else relative,
            content=path.read_bytes(),
            is_template=is_template,
        )

    def segments(self, source: Source) -> list[Segment]:
        """Split a file that is a template."""
        if source.name not in self._segments:
            self._segments[source.name] = segments_of(source.content.decode("utf-8"), self.environment)
        return self._segments[source.name]

    def expressions(self) -> Iterator[tuple[str, str]]:
        """Yield every text that Jinja reads, with the file it stands in."""
        yield from ((QUESTIONNAIRE, text) for text in _texts(self.settings))
        for source in self.sources:
            yield source.name, source.path
            if source.is_template:
                yield source.name, source.content.decode("utf-8")

    def variables(self, combinations: Combinations, number: int) -> dict[str, Any]:
        """Give everything that Copier lets a template know in a combination."""
        known, asked, axes = combinations.variables(number), combinations[number], combinations.space.axes
        remembered = {name: known[name] for name in self.remembered if name in asked or name not in axes}
        return known | {
            ANSWERS: {"_src_path": str(self.root), **remembered},
            SETTINGS: SimpleNamespace(answers_file=self.answers_file),
        }

    def names(self, used: Iterable[str], combinations: Combinations) -> list[str]:
        """Say on which questions and capabilities something depends that uses these names."""
        names = [each for name in used for each in (self.remembered if name == ANSWERS else [name])]
        return [name for name in dict.fromkeys(names) if combinations.knows(name)]


def patterns(lines: str) -> Patterns:
    """Read patterns as Copier does."""
    return PathSpec.from_lines("gitignore", _LINE_BREAK.split(lines))


def parents_of(path: str) -> list[str]:
    """List the folders that a path lies in, without the outermost."""
    return [parent.as_posix() for parent in PurePosixPath(path).parents][:-1]


def _is_remembered(name: str, details: Any) -> bool:  # noqa: ANN401 - whatever YAML can hold
    return not name.startswith("_") and not (
        isinstance(details, dict) and (details.get("when") is False or details.get("secret"))
    )


def _texts(content: Any) -> Iterator[str]:  # noqa: ANN401 - whatever YAML can hold
    match content:
        case str():
            yield content
        case dict():
            for each in content.values():
                yield from _texts(each)
        case list():
            for each in content:
                yield from _texts(each)
