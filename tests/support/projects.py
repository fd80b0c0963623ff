"""A rendered project, installed by uv from its own `pyproject.toml` into an isolated environment."""

import hashlib
import shutil
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from tests.support.commands import Finished, environment, run


@dataclass(frozen=True)
class Project:
    """A project one may run commands in, and change."""

    folder: Path
    python_environment: Path

    def run(self, *command: str, env: Mapping[str, str] | None = None, seconds: float = 900) -> Finished:
        """Run a command as the project's user would: after `uv run`."""
        return run("uv", "run", "--frozen", *command, cwd=self.folder, env=self.variables(env), seconds=seconds)

    def succeed(self, *command: str, env: Mapping[str, str] | None = None) -> str:
        finished = self.run(*command, env=env)
        assert finished.returncode == 0, f"{' '.join(command)}\n{finished.stdout[-12000:]}\n{finished.stderr[-4000:]}"
        return finished.stdout

    def variables(self, changes: Mapping[str, str] | None = None) -> dict[str, str]:
        return environment({"UV_PROJECT_ENVIRONMENT": str(self.python_environment), **(changes or {})})


def install(render: Path, folder: Path, environments: Path) -> Project:
    """Copy a render and install it; projects with equal dependencies share one environment.

    Args:
        render: What Copier wrote.
        folder: Where the project goes; it may be changed there.
        environments: Where this run of the tests keeps its environments.
    """
    shutil.copytree(render, folder)
    return prepare(folder, environments)


def prepare(folder: Path, environments: Path) -> Project:
    """Install a project where it lies; what uv resolved for an equal one is not resolved again.

    Args:
        folder: The project.
        environments: Where this run of the tests keeps its environments.
    """
    declared, lock = tomllib.loads(_pyproject(folder)), folder / "uv.lock"
    dependencies = [declared["project"]["dependencies"], declared.get("dependency-groups")]
    project = Project(folder, environments / _fingerprint(repr(dependencies)))
    known = environments / f"{_fingerprint(_pyproject(folder))}-{lock.name}"
    # Several workers may want the same environment at the same moment.
    with FileLock(f"{project.python_environment}.lock"):
        if known.exists() and not lock.exists():
            shutil.copy(known, lock)
            return project
        finished = run("uv", "sync", "--quiet", cwd=folder, env=project.variables())
        assert finished.returncode == 0, finished.stderr
        shutil.copy(lock, known)
    return project


def _pyproject(folder: Path) -> str:
    return (folder / "pyproject.toml").read_text(encoding="utf-8")


def _fingerprint(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
