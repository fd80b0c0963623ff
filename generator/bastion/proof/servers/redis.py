"""Redis: `TEST_REDIS_URL`, else a server of a wheel that the render declares, else one in the PATH."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import time
from contextlib import closing
from pathlib import Path

PROGRAMS = ("redis-server", "valkey-server")
STARTS_WITHIN_SECONDS = 10
ATTEMPTS = 5

LOG = Path("redis.log")
READY = "Ready to accept connections"


def main() -> int:
    """Serve until told to end."""
    given = os.environ.get("TEST_REDIS_URL")
    if given:
        _say_and_wait(given)
        return 0
    program = _program()
    if program is None:
        sys.stderr.write(f"neither a wheel nor the PATH has {' or '.join(PROGRAMS)}, and TEST_REDIS_URL is not set\n")
        return 1
    _of_our_own(program)
    return 0


def _program() -> str | None:
    installed = Path(sysconfig.get_path("purelib"))
    for name in PROGRAMS:
        for path in installed.glob(f"*/**/{name}"):
            if os.access(path, os.X_OK):
                return str(path)
    return next(filter(None, map(shutil.which, PROGRAMS)), None)


def _of_our_own(program: str) -> None:
    # A port that was found free may be another's by the time that the server binds it: then with another one.
    if not any(_serves(program, _free_port()) for _ in range(ATTEMPTS)):
        sys.stderr.write(f"{program} ended at once, {ATTEMPTS} times; what it said is above\n")
        sys.exit(1)


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _serves(program: str, port: int) -> bool:
    """Serve until told to end, or say False: the server itself has ended."""
    options = ("--bind", "127.0.0.1", "--port", str(port), "--save", "", "--logfile", str(LOG))
    LOG.unlink(missing_ok=True)
    server = subprocess.Popen((program, *options))
    try:
        if not _is_ready(server):
            return False
        _say_and_wait(f"redis://127.0.0.1:{port}/0")
    finally:
        server.kill()
        server.wait()
    return True


def _is_ready(server: "subprocess.Popen[bytes]") -> bool:
    """Wait for its own word: at its port, another server could answer."""
    for _ in range(STARTS_WITHIN_SECONDS * 20):
        if READY in _said():
            return True
        if server.poll() is not None:
            sys.stderr.write(_said())
            return False
        time.sleep(0.05)
    raise TimeoutError(f"no Redis within {STARTS_WITHIN_SECONDS} s: {_said()}")


def _said() -> str:
    return LOG.read_text(encoding="utf-8", errors="replace") if LOG.exists() else ""


def _say_and_wait(url: str) -> None:
    # Only now: what a server inherits is that these signals are not blocked.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    sys.stdout.write(f"{url}\n")
    sys.stdout.flush()
    signal.sigwait({signal.SIGTERM, signal.SIGINT})


if __name__ == "__main__":
    sys.exit(main())
