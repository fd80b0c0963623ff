"""Wheels, built and installed as a user does, and the command run where there is no network and no checkout."""

import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.support.commands import Finished, environment, run, succeed

NOWHERE = "http://127.0.0.1:9"
_NO_NETWORK = {
    **dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), NOWHERE),
    "UV_DEFAULT_INDEX": f"{NOWHERE}/simple",
    "UV_HTTP_RETRIES": "0",
}


def build_wheel(source: Path, folder: Path, umask: str = "022") -> Path:
    """Build the wheel of a checkout, or of an archive of the sources."""
    build = f'umask {umask} && exec uv build --quiet --wheel --out-dir "$1" "$2"'
    succeed("sh", "-c", build, "sh", str(folder), str(source), cwd=source if source.is_dir() else source.parent)
    (wheel,) = folder.glob("*.whl")
    return wheel


def install(wheel: Path, folder: Path) -> "Installation":
    """Install a wheel and what it needs into an environment of its own."""
    succeed("uv", "venv", "--quiet", "--python", sys.executable, str(folder), cwd=wheel.parent)
    installation = Installation(wheel, folder)
    python = str(installation.scripts / "python")
    succeed("uv", "pip", "install", "--quiet", "--python", python, str(wheel), cwd=wheel.parent)
    return installation


@dataclass(frozen=True)
class Installation:
    """An environment with the command, and the wheel that it came from."""

    wheel: Path
    folder: Path

    @property
    def scripts(self) -> Path:
        return self.folder / ("Scripts" if os.name == "nt" else "bin")

    def run(self, script: str, *arguments: str, cwd: Path, env: Mapping[str, str] | None = None) -> Finished:
        """Run a command of the environment, without a network."""
        alone = environment({**_NO_NETWORK, "PATH": self._path(), **(env or {})})
        return run(*_cut_off(cwd), str(self.scripts / script), *arguments, cwd=cwd, env=alone)

    def succeed(self, script: str, *arguments: str, cwd: Path, env: Mapping[str, str] | None = None) -> str:
        finished = self.run(script, *arguments, cwd=cwd, env=env)
        assert finished.returncode == 0, finished.stderr
        return finished.stdout

    def _path(self) -> str:
        """Leave out the environment of these tests, which holds this checkout."""
        others = (each for each in os.environ["PATH"].split(os.pathsep) if Path(each) != Path(sys.executable).parent)
        return os.pathsep.join([str(self.scripts), *others])


def _cut_off(folder: Path) -> list[str]:
    """Give what runs a command without any network, where the system lets us; elsewhere all proxies lead nowhere."""
    unshare = shutil.which("unshare")
    if unshare and run(unshare, "--net", "true", cwd=folder).returncode == 0:
        return [unshare, "--net"]
    return []
