"""The application as it runs for others: a process of its own, started by `python -m app.manage serve`."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Generator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx

STARTS_WITHIN_SECONDS = 30


class Server:
    """A running server: where it is, and what it has written so far."""

    def __init__(self, port: int, log: Path) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self._log = log

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


def free_port() -> int:
    """Return a port of this machine at which nobody listens."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@contextmanager
def running_server(folder: Path, **settings: str) -> Generator[Server]:
    """Run the server on a free port until the block ends."""
    port = free_port()
    log = folder / "server.log"
    command = [sys.executable, "-m", "app.manage", "serve", "--port", str(port)]
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - our own command, and no shell
            command, stdout=output, stderr=subprocess.STDOUT, env={**os.environ, **settings}, start_new_session=True
        )
        server = Server(port, log)
        try:
            _wait_until_it_answers(server, process)
            yield server
        finally:
            _stop(process)


def _wait_until_it_answers(server: Server, process: "subprocess.Popen[bytes]") -> None:
    transport = httpx.HTTPTransport(retries=0)
    with httpx.Client(transport=transport, base_url=server.url) as client:
        for _ in range(STARTS_WITHIN_SECONDS * 10):
            try:
                client.get("/health/live")
            except httpx.TransportError:
                try:
                    process.wait(timeout=0.1)
                except subprocess.TimeoutExpired:
                    continue
                break
            else:
                return
    raise RuntimeError(server.written())


def _stop(process: "subprocess.Popen[bytes]") -> None:
    # As a supervisor does: the one process that it started is told to end.
    process.terminate()
    try:
        process.wait(timeout=10)
    finally:
        process.kill()
