"""What the defences cost: CPU time per request of one uvicorn worker, against a FastAPI without any.

    uv run python benchmarks/serving.py [sqlite|postgresql] [--rounds N]

Both servers run on one machine, one request at a time, in interleaved rounds; what counts is the CPU time that the
server process was charged, and the ratio of the two in the same round. The median of the rounds is quoted. Absolute
times belong to the machine.
"""

import argparse
import http.client
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
from rendered import UNLIMITED, database_url, free_port, render

HERE = Path(__file__).parent
REQUESTS = 1500
WARM_UP = 300
PASSWORD = "a harbour full of quiet boats"


@dataclass(frozen=True)
class Server:
    """A running uvicorn and the one connection used to ask it."""

    process: psutil.Process
    port: int

    def ask(self, path: str, headers: Mapping[str, str] | None = None, times: int = REQUESTS) -> float:
        """Ask `path` that many times over one connection; return the server's CPU time per request in microseconds."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        before = self.process.cpu_times()
        for _ in range(times):
            connection.request("GET", path, headers=dict(headers or {}))
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 200, (path, answer.status)
        after = self.process.cpu_times()
        connection.close()
        return (after.user + after.system - before.user - before.system) / times * 1e6

    def post(self, path: str, body: str, content_type: str) -> dict[str, str]:
        """Send a body; return the answer's JSON."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        connection.request("POST", path, body=body, headers={"Content-Type": content_type})
        answer = connection.getresponse()
        text = answer.read()
        assert answer.status < 300, text
        return json.loads(text)


@contextmanager
def serving(project: Path, target: str, environment: Mapping[str, str], *more: str) -> Iterator[Server]:
    """Run `target` with one worker in the project's environment; end it afterwards."""
    port = free_port()
    python = project / ".venv" / "bin" / "python"
    flags = [
        "--port",
        str(port),
        "--no-access-log",
        "--no-server-header",
        "--http",
        "httptools",
        "--log-level",
        "error",
    ]
    with subprocess.Popen(
        [python, "-m", "uvicorn", target, *flags, *more],
        cwd=project,
        env={**environment, "PYTHONPATH": f"{HERE}{os.pathsep}{project}"},
        stdout=subprocess.DEVNULL,
    ) as process:
        try:
            _wait_for(port)
            yield Server(psutil.Process(process.pid), port)
        finally:
            process.terminate()


def _wait_for(port: int) -> None:
    for _ in range(200):
        try:
            http.client.HTTPConnection("127.0.0.1", port, timeout=1).request("GET", "/")
        except OSError:
            time.sleep(0.05)
        else:
            return
    sys.exit("the server did not start")


def compare(ours: Server, bare: Server, pairs: list[tuple[str, str, Mapping[str, str]]], rounds: int) -> list[str]:
    """Ask both in turn; return a table row for each pair of routes."""
    rows = []
    for path, bare_path, headers in pairs:
        ours.ask(path, headers, WARM_UP)
        bare.ask(bare_path, {}, WARM_UP)
        measured = [(ours.ask(path, headers), bare.ask(bare_path)) for _ in range(rounds)]
        share = statistics.median(b / a for a, b in measured)
        mine, theirs = (statistics.median(values) for values in zip(*measured, strict=True))
        rows.append(f"| `GET {path}` against `{bare_path}` | {mine:.0f} | {theirs:.0f} | {share:.2f} |")
    return rows


def latencies(server: Server, seconds: float) -> list[float]:
    """Ask `/health/live` for that long, every five milliseconds; return each answer's time in milliseconds."""
    found, end = [], time.perf_counter() + seconds
    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    while time.perf_counter() < end:
        started = time.perf_counter()
        connection.request("GET", "/health/live")
        connection.getresponse().read()
        found.append((time.perf_counter() - started) * 1000)
        time.sleep(0.005)
    return found


def p99(values: list[float]) -> float:
    """Return the 99th percentile."""
    return statistics.quantiles(values, n=100)[98]


def under_logins(server: Server, users: list[str]) -> str:
    """Return a table row: the p99 of `/health/live`, idle and while eight clients log in without pause."""
    idle = p99(latencies(server, 4))
    done = threading.Event()
    count = [0]

    def log_in(email: str) -> None:
        while not done.is_set():
            body = f"grant_type=password&username={email}&password={PASSWORD.replace(' ', '+')}"
            server.post("/auth/token", body, "application/x-www-form-urlencoded")
            count[0] += 1

    threads = [threading.Thread(target=log_in, args=(email,)) for email in users]
    for thread in threads:
        thread.start()
    busy = p99(latencies(server, 8))
    done.set()
    for thread in threads:
        thread.join()
    what = f"p99 of `/health/live` while 8 clients log in ({count[0]} logins)"
    return f"| {what} | {busy:.1f} ms | {idle:.1f} ms idle | {busy / idle:.1f} times |"


def main() -> None:
    """Render, serve, measure, print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("database", choices=["sqlite", "postgresql"], nargs="?", default="sqlite")
    parser.add_argument("--rounds", type=int, default=9)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, database_url(given.database, Path(folder)) as url:
        project = render(Path(folder) / "project", database=given.database)
        environment = {**os.environ, **UNLIMITED, "DATABASE_URL": url, "VIRTUAL_ENV": ""}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        python = project / ".venv" / "bin" / "python"
        subprocess.run(
            [python, "-m", "app.manage", "migrate"], cwd=project, env=environment, check=True, capture_output=True
        )
        with serving(project, "app.asgi:app", environment) as ours:
            emails = [f"person{i}@example.com" for i in range(8)]
            made = [
                ours.post("/auth/register", json.dumps({"email": email, "password": PASSWORD}), "application/json")
                for email in emails
            ]
            form = f"grant_type=password&username={emails[0]}&password={PASSWORD.replace(' ', '+')}"
            tokens = ours.post("/auth/token", form, "application/x-www-form-urlencoded")
            bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
            with serving(project, "bare:app", {**environment, "BENCHMARK_USER": made[0]["id"]}) as bare:
                pairs = [
                    ("/health/live", "/live", {}),
                    ("/users/me", "/one-query", bearer),
                    ("/users/me", "/one-statement", bearer),
                ]
                rows = compare(ours, bare, pairs, given.rounds)
            rows.append(under_logins(ours, emails))
    print(f"\n{given.database}, HS256, median of {given.rounds} rounds of {REQUESTS} requests\n")
    print("| route | us of CPU, this project | us of CPU, bare FastAPI | bare / ours |\n| --- | --- | --- | --- |")
    print("\n".join(rows))


if __name__ == "__main__":
    main()
