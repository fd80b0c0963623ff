"""What all defences together cost one authenticated request, and what each guard's share is.

    uv run python benchmarks/defences.py [--rounds N]

A project with everything (both carriers, roles, CORS) is rendered with limits in memory and in Redis. `GET /users/me`
is asked as a program (bearer) and as a page (cookie), against the one-query route of a bare FastAPI on the same
database. Then the same project runs without one guard after the other. As in `serving.py`, CPU time per request is
compared in interleaved rounds and the median of the ratios is quoted.
"""

import argparse
import http.client
import json
import os
import statistics
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from rendered import UNLIMITED, database_url, free_port, render
from serving import PASSWORD, WARM_UP, Server, serving

EMAIL = "person@example.com"
GUARDS = ("hosts", "cors", "body_limit", "rate_limit", "cookies", "headers")


@contextmanager
def redis_of(project: Path, folder: Path) -> Iterator[str]:
    """Run the server that the project's own tests use; yield its URL."""
    find = "from tests.support.redis import server_binary; print(server_binary())"
    python = project / ".venv" / "bin" / "python"
    binary = subprocess.run(
        [python, "-c", find], cwd=project, check=True, capture_output=True, text=True
    ).stdout.strip()
    port = free_port()
    flags = ["--port", str(port), "--save", "", "--dir", str(folder)]
    with subprocess.Popen([binary, *flags], stdout=subprocess.DEVNULL) as server:
        try:
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            server.terminate()


def asked(port: int, method: str, path: str, body: str = "", **headers: str) -> http.client.HTTPResponse:
    """Send one request; return the answer, read."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request(
        method, path, body=body or None, headers={key.replace("_", "-"): headers[key] for key in headers}
    )
    answer = connection.getresponse()
    assert answer.status < 300, (path, answer.status, answer.read())
    return answer


def as_program(server: Server) -> dict[str, str]:
    """Log in; return the header that a program sends."""
    form = f"grant_type=password&username={EMAIL}&password={PASSWORD.replace(' ', '+')}"
    tokens = server.post("/auth/token", form, "application/x-www-form-urlencoded")
    return {"Authorization": f"Bearer {tokens['access_token']}"}


def as_page(server: Server) -> dict[str, str]:
    """Log in; return the header that a browser sends."""
    before = asked(server.port, "GET", "/auth/csrf")
    token = json.loads(before.read())["csrf_token"]
    answer = asked(
        server.port,
        "POST",
        "/auth/login",
        json.dumps({"email": EMAIL, "password": PASSWORD}),
        Content_Type="application/json",
        X_CSRF_Token=token,
        Cookie=(before.headers["Set-Cookie"] or "").partition(";")[0],
    )
    return {"Cookie": (answer.headers["Set-Cookie"] or "").partition(";")[0]}


def kept(ours: Server, bare: Server, headers: Mapping[str, str], rounds: int) -> float:
    """Return the median share of the bare route's speed that is left."""
    ours.ask("/users/me", headers, WARM_UP)
    bare.ask("/one-query", {}, WARM_UP)
    return statistics.median(bare.ask("/one-query") / ours.ask("/users/me", headers) for _ in range(rounds))


def cost(whole: Server, thinned: Server, headers: Mapping[str, str], rounds: int) -> float:
    """Return what the whole application takes more than the thinned one, as a share of the whole."""
    thinned.ask("/users/me", headers, WARM_UP)
    return statistics.median(
        1 - thinned.ask("/users/me", headers) / whole.ask("/users/me", headers) for _ in range(rounds)
    )


def measure(database: str, limit: str, rounds: int) -> list[str]:
    """Render one project, run it whole and thinned, and return the table's rows."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        answers = {"auth": "both", "features": "[rbac, cors]", "rate_limit": limit, "ci": "none"}
        project = render(folder / "project", database=database, **answers)
        environment = {**os.environ, **UNLIMITED, "VIRTUAL_ENV": ""}
        environment |= {"DATABASE_URL": stack.enter_context(database_url(database, folder))}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        if limit == "redis":
            environment["REDIS_URL"] = stack.enter_context(redis_of(project, folder))
        migrate = [project / ".venv" / "bin" / "python", "-m", "app.manage", "migrate"]
        subprocess.run(migrate, cwd=project, env=environment, check=True, capture_output=True)
        whole = stack.enter_context(serving(project, "thinned:app", environment))
        made = whole.post("/auth/register", json.dumps({"email": EMAIL, "password": PASSWORD}), "application/json")
        bare = stack.enter_context(serving(project, "bare:app", {**environment, "BENCHMARK_USER": made["id"]}))
        program, page = as_program(whole), as_page(whole)
        shares = [f"{kept(whole, bare, headers, rounds):.2f}" for headers in (program, page)]
        rows = [f"| {database} | {limit} | `GET /users/me` keeps of `/one-query` | {shares[0]} | {shares[1]} |"]
        for guard in GUARDS:
            with serving(project, "thinned:app", {**environment, "BENCHMARK_WITHOUT": guard}) as thinned:
                shares = [f"{cost(whole, thinned, program, rounds):.1%}"]
                shares += ["-" if guard == "cookies" else f"{cost(whole, thinned, page, rounds):.1%}"]
            rows.append(
                f"| {database} | {limit} | the share of `{guard}` in that request | {shares[0]} | {shares[1]} |"
            )
        return rows


def main() -> None:
    """Measure each combination and print one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="postgresql")
    given = parser.parse_args()
    print("| database | limits | what | bearer | cookie |\n| --- | --- | --- | --- | --- |")
    for limit in ("memory", "redis"):
        print("\n".join(measure(given.database, limit, given.rounds)), flush=True)


if __name__ == "__main__":
    main()
