"""One combination, from its rendering to its end."""

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import TYPE_CHECKING

import bastion.proof.inside
from bastion.problems import Problem
from bastion.proof.inside.bastion_guards import PACKAGE, guards_in
from bastion.proof.rows.commands import Commands, Finished, end_all_in
from bastion.proof.rows.environments import Environment, Environments, NotInstalled
from bastion.proof.rows.outcome import Outcome, Step
from bastion.proof.rows.places import GIVEN_SERVERS, without_settings
from bastion.proof.rows.startup import Complaint, Place, start
from bastion.proof.rows.store import Store, joined
from bastion.proof.rows.suite import PLUGIN, Suite
from bastion.space.space import Combination

if TYPE_CHECKING:
    # Imported, it imports Copier, which must wait for its environment.
    from bastion.proof.rows.rendering import Renderer

_INSIDE = str(Path(bastion.proof.inside.__file__).parent)

_CHECKS: Mapping[str, tuple[str, ...]] = {
    "lint": ("ruff", "check"),
    "format": ("ruff", "format", "--check"),
    "types": ("pyrefly", "check"),
}

_BRIEFLY = {"RUFF_OUTPUT_FORMAT": "concise"}
"""A line for each complaint: of longer ones the last lines, which are kept, do not hold the name of the file."""

_CANNOT_START = 127
"""What a shell says of a program that is not there."""


@dataclass(frozen=True, kw_only=True)
class Workshop:
    """What all rows share."""

    renderer: "Renderer"
    environments: Environments
    commands: Commands
    store: Store
    prover: str
    """What stands for the prover's own source."""

    env: Mapping[str, str]
    processes: int
    """How many processes a row's pytest may use."""

    folder: Path
    """Where rows have their rooms."""

    given_servers: Lock
    """Held by the row that uses servers which are given: the tests of two rows would empty each other's tables."""


