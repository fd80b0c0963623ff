"""Where the proof keeps what it can use again, and what a command of a row finds in its environment."""

import os
import re
import shutil
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import platformdirs

from bastion.problems import Problem

CACHE_VARIABLE = "BASTION_CACHE_DIR"
ENVIRONMENTS, ROWS = "proof-environments", "proof-rows"
"""Our folders in the cache."""

_KEPT_DAYS = 30
_DAY = 24 * 60 * 60

# What belongs to the environment that we run in, or would change what a row does from outside of it.
_OURS = ("VIRTUAL_ENV", "UV_PROJECT_ENVIRONMENT", "UV_PROJECT", "PYTHONDONTWRITEBYTECODE", "PYTHONPATH", "PYTHONHOME")
_PREFIXES = ("PYTEST_", "GIT_", "COPIER_", "COV_", "COVERAGE_", "BASTION_")
_PLAIN = {"NO_COLOR": "1", "PY_COLORS": "0", "TERM": "dumb", "COLUMNS": "120"}

_SETTING = re.compile(r"^(?:# ?)?([A-Z][A-Z0-9_]*)=", re.MULTILINE)


def cache_folder(chosen: Path | None = None) -> Path:
    """Return the folder of environments and results, made if need be.

    Args:
        chosen: What the user said; else `BASTION_CACHE_DIR`, else where this system keeps caches.
    """
    given = os.environ.get(CACHE_VARIABLE)
    folder = chosen or (Path(given) if given else _cache_of_the_system())
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        remedy = f"choose another one with --cache-dir or {CACHE_VARIABLE}"
        raise Problem(f"cannot keep anything in {folder} ({error.strerror})", remedy) from error
    return folder.absolute()


def _cache_of_the_system() -> Path:
    """Return this user's cache; of root the system's, for PostgreSQL then runs as another user and must get in."""
    if sys.platform != "win32" and os.geteuid() == 0:
        return platformdirs.site_cache_path("bastion")
    return platformdirs.user_cache_path("bastion")


def forget_what_nobody_uses(folder: Path) -> None:
    """Delete what is a month old: everything here can be made again."""
    oldest = time.time() - _KEPT_DAYS * _DAY
    # Nothing else: somebody may have named a folder that others use too.
    for each in (*folder.glob(f"{ENVIRONMENTS}/*"), *folder.glob(f"{ROWS}/*.json")):
        with suppress(FileNotFoundError):  # another run was faster
            if each.lstat().st_mtime < oldest:
                shutil.rmtree(each, ignore_errors=True) if each.is_dir() else each.unlink()


def variables(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a row's commands, without what is ours.

    Args:
        environ: The environment that the proof was started in.
    """
    inherited = {name: value for name, value in environ.items() if name not in _OURS and not name.startswith(_PREFIXES)}
    return {**inherited, **_PLAIN}


def without_settings(env: Mapping[str, str], project: Path) -> dict[str, str]:
    """Leave out what a render would take for its own settings: those of this machine are none of its business."""
    files = (project / name for name in (".env", ".env.example"))
    texts = [file.read_text(encoding="utf-8") for file in files if file.is_file()]
    names = {name for text in texts for name in _SETTING.findall(text)}
    return {name: value for name, value in env.items() if name not in names}
