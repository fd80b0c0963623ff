"""Rows, several at a time: begun, shown, stopped, and nothing left behind."""

import os
import shlex
import signal
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Lock
from types import FrameType

from bastion.proof.matrix import Row as Wanted
from bastion.proof.rows.commands import Commands
from bastion.proof.rows.environments import Environments
from bastion.proof.rows.outcome import Outcome
from bastion.proof.rows.places import cache_folder, forget_what_nobody_uses, variables
from bastion.proof.rows.row import Row, Workshop
from bastion.proof.rows.store import Store, fingerprint_of_the_prover
from bastion.proof.screen import Screen
from bastion.space.space import Space
from bastion.template import published

_LOOK_UP_SECONDS = 0.5


@dataclass(frozen=True, kw_only=True)
class Way:
    """How rows are to be proven."""

    root: Path
    """The folder of the template."""

    again: str
    """The command that proves a row again, but for its answers, as a shell takes it."""

    jobs: int | None
    keep_going: bool
    use_cache: bool
    cache: Path | None


@dataclass(frozen=True)
class Proven:
    """What a run has shown."""

    outcomes: Sequence[Outcome]
    why: Mapping[str, Sequence[str]]
    """Of every row that was wanted, by its name, why it was."""

    @property
    def passed(self) -> bool:
        """True when every row that was wanted has passed."""
        return len(self.outcomes) == len(self.why) and all(outcome.passed for outcome in self.outcomes)


def prove_rows(way: Way, space: Space, rows: Sequence[Wanted]) -> Proven:
    """Prove rows, and show how it goes.

    Args:
        way: How.
        space: What may be answered.
        rows: Which.
    """
    cache = cache_folder(way.cache)
    screen = Screen(len(rows))
    # A row's render, lint, types and start use one core, whatever it is given; so several rows share the cores.
    jobs = min(way.jobs or len(_cores()), len(rows))
    screen.say(f"{len(rows)} of {space.count()} valid combinations, {jobs} at a time")
    forget_what_nobody_uses(cache)
    env = variables(os.environ)
    commands = Commands()
    with _interruptible() as interruption, _folder() as folder, published(way.root) as template:
        # Copier takes a snapshot of the environment when it is imported.
        from bastion.proof.rows.rendering import Renderer

        workshop = Workshop(
            renderer=Renderer(template, way.root),
            environments=Environments(cache, commands, env),
            commands=commands,
            store=Store(cache, used=way.use_cache),
            prover=fingerprint_of_the_prover(),
            env=env,
            processes=max(1, len(_cores()) // jobs),
            folder=folder,
            given_servers=Lock(),
        )
        with screen.shown():
            return _prove_all(way, workshop, space, rows, screen, jobs, interruption)


def _prove_all(  # noqa: PLR0913, PLR0917 - what a run is made of
    way: Way,
    workshop: Workshop,
    space: Space,
    rows: Sequence[Wanted],
    screen: Screen,
    jobs: int,
    interruption: Event,
) -> Proven:
    outcomes: list[Outcome] = []
    with _pool(jobs, workshop.commands) as pool:
        futures = {}
        for row in rows:
            id_ = space.id_of(row.combination)
            futures[pool.submit(Row(workshop, id_, row.combination, screen.doing(id_)).prove)] = row.combination
        for future in _as_they_end(futures, interruption):
            outcomes.append(future.result())
            screen.done(outcomes[-1], reproduction(way, futures[future]))
            if not (outcomes[-1].passed or way.keep_going):
                break
    if left := len(rows) - len(outcomes):
        screen.say(f"stopped at the first that failed: {left} not proven; --keep-going goes on")
    return Proven(outcomes, {space.id_of(row.combination): row.why for row in rows})


def reproduction(way: Way, row: Mapping[str, object]) -> str:
    """Return the one command that proves a row again."""
    only = ["--only" if flag == "--data" else flag for flag in Space.flags_of(row)]
    return f"{way.again} {shlex.join(only)}"


@contextmanager
def _pool(jobs: int, commands: Commands) -> Iterator[ThreadPoolExecutor]:
    """Run rows in threads, each kept to its share of the cores, and leave none of their commands running."""
    pool = ThreadPoolExecutor(jobs, initializer=_keep_to_next, initargs=(iter(_shares(_cores(), jobs)),))
    try:
        yield pool
    finally:
        # A second Ctrl-C must not keep us from ending what runs.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        pool.shutdown(wait=False, cancel_futures=True)
        commands.stop()
        pool.shutdown(wait=True)


def _as_they_end(futures: Iterable[Future[Outcome]], interruption: Event) -> Iterator[Future[Outcome]]:
    """Yield futures as they end; raise KeyboardInterrupt when somebody wants us to end."""
    open_ = set(futures)
    while open_:
        ended, open_ = wait(open_, timeout=_LOOK_UP_SECONDS, return_when=FIRST_COMPLETED)
        # Python loses an exception that a handler raises while it collects garbage.
        if interruption.is_set():
            raise KeyboardInterrupt
        yield from ended


@contextmanager
def _interruptible() -> Iterator[Event]:
    """Take SIGTERM, which CI sends, for Ctrl-C; afterwards both mean what they meant."""
    interruption = Event()

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        interruption.set()
        raise KeyboardInterrupt

    # A shell that starts us in the background has SIGINT ignored; who sends it all the same means it.
    before = {number: signal.signal(number, interrupt) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield interruption
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _folder() -> Iterator[Path]:
    with TemporaryDirectory(prefix="bastion-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def _cores() -> Sequence[int]:
    if sys.platform == "linux":
        return sorted(os.sched_getaffinity(0))
    return range(os.cpu_count() or 1)


def _shares(cores: Sequence[int], jobs: int) -> list[Sequence[int]]:
    """Give each job its cores, or the one that it shares where there are more jobs than cores."""
    return [cores[job % len(cores) :: jobs] for job in range(jobs)]


def _keep_to_next(shares: Iterator[Sequence[int]]) -> None:
    """Keep this thread and what it starts to the next share.

    A render hands over between its loop and its database thousands of times a second. From one core to another, that
    costs several times as much, and a row with it a fifth more.
    """
    if sys.platform == "linux":
        os.sched_setaffinity(0, next(shares))
