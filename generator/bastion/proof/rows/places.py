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

# What the render's tests and our servers read: servers that are already there.
GIVEN_SERVERS = ("TEST_DATABASE_URL", "TEST_REDIS_URL")

# What programs need to run at all, and what leads uv to its index; in lower case, for a proxy is written either way.
# A row that passed is shown again whatever this machine's variables say, so it sees none that it can do without.
_NEEDED = frozenset(
    {
        *("path", "home", "user", "logname", "shell", "tmpdir", "ld_library_path", "nix_ld", "nix_ld_library_path"),
        *("appdata", "comspec", "localappdata", "pathext", "programdata", "systemdrive", "systemroot", "temp", "tmp"),
        *("username", "userprofile", "windir"),
        *("http_proxy", "https_proxy", "all_proxy", "no_proxy", "netrc", "uv"),
    }
)
_NEEDED_PREFIXES = ("xdg_", "uv_", "ssl_")
_OURS = ("UV_PROJECT_ENVIRONMENT", "UV_PROJECT")
_SAME_EVERYWHERE = {
    "NO_COLOR": "1",
    "PY_COLORS": "0",
    "TERM": "dumb",
    "COLUMNS": "120",
    "TZ": "UTC",
    # Without any locale, a database server may not start on macOS, which has no C.UTF-8.
    "LC_ALL": "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8",
}

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
    """Return the environment of a row's commands: of this machine's, what they cannot do without.

    Args:
        environ: The environment that the proof was started in.
    """
    return {**{name: value for name, value in environ.items() if _is_needed(name)}, **_SAME_EVERYWHERE}


def _is_needed(name: str) -> bool:
    lower = name.lower()
    return name in GIVEN_SERVERS or (name not in _OURS and (lower in _NEEDED or lower.startswith(_NEEDED_PREFIXES)))


def without_settings(env: Mapping[str, str], project: Path) -> dict[str, str]:
    """Leave out what a render would take for its own settings: those of this machine are none of its business."""
    files = (project / name for name in (".env", ".env.example"))
    texts = [file.read_text(encoding="utf-8") for file in files if file.is_file()]
    names = {name for text in texts for name in _SETTING.findall(text)}
    return {name: value for name, value in env.items() if name not in names}
