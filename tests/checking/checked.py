"""A rendered project that may be changed, and what `bastion check` says of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.checking.behind import SECONDS, found_without_the_command
from tests.support.checkout import PUBLIC_URL
from tests.support.combinations import Combination, largest
from tests.support.commands import BASTION, Finished, run

EVERYTHING: Combination = largest()
ANSWERS_FILE = ".copier-answers.yml"
UNTRUSTED = ("--offline", "--no-run")


@dataclass(frozen=True)
class Checked:
    """A project."""

    folder: Path

    def check(self, *flags: str, env: Mapping[str, str] | None = None) -> Finished:
        """Run the command in it."""
        return run(*BASTION, "check", *flags, cwd=self.folder, env=env, seconds=SECONDS)

    def report(self, *flags: str, env: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Give what it finds, as data; without further flags nothing is run and nobody asked.

        Without further flags there is no command either, only what stands behind it.
        """
        if not flags and env is None:
            return found_without_the_command(self.folder)
        finished = self.check("--json", *flags, env=env)
        assert finished.returncode in {0, 1}, finished.stderr
        report: dict[str, Any] = json.loads(finished.stdout)
        assert finished.returncode == (0 if report["clean"] else 1)
        return report

    def findings(self) -> list[str]:
        """Give each finding as its rule, its defence and its file."""
        return [f"{each['rule']} {each['defence']} {each['path']}" for each in self.report()["findings"]]

    def text(self, path: str) -> str:
        return (self.folder / path).read_text(encoding="utf-8")

    def write(self, path: str, text: str) -> None:
        (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / path).write_text(text, encoding="utf-8", newline="\n")

    def judge_itself_by(self, script: str) -> None:
        """Let a script stand for the Python of the project's environment."""
        self.write(".venv/bin/python", f"#!/bin/sh\n{script}")
        (self.folder / ".venv" / "bin" / "python").chmod(0o755)

    def edit(self, path: str, old: str, new: str) -> None:
        """Replace what has to be there."""
        assert old in self.text(path)
        self.write(path, self.text(path).replace(old, new, 1))

    def answers(self) -> dict[str, Any]:
        return dict(yaml.safe_load(self.text(ANSWERS_FILE)))

    def answer(self, **changes: object) -> None:
        """Change the answers file, as an editor would."""
        self.write(ANSWERS_FILE, yaml.safe_dump({**self.answers(), **changes}))


def answers_as_the_command_writes_them(folder: Path, tag: str) -> None:
    """Let the render of a folder be one of the public template's."""
    project = Checked(folder)
    project.answer(_commit=tag, _src_path=PUBLIC_URL)


def snapshot(folder: Path) -> dict[str, tuple[int, int, int]]:
    """Give mode, size and time of everything in a folder, and follow nothing."""
    found = {str(path): path.lstat() for path in folder.rglob("*")}
    return {path: (stat.st_mode, stat.st_size, stat.st_mtime_ns) for path, stat in found.items()}
