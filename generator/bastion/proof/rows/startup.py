"""The render as its users run it: migrated and served on a real socket, with the servers its `.env` asks for.

What nothing of a test's may hide: the settings of `.env`, the command that serves, the migrations, and whether a
request meets the defences that are installed.
"""

import http.client
import json
import re
import signal
import sys
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import bastion.proof.servers
from bastion.proof.inside.bastion_guards import MADE, MET
from bastion.proof.rows.commands import GRACE_SECONDS, KILL, Commands

if TYPE_CHECKING:
    import subprocess

READY, MAP = "/health/ready", "/openapi.json"
STARTS_WITHIN_SECONDS = 60.0

# On Windows nobody can be asked to end, and who is ended says 1.
_ENDS_WELL = (0, 1) if sys.platform == "win32" else (0, -signal.SIGTERM)

_MANAGE = ("-m", "app.manage")
_SETTING = re.compile(r"^(?P<name>[A-Z][A-Z0-9_]*)=(?P<scheme>[a-z][a-z0-9]*)(?P<driver>\+[a-z0-9]+)?://", re.MULTILINE)
_URL = re.compile(r"^[a-z]+://\S+$", re.MULTILINE)
_LISTENS = re.compile(r"running on http://127\.0\.0\.1:(\d+)\s")
_PARAMETER = re.compile(r"\{[^}]*\}")
_METHODS = ("get", "post", "put", "patch", "delete")
_ERROR = re.compile(
    r"""^(?!.*\bsecurity"?[=:]\ ?true)(?:  # a defence that tells of our stranger is at work
        (?:\d{4}-\S+\ (?:\d\S+\ )?)?\[?(?:error|critical)\b  # for people, with a time or not
        | .*"level":\ ?"(?:error|critical)"  # for machines
        | Traceback\ \(most  # Python's
    ).*""",
    re.MULTILINE | re.IGNORECASE | re.VERBOSE,
)
"""A line of a log that tells of an error."""

_ANY_ID = "00000000-0000-0000-0000-000000000000"


class Complaint(Exception):  # noqa: N818 - it is told to people, and "error" tells them nothing
    """The render does not start, or not as it should."""

    def __init__(self, message: str, output: str = "") -> None:
        """Keep what is wrong, and what was printed last."""
        super().__init__(message)
        self.output = output


@dataclass(frozen=True)
class Place:
    """Where a render runs, and with what."""

    project: Path
    room: Path
    """For logs and for what its servers write."""

    python: str
    env: Mapping[str, str]
    commands: Commands


def start(place: Place, seen: Path, guards: Collection[str]) -> None:
    """Migrate, serve, ask for readiness, and as a stranger for everything that is closed.

    Args:
        place: The render.
        seen: Where the server writes down which guards were made and met.
        guards: All that the render has; each of them must have been met.

    Raises:
        Complaint: something is not as it should be.
    """
    with ExitStack() as stack:
        settings = dict(stack.enter_context(_server(place, wanted)) for wanted in _wanted(place.project))
        env = {**place.env, **settings, "BASTION_SEEN": str(seen)}
        migrated = place.commands.run(
            (place.python, *_MANAGE, "migrate"), cwd=place.project, env=env, log=place.room / "migrate.log"
        )
        if migrated.code:
            raise Complaint("python -m app.manage migrate fails", migrated.last_lines())
        seen.write_text("", encoding="utf-8")
        with _serving(place, env) as port:
            _refused_to_strangers(port)
    _every_guard_was_met(seen, guards)


def _wanted(project: Path) -> Iterator[tuple[str, str, Path]]:
    """Yield each setting whose URL asks for a server that we can give, its scheme as written, and our program."""
    env_file = project / ".env"
    programs = Path(bastion.proof.servers.__file__).parent
    for match in _SETTING.finditer(env_file.read_text(encoding="utf-8") if env_file.is_file() else ""):
        program = programs / f"{match['scheme']}.py"
        if program.is_file():
            yield match["name"], match["scheme"] + (match["driver"] or ""), program


@contextmanager
def _server(place: Place, wanted: tuple[str, str, Path]) -> Iterator[tuple[str, str]]:
    name, scheme, program = wanted
    folder = place.room / name.lower()
    folder.mkdir()
    folder.chmod(0o755)
    log = place.room / f"{name.lower()}.log"
    command = (place.python, str(program))
    with _running(place.commands, command, folder, place.env, log) as process:
        (url, *_) = _wait_until(lambda: _URL.findall(_said(log)), process, log, f"{name}'s server")
        yield name, re.sub(r"^[a-z]+(?=://)", scheme, url)