class Row:
    """A combination that is proven."""

    def __init__(self, workshop: Workshop, id_: str, combination: Combination, report: Callable[[str], None]) -> None:
        """Name it; `report` hears what it is doing."""
        self._workshop = workshop
        self._id = id_
        self._combination = combination
        self._report = report
        self._steps: list[Step] = []
        self._notes = Outcome(id=id_, answers=combination.as_data(), steps=())

    def prove(self) -> Outcome:
        """Do everything; a step that fails does not keep the others from being told."""
        with _room(self._workshop.folder) as room:
            self._prove_in(room)
        self._workshop.commands.must_go_on()
        return replace(self._notes, steps=tuple(self._steps))

    def _prove_in(self, room: Path) -> None:
        project = room / "project"
        with self._step("render") as done:
            try:
                self._workshop.renderer.render(self._combination.as_data(), project)
            except Problem as problem:
                done.fail(str(problem))
        if not done.failed:
            self._check(project, room)

    def _check(self, project: Path, room: Path) -> None:
        key = environment = None
        rendered = self._workshop.renderer.fingerprint(project)
        with self._step("install") as done:
            try:
                wanted = self._workshop.environments.lock(project, room)
                key = joined(rendered, wanted, self._workshop.prover, *map(self._given, GIVEN_SERVERS))
                if found := self._workshop.store.find(key):
                    self._notes, self._steps[:] = found, found.steps
                    done.forget()
                    return
                environment = self._workshop.environments.install(project, wanted, room)
            except NotInstalled as failure:
                done.fail("uv cannot install what it declares", failure.finished)
        if environment and key:
            self._hold_to_its_own_standards(project, room, environment)
            self._workshop.store.keep(key, replace(self._notes, steps=tuple(self._steps)))

    def _given(self, name: str) -> str:
        return self._workshop.env.get(name, "")

    def _hold_to_its_own_standards(self, project: Path, room: Path, environment: Environment) -> None:
        made = datetime.now(UTC).isoformat(timespec="seconds")
        self._notes = replace(self._notes, made=made, python=environment.python)
        env = environment.activated({**without_settings(self._workshop.env, project), "TMPDIR": str(room / "t")})
        for name, command in _CHECKS.items():
            self._run(name, command, project, room, environment, {**env, **_BRIEFLY})
        watched = {**env, "PYTHONPATH": _INSIDE, "BASTION_NOTES": str(room / "notes")}
        with self._servers_to_itself():
            self._test(project, room, environment, watched)
        self._start(Place(project, room, environment.program("python"), watched, self._workshop.commands))
        self._look_for_processes(room)

    @contextmanager
    def _servers_to_itself(self) -> Iterator[None]:
        with self._workshop.given_servers if any(map(self._given, GIVEN_SERVERS)) else contextlib.nullcontext():
            yield

    def _run(  # noqa: PLR0913, PLR0917 - a command and where it runs
        self,
        name: str,
        command: Sequence[str],
        project: Path,
        room: Path,
        environment: Environment,
        env: Mapping[str, str],
    ) -> Finished:
        with self._step(name) as done:
            program = environment.program(command[0])
            try:
                finished = self._workshop.commands.run(
                    (program, *command[1:]), cwd=project, env=env, log=room / f"{name}.log"
                )
            except OSError as error:
                finished = Finished(_CANNOT_START, f"{program}: {error.strerror}")
            if finished.code:
                done.fail(f"{' '.join(command)} ends with {finished.code}", finished)
        return finished

    def _test(self, project: Path, room: Path, environment: Environment, env: Mapping[str, str]) -> None:
        command = ("pytest", *PLUGIN, *self._processes(project))
        finished = self._run("tests", command, project, room, environment, env)
        suite = Suite.read(project, room / "notes")
        self._notes = replace(self._notes, tests=suite.passed, skipped=suite.skipped, slowest=suite.slowest)
        if finished.code == 0 or suite.tests:
            self._judge("test files", list(suite.complaints()))

    def _processes(self, project: Path) -> Sequence[str]:
        if not _has_xdist(project):
            return ()
        # One process beside the one that only hands out tests would be one more to start, for nothing.
        return ("-n", str(self._workshop.processes if self._workshop.processes > 1 else 0))

    def _start(self, place: Place) -> None:
        guards = list(guards_in(place.project / PACKAGE))
        self._notes = replace(self._notes, guards=guards)
        with self._step("start-up") as done:
            try:
                start(place, place.room / "seen", guards)
            except Complaint as complaint:
                done.fail(str(complaint))
                done.output = complaint.output

    def _look_for_processes(self, room: Path) -> None:
        self._judge("processes", [f"left running: {name}" for name in end_all_in(room)])

    def _judge(self, name: str, complaints: Sequence[str]) -> None:
        with self._step(name) as done:
            if complaints:
                more = f" (and {len(complaints) - 1} more)" if len(complaints) > 1 else ""
                done.fail(f"{complaints[0]}{more}")
                done.output = "\n".join(complaints)

    @contextmanager
    def _step(self, name: str) -> Iterator["_Doing"]:
        self._report(name)
        doing, began, spent = _Doing(), time.monotonic(), self._workshop.commands.spent
        yield doing
        if not doing.forgotten:
            seconds, cpu_seconds = time.monotonic() - began, self._workshop.commands.spent - spent
            self._steps.append(doing.as_step(name, seconds, cpu_seconds))


class _Doing:
    """A step while it is done."""

    def __init__(self) -> None:
        self.message, self.output, self.forgotten = "", "", False

    @property
    def failed(self) -> bool:
        return bool(self.message)

    def fail(self, message: str, finished: Finished | None = None) -> None:
        self.message = message
        self.output = finished.last_lines() if finished else ""

    def forget(self) -> None:
        self.forgotten = True

    def as_step(self, name: str, seconds: float, cpu_seconds: float) -> Step:
        return Step(
            name=name,
            passed=not self.failed,
            seconds=round(seconds, 3),
            cpu_seconds=round(cpu_seconds, 3),
            message=self.message,
            output=self.output,
        )


def _has_xdist(project: Path) -> bool:
    return 'name = "pytest-xdist"' in (project / "uv.lock").read_text(encoding="utf-8")


@contextmanager
def _room(folder: Path) -> Iterator[Path]:
    """Give a row a folder, and leave neither the folder nor a process in it."""
    with TemporaryDirectory(prefix="r", dir=folder, ignore_cleanup_errors=True) as name:
        room = Path(name).resolve()
        # Started by root, PostgreSQL runs as another user, below our folder for temporary files.
        room.chmod(0o755)
        for inner in ("t", "notes"):
            (room / inner).mkdir(mode=0o755)
        try:
            yield room
        finally:
            end_all_in(room)
