"""A project in its repository, as its owner has it: made once for each set of answers, and copied for each test."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock

from tests.support.checkout import instead_of_the_public_one
from tests.support.combinations import as_flags
from tests.support.commands import BASTION, Finished, bastion, environment, git, succeed
from tests.support.trees import files

BARE = ("--defaults", "--no-install")


@dataclass(frozen=True)
class Living:
    """A project that is changed by `bastion`."""

    folder: Path

    def bastion(self, *arguments: str, env: Mapping[str, str] | None = None) -> Finished:
        return bastion(*arguments, cwd=self.folder, env=env)

    def change(self, *arguments: str, env: Mapping[str, str] | None = None) -> str:
        """Change it by a command that has to succeed, and give what that said."""
        return succeed(*BASTION, *arguments, cwd=self.folder, env=env)

    def git(self, *arguments: str) -> str:
        return git(self.folder, *arguments)

    def write(self, path: str, content: str | bytes) -> None:
        (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / path).write_bytes(content.encode() if isinstance(content, str) else content)

    def replace(self, path: str, old: str, new: str) -> None:
        text = self.read(path)
        assert old in text, path
        self.write(path, text.replace(old, new))

    def read(self, path: str) -> str:
        return (self.folder / path).read_text(encoding="utf-8")

    def commit(self, message: str = "ours") -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--no-verify", f"--message={message}")

    @property
    def state(self) -> tuple[Any, ...]:
        """All that a change that failed has to leave alone: files, index, references, worktrees."""
        asked = (
            ("ls-files", "--stage"),
            ("for-each-ref",),
            ("rev-parse", "HEAD"),
            ("worktree", "list"),
            ("stash", "list"),
        )
        return (
            files(self.folder),
            sorted(each.name for each in self.folder.iterdir()),
            *(self.git(*each) for each in asked),
        )


@dataclass(frozen=True)
class Nursery:
    """Makes projects in a folder that all workers of this run share; equal ones are rendered once."""

    folder: Path

    def project(self, folder: Path, answers: Mapping[str, Any]) -> Living:
        """Copy the project of some answers, in its repository with one commit."""
        name = (
            "-".join(f"{key}={value}" for key, value in answers.items()).replace("'", "").replace(" ", "") or "defaults"
        )
        made = self.folder / name
        with FileLock(f"{made}.lock"):
            if not made.exists():
                succeed(*BASTION, "new", str(made), *BARE, *as_flags(dict(answers)), cwd=self.folder)
        shutil.copytree(made, folder)
        return Living(folder)


def published_at(repository: Path) -> dict[str, str]:
    """Give an environment in which a repository is the public one."""
    return environment(instead_of_the_public_one(repository))
