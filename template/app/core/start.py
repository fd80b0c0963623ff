"""From the list of slices to an application that can start: all settings first, then every slice in order."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TextIO

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from app.core.database import DatabaseKind
from app.core.env_file import EnvFile
from app.core.kernel import Kernel
from app.core.log import configure
from app.core.settings import ENV_FILE, TEST, CoreSettings, Finding, Settings, load
from app.core.slices import Slice


def load_settings(slices: Iterable[Slice], database: DatabaseKind, env_file: Path = ENV_FILE) -> Settings:
    """Read and judge the settings of all slices and of the database.

    Raises:
        EnvFileError: `.env` cannot be read, so nothing could be judged.
        SettingsError: with all problems, a line each.
    """
    if os.environ.get("APP_ENV") != TEST:
        # The libraries behind `load` pass over a folder in silence, and know no way to refuse what is no text.
        EnvFile(env_file).read()
    classes = [each.settings for each in slices if each.settings is not None]
    return load(classes, lambda core: _database_findings(core, database), env_file)


def _database_findings(core: CoreSettings, database: DatabaseKind) -> Iterator[Finding]:
    url = core.database_url.get_secret_value()
    if not url:
        yield Finding("DATABASE_URL: missing; write it like the one in .env.example", everywhere=True)
        return
    try:
        dialect = make_url(url).get_dialect()
    except (ArgumentError, ValueError):
        yield Finding("DATABASE_URL: cannot be read; write it like the one in .env.example", everywhere=True)
        return
    if dialect.name != database.name or not dialect.is_async:
        yield Finding("DATABASE_URL: names another driver than the one in .env.example", everywhere=True)
        return
    for risk, message in database.problems(url, workers=core.web_concurrency):
        yield Finding(message, risk)


def install_all(slices: Iterable[Slice], kernel: Kernel, log_to: TextIO | None = None) -> None:
    """Install every slice, in order, each with its own settings. `log_to` is as `configure` has it."""
    configure(kernel.core, kernel.name, log_to)
    for each in slices:
        each.install(kernel, kernel.settings[each.settings] if each.settings else None)