@contextmanager
def _serving(place: Place, env: Mapping[str, str]) -> Iterator[int]:
    # It takes a port itself and says which: one that was found free may be another row's by then.
    command = (place.python, *_MANAGE, "serve", "--port", "0")
    log = place.room / "serve.log"
    with _running(place.commands, command, place.project, env, log) as process:
        port = int(_wait_until(lambda: _LISTENS.search(_said(log)), process, log, "the server")[1])
        _wait_until(lambda: _ask(port, "GET", READY)[0] == http.client.OK, process, log, READY)
        try:
            yield port
            if _has_ended(process):
                raise Complaint("the server has ended while it was asked")  # noqa: TRY301 - told with its last lines
        except Complaint as complaint:
            raise Complaint(str(complaint), _last_lines(log)) from complaint
    if process.returncode == -KILL:
        raise Complaint(f"the server does not end within {GRACE_SECONDS:.0f} s of SIGTERM", _last_lines(log))
    if process.returncode not in _ENDS_WELL:
        raise Complaint(f"the server ends with {process.returncode} when it is told to", _last_lines(log))
    if error := _ERROR.search(_said(log)):
        raise Complaint(f"the server logs an error: {error[0]}", _last_lines(log))


@contextmanager
def _running(
    commands: Commands,
    command: tuple[str, ...],
    cwd: Path,
    env: Mapping[str, str],
    log: Path,
) -> Iterator["subprocess.Popen[bytes]"]:
    process = commands.start(command, cwd=cwd, env=env, log=log)
    try:
        yield process
    finally:
        commands.end(process)


def _wait_until(come: Callable[[], Any], process: "subprocess.Popen[bytes]", log: Path, what: str) -> Any:  # noqa: ANN401 - whatever came
    give_up = time.monotonic() + STARTS_WITHIN_SECONDS
    while time.monotonic() < give_up:
        if arrived := come():
            return arrived
        if _has_ended(process):
            raise Complaint(f"{what}: the process has ended before it was there", _last_lines(log))
        time.sleep(0.05)
    raise Complaint(f"{what}: not there within {STARTS_WITHIN_SECONDS:.0f} s", _last_lines(log))


def _has_ended(process: "subprocess.Popen[bytes]") -> bool:
    """Say whether a process has ended, and leave its end to whoever waits for it."""
    if sys.platform == "win32":
        return process.poll() is not None
    import os  # noqa: PLC0415 - `waitid` is not everywhere

    return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _ask(port: int, method: str, path: str) -> tuple[int, bytes]:
    """Send a request without any credential; the status is 0 when nobody answers."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        try:
            connection.request(method, path)
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            return 0, b""


def _refused_to_strangers(port: int) -> None:
    """Ask for everything that the application's own map calls closed, as nobody in particular."""
    status, content = _ask(port, "GET", MAP)
    if status != http.client.OK:
        raise Complaint(f"GET {MAP} answers {status}: the map of the API is not there")
    closed = list(_closed(json.loads(content)))
    if not closed:
        raise Complaint(f"{MAP} knows nothing that asks for a credential")
    for method, path in closed:
        status, _ = _ask(port, method, path)
        if status != http.client.UNAUTHORIZED:
            raise Complaint(f"{method} {path} answers {status} to a stranger, not 401")


def _closed(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    everywhere = document.get("security", [])
    for path, operations in document["paths"].items():
        for method in _METHODS:
            if method in operations and operations[method].get("security", everywhere):
                yield method.upper(), _PARAMETER.sub(_ANY_ID, path)


def _every_guard_was_met(seen: Path, guards: Collection[str]) -> None:
    """Look at what the real server did: a guard that only tests install, or that stands aside, guards nothing."""
    lines = [line.partition(" ") for line in seen.read_text(encoding="utf-8").splitlines()]
    made, met = ({name for what, _, name in lines if what == which} for which in (MADE, MET))
    for name in sorted({*made, *guards} - met):
        how = "made it" if name in made else "did not make it"
        raise Complaint(f"{name} is never reached: the server {how}, and no request came to it")


def _last_lines(log: Path) -> str:
    return "\n".join(_said(log).rstrip().splitlines()[-40:])


def _said(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")
