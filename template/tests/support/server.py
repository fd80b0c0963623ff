"""The application as it runs for others: a process of its own, started by `python -m app.manage serve`."""

import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

STARTS_WITHIN_SECONDS = 30

_LISTENS = re.compile(r"Uvicorn running on http://127\.0\.0\.1:(\d+)\s")


class Server:
    """A running server: where it is, and what it has written so far."""

    def __init__(self, process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self._process = process
        self._log = log

    @property
    def has_ended(self) -> bool:
        """Whether its process is gone. At its port, somebody else may listen by then."""
        return self._process.poll() is not None

    def written(self) -> str:
        """Return everything that the process wrote, to both of its outputs."""
        return self._log.read_text(encoding="utf-8")

    def lines(self) -> list[dict[str, Any]]:
        """Return its log. Raises ValueError for a line that is no JSON."""
        return [json.loads(line) for line in self.written().splitlines()]

    def talk(self, *pieces: bytes) -> bytes:
        """Send bytes as they are and return all that comes back until the server closes the connection."""
        came = b""
        with closing(socket.create_connection(("127.0.0.1", self.port), timeout=10)) as connection:
            # Closed over bytes that were not read, it is reset.
            with suppress(ConnectionError):
                for piece in pieces:
                    connection.sendall(piece)
            with suppress(ConnectionError):
                while piece := connection.recv(65_536):
                    came += piece
        return came


@contextmanager
def running_server(folder: Path, **settings: str) -> Generator[Server]:
    """Run the server until the block ends, on a port that it takes itself.

    One that was found free before may be another's by then.
    """
    log = folder / "server.log"
    # Above several workers, the line that says where it listens comes before any of them does.
    env = {**os.environ, "WEB_CONCURRENCY": "1", **settings}
    command = [sys.executable, "-m", "app.manage", "serve", "--port", "0"]
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - our own command, and no shell
            command, stdout=output, stderr=subprocess.STDOUT, env=env, start_new_session=True
        )
        try:
            yield Server(process, _port_once_it_listens(process, log), log)
        finally:
            _stop(process)


def _port_once_it_listens(process: "subprocess.Popen[bytes]", log: Path) -> int:
    for _ in range(STARTS_WITHIN_SECONDS * 20):
        if said := _LISTENS.search(log.read_text(encoding="utf-8", errors="replace")):
            return int(said[1])
        if process.poll() is not None:
            break
        time.sleep(0.05)
    raise RuntimeError(log.read_text(encoding="utf-8", errors="replace"))


def _stop(process: "subprocess.Popen[bytes]") -> None:
    # As a supervisor does: the one process that it started is told to end.
    process.terminate()
    try:
        process.wait(timeout=10)
    finally:
        process.kill()
