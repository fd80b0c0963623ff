"""Environments: one for each set of dependencies that a render declares, and nothing in it that is not declared.

A shared environment with everything in it would hide the import of a library that one combination forgets to declare.
"""

import hashlib
import json
import os
import shutil
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

from filelock import FileLock, Timeout

from bastion.problems import Problem
from bastion.proof.rows.commands import Commands, Finished, Stopped
from bastion.proof.rows.places import ENVIRONMENTS

_DESCRIBE = "import platform, sys; print(sys.version); print(platform.platform())"
_COMPLETE = "complete"


class NotInstalled(Exception):  # noqa: N818 - it names what is the case
    """uv could not resolve or install what a render declares."""

    def __init__(self, finished: Finished) -> None:
        """Keep how uv ended."""
        super().__init__(finished.last_lines())
        self.finished = finished


@dataclass(frozen=True)
class Environment:
    """An environment that holds exactly what a render declares."""

    folder: Path
    python: str
    """The version of its interpreter."""

    @property
    def scripts(self) -> Path:
        """Where its programs are."""
        return self.folder / ("Scripts" if os.name == "nt" else "bin")

    def program(self, name: str) -> str:
        """Return the path of one of its programs."""
        return str(self.scripts / (f"{name}.exe" if os.name == "nt" else name))

    def activated(self, env: Mapping[str, str]) -> dict[str, str]:
        """Return `env` as it is after `uv run`."""
        path = os.pathsep.join([str(self.scripts), *filter(None, [env.get("PATH")])])
        return {**env, "VIRTUAL_ENV": str(self.folder), "PATH": path}


class Environments:
    """What uv resolved and installed; each set of dependencies is resolved once in a run and installed once."""

    def __init__(self, folder: Path, commands: Commands, env: Mapping[str, str]) -> None:
        """Keep environments in `folder`, and give uv the environment `env`."""
        self._folder = folder / ENVIRONMENTS
        self._folder.mkdir(exist_ok=True)
        self._commands = commands
        self._env = env
        self._uv = _find_uv(env)
        self._locks: dict[str, bytes] = {}
        self._pythons: dict[str, tuple[str, str]] = {}
        self._each_once: defaultdict[str, Lock] = defaultdict(Lock)

    def lock(self, project: Path, room: Path) -> str:
        """Write the project's `uv.lock` and return what decides which environment it gets."""
        declared = _declared(project)
        fingerprint = _fingerprint(declared)
        with self._each_once[fingerprint]:
            if fingerprint not in self._locks:
                self._run("lock", "--quiet", project=project, room=room)
                self._locks[fingerprint] = (project / "uv.lock").read_bytes()
        (project / "uv.lock").write_bytes(self._locks[fingerprint])
        _, described = self._python(project, declared, room)
        return _fingerprint([fingerprint, self._locks[fingerprint].decode(), described])

    def install(self, project: Path, key: str, room: Path) -> Environment:
        """Install what the project's `uv.lock` says, unless an environment for it is there.

        Args:
            project: The render.
            key: What `lock` returned.
            room: Where uv's output goes.
        """
        folder = self._folder / key[:20]
        complete = folder / _COMPLETE
        with self._each_once[key], self._alone(folder):
            python, described = self._python(project, _declared(project), room)
            if not complete.exists():
                # Half an installation, from a run that was stopped.
                shutil.rmtree(folder, ignore_errors=True)
                self._run("sync", "--frozen", "--quiet", "--python", python, project=project, room=room, target=folder)
            complete.touch()
            os.utime(folder)
        return Environment(folder, described.split()[0])

    @contextmanager
    def _alone(self, folder: Path) -> Iterator[None]:
        """Wait for other runs of the proof, which may want the same environment at the same moment."""
        lock = FileLock(f"{folder}.lock")
        try:
            lock.acquire(cancel_check=lambda: self._commands.stopping)
        except Timeout as cancelled:
            raise Stopped from cancelled
        try:
            yield
        finally:
            lock.release()

    def _python(self, project: Path, declared: Mapping[str, Any], room: Path) -> tuple[str, str]:
        """Return the interpreter that uv chooses for a project, and what it says of itself."""
        # As uv does it: what its user wants goes before what a project allows.
        required = self._env.get("UV_PYTHON") or str(declared["requires-python"])
        with self._each_once[required]:
            if required not in self._pythons:
                # uv may warn of something first.
                path = self._run("python", "find", "--no-project", required, project=project, room=room).splitlines()[
                    -1
                ]
                described = self._checked((path, "-c", _DESCRIBE), project, room, self._env)
                self._pythons[required] = path, described
        return self._pythons[required]

    def _run(self, *arguments: str, project: Path, room: Path, target: Path | None = None) -> str:
        # uv leaves a file beside the lock that it takes, in the folder for temporary files.
        env = {**self._env, "TMPDIR": str(room), **({"UV_PROJECT_ENVIRONMENT": str(target)} if target else {})}
        return self._checked((self._uv, *arguments), project, room, env)

    def _checked(self, command: tuple[str, ...], project: Path, room: Path, env: Mapping[str, str]) -> str:
        finished = self._commands.run(command, cwd=project, env=env, log=room / "uv.log")
        if finished.code:
            raise NotInstalled(finished)
        return finished.output.strip()


def _find_uv(env: Mapping[str, str]) -> str:
    uv = env.get("UV") or shutil.which("uv", path=env.get("PATH"))
    if uv is None:
        raise Problem("uv is not installed", "`python3 -m pip install uv` brings it")
    return uv


def _declared(project: Path) -> dict[str, Any]:
    """Return what uv reads of a project."""
    content = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))
    of_project = content.get("project", {})
    names = ("name", "version", "dependencies", "optional-dependencies")
    return {
        "requires-python": of_project.get("requires-python", ">=3.11"),
        "groups": content.get("dependency-groups", {}),
        "uv": content.get("tool", {}).get("uv", {}),
        **{name: of_project.get(name) for name in names},
    }


def _fingerprint(data: object) -> str:
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()
