"""A project that was rendered before: its template and its answers."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bastion.problems import Problem
from bastion.questionnaire import Questionnaire
from bastion.reading_yaml import plain_yaml
from bastion.regular import IrregularFileError, read_regular
from bastion.template import PLACE, WAYS, Template, address_of, open_template, refuse_impostor, to_look_at
from bastion.versions import is_tag, own_tag, release_of

ANSWERS_FILE = ".copier-answers.yml"

# Without a prefix it would be a local folder, perhaps one that came with the project. `gh:` is Copier's shorthand for
# the first prefix.
_PUBLIC = re.compile(rf"({'|'.join(map(re.escape, (*WAYS, 'gh:')))}){re.escape(PLACE)}(\.git)?/?")
_LARGEST, _DEEPEST = 64 * 1024, 8
_LONGEST_REF = 255
"""git keeps a ref in a file, and no file's name is longer. Python refuses a number with thousands of digits."""


@dataclass(frozen=True)
class RenderedProject:
    """A folder with an answers file of this template.

    Attributes:
        folder: the project's folder.
        src: the template's address, as Copier stored it.
        ref: the template's version, a tag such as `v1.2.3` or the output of `git describe` for a commit.
        answers: the answers by question, with anything else that the file holds.
    """

    folder: Path
    src: str
    ref: str
    answers: Mapping[str, Any]

    @classmethod
    def at(cls, folder: Path, trusted: str | None) -> "RenderedProject":
        """Read the answers file of a folder, and refuse a template that should not be fetched.

        Args:
            folder: the project's top folder.
            trusted: the template that the user has named, by folder or address. Without it only releases of the public
                template are taken: otherwise a file that somebody sent would choose the code to fetch.

        Raises:
            Problem: the file cannot be read, or names another template, a version that is no release (without
                `trusted`), or one that is newer than this command; or a folder has the template's address as its name.
        """
        project = cls.read(folder)
        _refuse_another_template(project.src, trusted, folder)
        refuse_impostor(project.src, folder)
        if not trusted:
            _refuse_unreleased(project.ref, folder)
        project.refuse_if_newer()
        return project

    @classmethod
    def read(cls, folder: Path) -> "RenderedProject":
        """Read the answers file of a folder without trusting it.

        Args:
            folder: the project's top folder.

        Raises:
            Problem: there is no such file, or it names no template with a version.
        """
        stored = _read(folder / ANSWERS_FILE, folder)
        src, ref = stored.pop("_src_path", None), stored.pop("_commit", None)
        if not (isinstance(src, str) and isinstance(ref, str) and len(ref) <= _LONGEST_REF):
            raise Problem(
                f"{folder / ANSWERS_FILE} names no template with a version",
                "render the project with `bastion new`, or from the template's git address",
            )
        return cls(folder, src, ref, stored)

    def refuse_if_newer(self) -> None:
        """Refuse a project that is newer than this command, which cannot know the project's questions.

        Raises:
            Problem: the project is newer.
        """
        theirs, ours = release_of(self.ref), release_of(own_tag())
        if theirs and ours and theirs > ours:
            raise Problem(
                f"the project is of {self.ref}, and this command of {own_tag()}",
                f"use the newer command: uvx fastapi-bastion@{self.ref.removeprefix('v')}",
            )

    @property
    def is_of_this_version(self) -> bool:
        """Whether the project was rendered from the template inside this package."""
        return is_public(self.src) and self.ref == own_tag()

    @contextmanager
    def template(self, ref: str | None = None) -> Iterator[Template]:
        """Have the project's template at hand; without a network if it is the one inside this package.

        Args:
            ref: the version; None means the version that the project was rendered from.
        """
        own = self.is_of_this_version and ref in {None, self.ref}
        with open_template(*((None, None) if own else (self.src, ref or self.ref))) as template:
            yield template

    @contextmanager
    def template_to_look_at(self) -> Iterator[Template]:
        """Have the project's template at hand for a render that nobody keeps; ours takes half the time."""
        with to_look_at() if self.is_of_this_version else self.template() as template:
            yield template

    def questionnaire_of(self, template: Template) -> Questionnaire:
        """Read the questions of a version of the project's template; the steps after this one need no network.

        Args:
            template: that version, at hand.

        Raises:
            Problem: the version cannot be fetched.
        """
        from bastion.rendering import read_questionnaire  # noqa: PLC0415 - see `open_template`

        try:
            return read_questionnaire(template)
        except Problem as problem:
            if template.copier_yml:
                raise
            its_own = template.ref == self.ref
            version = f"the project is of {self.ref}" if its_own else f"{template.ref} is wanted"
            restore = f"; if there is no such version, restore {ANSWERS_FILE} from git" if its_own else ""
            raise Problem(
                f"{version}, which has to be fetched, and that failed ({problem.__cause__ or problem})",
                f"see that {self.src} can be reached and has it{restore}",
            ) from problem


def _read(file: Path, folder: Path) -> dict[str, Any]:
    try:
        stored = _small_yaml(read_regular(folder, ANSWERS_FILE, _LARGEST).decode())
    except FileNotFoundError as error:
        if not folder.is_dir():
            raise Problem(f"there is no folder {folder}", "name one that `bastion new` made") from error
        raise Problem(
            f"{folder} has no {ANSWERS_FILE}, so nothing says what it was rendered from",
            "go into a project that `bastion new` made, or restore that file from git",
        ) from error
    except IrregularFileError as error:
        raise Problem(f"{file} {error}", "restore it from git") from error
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        raise Problem(f"cannot read {file}", "restore it from git") from error
    if not isinstance(stored, dict):
        raise Problem(f"{file} holds no answers", "restore it from git")
    return {str(name): answer for name, answer in stored.items()}


def _small_yaml(text: str) -> object:
    """Read YAML of the kind that Copier writes: in other kinds a few lines can become gigabytes, or take hours."""
    depth = 0
    for event in yaml.parse(text, yaml.SafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST or isinstance(event, yaml.AliasEvent):
            raise ValueError(text)
    return plain_yaml(text)


def _refuse_another_template(src: str, trusted: str | None, folder: Path) -> None:
    if address_of(src) != address_of(trusted) if trusted else not is_public(src):
        named = "give --template exactly this address" if trusted else "name it with --template"
        raise Problem(
            f"{folder} was rendered from another template, {src!r}", f"{named} if you trust it, or use `copier` itself"
        )


def _refuse_unreleased(ref: str, folder: Path) -> None:
    """Refuse a ref that is no release tag: a clone from GitHub may also contain commits of strangers' pull requests."""
    if not is_tag(ref):
        raise Problem(
            f"{folder / ANSWERS_FILE} names {ref!r}, which is no release of the template",
            f"restore {ANSWERS_FILE} from git, or name the template with --template if you trust this commit of it",
        )


def is_public(src: str) -> bool:
    """Tell whether an address is the public repository's, in any safe form that git and Copier take.

    Args:
        src: A folder or git address.
    """
    return _PUBLIC.fullmatch(src) is not None
