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
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    options = ("--bind", "127.0.0.1", "--port", str(port), "--save", "", "--logfile", os.devnull)
    server = subprocess.Popen((program, *options))
    try:
        _wait_for(port)
        _say_and_wait(f"redis://127.0.0.1:{port}/0")
    finally:
        server.kill()
        server.wait()


def _wait_for(port: int) -> None:
    for _ in range(STARTS_WITHIN_SECONDS * 20):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError(f"no Redis at port {port} within {STARTS_WITHIN_SECONDS} s")


def _say_and_wait(url: str) -> None:
    # Only now: what a server inherits is that these signals are not blocked.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    sys.stdout.write(f"{url}\n")
    sys.stdout.flush()
    signal.sigwait({signal.SIGTERM, signal.SIGINT})


if __name__ == "__main__":
    sys.exit(main())
