"""The command beside two that render FastAPI projects too: their help, their rendering, and the way to green tests.

    uv run python benchmarks/rivals.py [--rounds N] [--python PROGRAM]

Each command lives in an environment of its own in a temporary folder, ours installed from its wheel. All take their
turn in each round; a round before them fills the caches and does not count. The options are those that come nearest to
each other. What cannot be compared here is said below the tables, by name.
"""

import argparse
import os
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rendered import ROOT

OURS, TEMPLATE, FULLSTACK = "fastapi-bastion", "fastapi-template", "fastapi-fullstack"
PACKAGES = {TEMPLATE: "fastapi-template==6.1.2", FULLSTACK: "fastapi-fullstack==0.2.21"}
PROJECT = "shop"
PERSONAL = ("VIRTUAL_ENV", "PYTHONDONTWRITEBYTECODE", "UV_PROJECT_ENVIRONMENT")
NOT_COMPARED = f"""
Not compared, because it cannot be run here:
- {TEMPLATE} on PostgreSQL: its tests want a server that its docker-compose.yml starts.
- {FULLSTACK} on SQLite: it has PostgreSQL only, and its tests put a mock in the place of that.
- what both start with Docker, and the web pages of {FULLSTACK}.
"""


@dataclass(frozen=True)
class Spent:
    """Seconds: on the clock, and of the processors."""

    clock: float
    cpu: float


@dataclass(frozen=True)
class Contestant:
    """How a command is asked for a project without anybody to answer, and how that project's own tests are run."""

    name: str
    new: Sequence[str]
    tests: Sequence[str] | None = ("pytest",)
    inside: str = "."


def contestants(template: Path) -> list[Contestant]:
    """Name all that take part; `template` is a clone of this repository for Copier alone."""
    new = ("bastion", "new", PROJECT, "--defaults", "--no-git", "--no-install", "--data", "auth=both")
    users = ("--add_users", "--jwt-auth", "--cookie-auth", "--migrations", "--dummy", "--routers", "--swagger")
    rest = ("--api-type", "rest", "--db", "sqlite", "--orm", "sqlalchemy", "--ci", "github")
    lean = ("--ai-framework", "none", "--frontend", "none", "--reverse-proxy", "none", "--no-logfire", "--no-docker")
    copier = ("copier", "copy", "--defaults", "--quiet", "--vcs-ref", "HEAD", "--data", "auth=both", str(template))
    return [
        Contestant("ours, SQLite", new),
        Contestant("ours, PostgreSQL", (*new, "--data", "database=postgresql")),
        Contestant("bare `copier copy` of ours, SQLite", (*copier, PROJECT), tests=None),
        Contestant(f"{TEMPLATE}, SQLite", ("fastapi_template", "--quiet", "--name", PROJECT, *rest, *users)),
        Contestant(
            f"{FULLSTACK}, PostgreSQL",
            (FULLSTACK, "create", PROJECT, "--database", "postgresql", "--rate-limiting", "--ci", "github", *lean),
            inside="backend",
        ),
    ]


def install(folder: Path, python: str) -> dict[str, Path]:
    """Give each command an environment of its own; return the folders of their scripts."""
    shell("uv", "build", "--quiet", "--wheel", "--out-dir", str(folder / "dist"), str(ROOT))
    (wheel,) = (folder / "dist").glob("*.whl")
    scripts = {}
    for name, package in {OURS: str(wheel), **PACKAGES}.items():
        shell("uv", "venv", "--quiet", "--python", python, str(folder / name))
        scripts[name] = folder / name / "bin"
        shell("uv", "pip", "install", "--quiet", "--python", str(scripts[name] / "python"), package)
    return scripts


def shell(*command: str) -> None:
    """Run a preparation."""
    subprocess.run(command, check=True, cwd=ROOT)


