"""Stopped at any moment, `bastion new` leaves a complete project or none, and nothing else."""

import random
import shutil
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from operator import itemgetter
from pathlib import Path

import pytest

from tests.support.checkout import ROOT
from tests.support.commands import BASTION, Finished, environment, git, run, started, succeed
from tests.support.gits import git_that_at
from tests.support.sandboxes import Sandbox, ended, signal_group

if sys.platform == "win32":
    pytest.skip("a console's Ctrl-C cannot be sent to one process there", allow_module_level=True)

SEED = 20261125
AT_ONCE = 2
LONGEST_PAUSE_SECONDS = 0.1
NEW = ("new", "project", "--defaults")
RENDERED = (*NEW, "--no-git", "--no-install")
COMMITTED = (*NEW, "--no-install")
INSTALLED = NEW
SWALLOWED = """
import signal, sys, time, typer, weakref
from bastion.cli.telling import one_line_per_problem

class Thing: pass

try:
    with one_line_per_problem():
        thing = Thing()
        reference = weakref.ref(thing, lambda gone: signal.raise_signal(signal.SIGINT))
        del thing
        for _ in range(50):
            time.sleep(0.1)
except typer.Exit as end:
    sys.exit(end.exit_code)
"""
UV_BEGINS = ("Using ", "Creating ", "Resolved ")
UNFINISHED = {".venv", "uv.lock"}
"""What `uv sync` mends."""


def moments(number: int, seconds: float) -> list[float]:
    """Spread moments over a duration, each at random in its own share of it."""
    chance = random.Random(SEED)
    return [seconds * (index + chance.random()) / number for index in range(number)]


def names_in(project: Path) -> set[str]:
    tops = (path for path in project.iterdir() if path.name not in {".git", *UNFINISHED})
    return {path.relative_to(project).as_posix() for top in tops for path in (top, *top.rglob("*"))}


class Interruptions:
    """Runs of one command, each in a place of its own, stopped at its own moment."""

    def __init__(self, folder: Path, command: tuple[str, ...]) -> None:
        self.folder = folder
        self.command = command
        # The first ones fill caches, and take longer than any that follows.
        self.whole, self.seconds = min((self._measured("first"), self._measured("second")), key=itemgetter(1))

    def _measured(self, name: str) -> tuple[set[str], float]:
        """Run undisturbed, beside as many as there will be; give what is made, and how long it takes."""
        places = [Sandbox.below(self.folder / f"{name}-undisturbed-{number}") for number in range(AT_ONCE)]
        started = time.monotonic()
        with ThreadPoolExecutor(AT_ONCE) as pool:
            ends = list(pool.map(lambda place: place.run(*self.command), places))
        seconds = time.monotonic() - started
        assert [end.returncode for end in ends] == [0] * AT_ONCE, ends
        return names_in(places[0].home / "project"), seconds

    def stopped(self, number: int, stop: signal.Signals, *, impatient: bool = False) -> None:
        """Stop this number of runs, and look at what each leaves."""
        one = partial(self._stopped, stop=stop, impatient=impatient)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            stopped = sum(pool.map(one, range(number), moments(number, self.seconds)))
        # Else the moments were badly chosen, and nothing was shown.
        assert stopped >= number // 3

    def _stopped(self, index: int, moment: float, *, stop: signal.Signals, impatient: bool) -> bool:
        place = Sandbox.below(self.folder / f"{stop.name}-{index}")
        child = place.start(*self.command)
        for pause in (moment, *(moments(1, LONGEST_PAUSE_SECONDS) * impatient)):
            time.sleep(pause)
            signal_group(child, stop)
        end = ended(child)
        self._look(place, end, stop, f"{stop.name} after {moment:.3f} s of {self.seconds:.3f}")
        shutil.rmtree(place.home.parent)
        return end.returncode != 0

    def _look(self, place: Sandbox, end: Finished, stop: signal.Signals, when: str) -> None:
        # uv keeps the files by which its processes wait for each other, also when nobody stops it.
        assert [path.name for path in place.temporary.iterdir() if not path.match("uv-*.lock")] == [], when
        assert [path.name for path in place.home.iterdir()] in ([], ["project"]), when
        project = place.home / "project"
        if project.exists():
            assert names_in(project) == self.whole, when
            if "--no-git" not in self.command:
                assert git(project, "status", "--porcelain", "--untracked-files=no") == "", when
        else:
            # Before its first line Python is stopped in its own way.
            assert end.returncode in {128 + stop, -stop, 1}, (when, end)
        if end.returncode == 128 + stop:
            before = end.stderr.removesuffix("bastion: stopped\n")
            # It says nothing while it still reads its flags, and uv speaks only where there is something to install.
            assert before == "" or (project.exists() and before.startswith(UV_BEGINS)), (when, before)
            assert "Traceback" not in before, (when, before)


@pytest.mark.long
@pytest.mark.parametrize(
    ("command", "number", "impatient"),
    [(RENDERED, 40, False), (RENDERED, 30, True), (COMMITTED, 20, False), (INSTALLED, 10, False)],
    ids=["rendering", "rendering, by an impatient person", "with a first commit", "with an installation"],
)
def test_control_c_at_any_moment(tmp_path: Path, command: tuple[str, ...], number: int, *, impatient: bool) -> None:
    Interruptions(tmp_path, command).stopped(number, signal.SIGINT, impatient=impatient)


@pytest.mark.long
@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGHUP], ids=lambda stop: stop.name)
def test_a_machine_that_goes_down_or_a_terminal_that_is_closed(tmp_path: Path, stop: signal.Signals) -> None:
    Interruptions(tmp_path, COMMITTED).stopped(6, stop)


@pytest.mark.parametrize("stride", ["5", pytest.param("1", marks=pytest.mark.long)], ids=["every fifth", "every one"])
def test_control_c_between_two_instructions_of_the_way_into_place(tmp_path: Path, stride: str) -> None:
    """Where a moment at random would have to be very lucky; the rendering itself is a made-up one."""
    tried = succeed(sys.executable, "-m", "tests.support.stopped_at_each_step", str(tmp_path), stride, cwd=ROOT)

    assert int(tried) * int(stride) > 2500


@pytest.mark.parametrize("stop", ["INT", "HUP"])
@pytest.mark.parametrize(("spared", "left"), [(True, ["project"]), (False, [])], ids=["spared", "not spared"])
def test_what_a_background_job_or_nohup_spares_is_not_stopped(
    tmp_path: Path, stop: str, left: list[str], *, spared: bool
) -> None:
    place = Sandbox.below(tmp_path)
    stopping = environment({"TMPDIR": str(place.temporary), **git_that_at("commit", f"kill -{stop} $PPID", tmp_path)})
    asks = f'trap "" {stop}; ' if spared else ""

    finished = started("sh", "-c", f'{asks}exec "$@"', "sh", *BASTION, *COMMITTED, cwd=place.home, env=stopping)

    assert (finished.returncode == 0) == spared, finished.stderr
    assert [path.name for path in place.home.iterdir()] == left


def test_control_c_is_heard_where_python_swallows_exceptions() -> None:
    finished = run(sys.executable, "-c", SWALLOWED, cwd=ROOT)

    assert (finished.returncode, finished.stderr, finished.stdout) == (130, "bastion: stopped\n", "")
