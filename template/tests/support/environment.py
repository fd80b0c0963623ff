"""An environment with the variables of a test and nothing of this machine's."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.core.settings import CoreSettings, Settings, SliceSettings
from app.core.start import load_settings
from app.main import DATABASE, SLICES

PROJECT = Path.cwd()


def fields_of_settings() -> list[tuple[str, type[SliceSettings], str]]:
    """Return each setting of each slice: its variable, the class that reads it, and the field there."""
    classes = [CoreSettings, *(each.settings for each in SLICES if each.settings)]
    return [
        (str(info.validation_alias or f"{cls.model_config.get('env_prefix', '')}{name}").upper(), cls, name)
        for cls in classes
        for name, info in cls.model_fields.items()
    ]


def names_of_settings() -> set[str]:
    """Return the variable of every setting of every slice."""
    return {variable for variable, _, _ in fields_of_settings()}


def environment_with(**variables: str) -> dict[str, str]:
    """Return the environment of a process that finds this project, with no settings but `variables`."""
    inherited = {name: value for name, value in os.environ.items() if name not in names_of_settings()}
    return {**inherited, "PYTHONPATH": str(PROJECT), **variables}


def run_python(*arguments: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run Python in `folder` with this project in its path, and with no settings but `variables`."""
    return subprocess.run(  # noqa: S603 - no shell, and nothing from outside
        [sys.executable, *arguments],
        cwd=folder,
        env=environment_with(**variables),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


class Machine:
    """A machine with one `.env`, if any, and the variables that are set here."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        self._monkeypatch = monkeypatch
        self.env_file = folder / ".env"
        for name in names_of_settings():
            monkeypatch.delenv(name, raising=False)

    def set(self, **variables: str | None) -> "Machine":
        """Set variables; None unsets one."""
        for name, value in variables.items():
            if value is None:
                self._monkeypatch.delenv(name, raising=False)
            else:
                self._monkeypatch.setenv(name, value)
        return self

    def write(self, text: str) -> "Machine":
        """Write `.env`."""
        self.env_file.write_text(text, encoding="utf-8")
        return self

    def load(self) -> Settings:
        """Load the settings as the application does at its start."""
        return load_settings(SLICES, DATABASE, self.env_file)