class Track:
    """Where they run: all see the same machine, the same caches and the same Python, and none of ours in the PATH."""

    def __init__(self, scripts: Sequence[Path], python: str) -> None:
        """Set the environment.

        Args:
            scripts: The folders of the commands.
            python: The Python of the projects.
        """
        own = Path(sys.executable).parent
        path = [str(each) for each in scripts]
        path += [each for each in os.environ["PATH"].split(os.pathsep) if Path(each) != own]
        self.env = {name: value for name, value in os.environ.items() if name not in PERSONAL}
        self.env |= {"PATH": os.pathsep.join(path), "UV_PYTHON": python}
        self.uv = shutil.which("uv") or "uv"
        self.said = ""

    def run(self, *command: str, cwd: Path) -> Spent:
        """Run what has to succeed, and measure it."""
        before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        where = {"cwd": cwd, "env": self.env, "stdin": subprocess.DEVNULL}
        done = subprocess.run(command, **where, capture_output=True, text=True, check=False)
        clock, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
        self.said = done.stdout
        if done.returncode:
            sys.exit(f"{' '.join(command)}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}")
        return Spent(clock, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def one_way(track: Track, contestant: Contestant, folder: Path) -> tuple[list[Spent], int]:
    """Go from an empty folder to green tests; return what each stage took, and how many tests there were."""
    stages = [track.run(*contestant.new, cwd=folder)]
    project, passed = folder / PROJECT / contestant.inside, 0
    if contestant.tests:
        stages.append(track.run(track.uv, "sync", cwd=project))
        stages.append(track.run(track.uv, "run", "--no-sync", *contestant.tests, cwd=project))
        passed = sum(int(number) for number in re.findall(r"(\d+) passed", track.said))
    return stages, passed


def ratio(theirs: Sequence[Spent], ours: Sequence[Spent]) -> str:
    """Write the medians of what others took for each second of ours, on the clock and of the processors."""
    pairs = list(zip(theirs, ours, strict=True))
    clock = statistics.median(other.clock / own.clock for other, own in pairs)
    cpu = statistics.median(other.cpu / own.cpu for other, own in pairs)
    return f"{clock:.2f} ({cpu:.2f})"


def total(stages: Sequence[Spent]) -> Spent:
    """Add stages up."""
    return Spent(sum(each.clock for each in stages), sum(each.cpu for each in stages))


def compare_help(track: Track, scripts: dict[str, Path], rounds: int) -> None:
    """Print what help takes, for each second that it takes to import Typer."""
    commands = {
        '`python -c "import typer"`': (str(scripts[OURS] / "python"), "-c", "import typer"),
        "`bastion --help`": ("bastion", "--help"),
        f"{TEMPLATE}": ("fastapi_template", "--help"),
        f"{FULLSTACK}": (FULLSTACK, "--help"),
    }
    taken = [[track.run(*command, cwd=ROOT) for command in commands.values()] for _ in range(rounds + 1)][1:]
    print("\n| help, per `import typer` | clock (CPU) |\n| --- | --- |")
    for number, name in enumerate(commands):
        print(f"| {name} | {ratio([row[number] for row in taken], [row[0] for row in taken])} |")


def compare_ways(track: Track, template: Path, rounds: int, folder: Path) -> None:
    """Print what each stage takes, for each second of ours on SQLite."""
    field = contestants(template)
    taken: dict[str, list[list[Spent]]] = {contestant.name: [] for contestant in field}
    tests: dict[str, int] = {}
    for number in range(rounds + 1):
        for contestant in field:
            with tempfile.TemporaryDirectory(dir=folder) as empty:
                stages, tests[contestant.name] = one_way(track, contestant, Path(empty))
            if number:
                taken[contestant.name].append(stages)
    print("\n| per ours on SQLite, clock (CPU) | render | install | test | all | tests |\n" + "| --- " * 6 + "|")
    first = taken[field[0].name]
    for name, rows in taken.items():
        cells = [ratio([row[stage] for row in rows], [row[stage] for row in first]) for stage in range(len(rows[0]))]
        if len(cells) > 1:
            cells.append(ratio([total(row) for row in rows], [total(row) for row in first]))
        cells += [""] * (4 - len(cells))
        print(f"| {name} | {' | '.join(cells)} | {tests[name] or ''} |")


def main() -> None:
    """Install all, and compare them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--python", default="3.13", help="both others need 3.12 or newer")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="rivals-") as name:
        folder = Path(name)
        scripts = install(folder, given.python)
        shell("git", "clone", "--quiet", str(ROOT), str(folder / "template"))
        track = Track(list(scripts.values()), given.python)
        compare_help(track, scripts, 5 * given.rounds)
        compare_ways(track, folder / "template", given.rounds, folder)
    print(NOT_COMPARED)


if __name__ == "__main__":
    main()
