"""Whether the time of a refused login tells if the account exists (NIST SP 800-63B-4, ASVS V6.3.8).

    uv run python benchmarks/login_times.py [--samples N]

Every sample is another address, half of them with an account, in turn, so that no throttle answers. The suite of the
render counts verifications; this shows that the count is what the clock sees.
"""

import argparse
import http.client
import json
import os
import random
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from rendered import UNLIMITED, database_url, render
from serving import PASSWORD, serving


def refused_after(port: int, email: str) -> float:
    """Log in with a wrong password; return how long the refusal took, in milliseconds."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    body = f"grant_type=password&username={email}&password=not+the+password+of+anyone"
    started = time.perf_counter()
    connection.request("POST", "/auth/token", body=body, headers={"Content-Type": "application/x-www-form-urlencoded"})
    answer = connection.getresponse()
    answer.read()
    assert answer.status == 400, answer.status
    return (time.perf_counter() - started) * 1000


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=200)
    samples = parser.parse_args().samples
    with tempfile.TemporaryDirectory() as folder, database_url("sqlite", Path(folder)) as url:
        project = render(Path(folder) / "project", database="sqlite")
        environment = {**os.environ, **UNLIMITED, "DATABASE_URL": url}
        python = project / ".venv" / "bin" / "python"
        migrate = [python, "-m", "app.manage", "migrate"]
        subprocess.run(migrate, cwd=project, env=environment, check=True, capture_output=True)
        with serving(project, "app.asgi:app", environment) as server:
            for number in range(samples):
                account = {"email": f"known{number}@example.com", "password": PASSWORD}
                server.post("/auth/register", json.dumps(account), "application/json")
            times: dict[str, list[float]] = {"known": [], "unknown": []}
            tries = [(kind, number) for number in range(samples) for kind in times]
            random.Random(1).shuffle(tries)
            for kind, number in tries:
                times[kind].append(refused_after(server.port, f"{kind}{number}@example.com"))
    known, unknown = (statistics.median(values) for values in times.values())
    print(f"| refused login, median of {samples} | account exists | it does not | ratio |\n| --- | --- | --- | --- |")
    print(f"| milliseconds | {known:.1f} | {unknown:.1f} | {known / unknown:.3f} |")


if __name__ == "__main__":
    main()
