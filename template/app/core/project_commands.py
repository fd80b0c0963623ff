"""The commands that concern the project as a whole: run it, test it, check it, migrate it, make its secrets."""

import importlib.metadata
import importlib.util
import os
import re
import subprocess
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from app.core.env_file import EnvFile, EnvFileError, new_secret_key
from app.core.log import configure
from app.core.settings import ENV_FILE, Settings, SettingsError
from app.core.start import load_settings
from app.core.terminal import complain, say

ENV_EXAMPLE = Path(".env.example")

_PROTOCOL = "app.core.server:BoundedHttpProtocol"
_SAFE_FLAGS = ("--http", _PROTOCOL, "--no-server-header", "--no-access-log", "--ws", "none", "--lifespan", "on")
"""Without the last, uvicorn takes an error at the start for an application that has none, and serves on."""

_NOT_APPLIED = "The revision stays in migrations/versions: mend or delete it, or the next migrate fails as well."
_LARGEST_PORT = 65_535
_THIS_MACHINE = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True, kw_only=True)
class ProjectCommand:
    """A command that needs no application: its name, a line of help, what it does, its arguments."""

    name: str
    help: str
    run: Callable[[Namespace], int]
    arguments: Callable[[ArgumentParser], object]


def _tool(*arguments: str) -> int:
    return subprocess.call([sys.executable, "-m", *arguments])  # noqa: S603 - no shell, and nothing from outside


def _become(*arguments: str) -> int:
    """Run a tool in the place of this process, so that the signals of a supervisor reach it."""
    if os.name == "posix":
        sys.stdout.flush()
        os.execv(sys.executable, [sys.executable, "-m", *arguments])  # noqa: S606 - no shell, and nothing from outside
    return _tool(*arguments)


def _serve_here(*arguments: str) -> int:
    """Run the server in this process: what it serves is imported by now, and a supervisor's signals reach it.

    It writes its lines as they are configured by now, also above several workers.
    """
    from uvicorn.config import LOGGING_CONFIG  # noqa: PLC0415 - no other command waits for it
    from uvicorn.main import main as uvicorn  # noqa: PLC0415

    LOGGING_CONFIG["loggers"].clear()
    # Workers import the main module first, and one that is still busy with ours would be taken for dead.
    sys.modules["__main__"].__spec__ = importlib.util.find_spec("uvicorn.__main__")
    uvicorn(arguments, standalone_mode=False)
    return 0


def _forget_options_of_the_server() -> None:
    """Forget what the environment says to uvicorn alone: it would go around the settings that are judged."""
    for name in [name for name in os.environ if name.startswith("UVICORN_")]:
        del os.environ[name]
        complain(f"{name}: not looked at; what can be said of the server is in --help and .env.example")


def dev(given: Namespace) -> int:
    """Bring the database up to date and serve with reload, on this machine only."""
    _forget_options_of_the_server()
    code = migrate(Namespace(message=None))
    # The folder of the application alone: the environment beside it holds thousands of files to look at.
    reload = ("--reload", "--reload-dir", "app")
    return code or _become(
        "uvicorn", "app.asgi:app", *reload, "--host", "127.0.0.1", "--port", given.port, *_SAFE_FLAGS
    )


def serve(given: Namespace) -> int:
    """Serve, with the flags that a public server needs."""
    _forget_options_of_the_server()
    settings = _settings()
    if not settings.core.is_production and given.host not in _THIS_MACHINE:
        said = f"APP_ENV={settings.core.environment} is for this machine only"
        return complain(f"{said}: settings that are not fit for production are only warned of")
    proxies = ",".join(settings.core.forwarded_allow_ips)
    arguments = (
        "app.asgi:app",
        "--host",
        given.host,
        "--port",
        given.port,
        "--workers",
        str(settings.core.web_concurrency),
        "--forwarded-allow-ips",
        proxies,
        *_SAFE_FLAGS,
    )
    from app.main import NAME  # noqa: PLC0415 - as for the settings

    configure(settings.core, NAME)
    return _serve_here(*arguments)


def test(given: Namespace) -> int:
    """Run the tests."""
    return _tool("pytest", *given.rest)


def migrate(given: Namespace) -> int:
    """Bring the database up to date; with a message, first write a revision for what has changed in the models."""
    upgrade = ("alembic", "upgrade", "head")
    code = _tool(*upgrade)
    if code or not given.message:
        return code
    code = _tool("alembic", "revision", "--autogenerate", "-m", given.message)
    if code:
        return code
    return complain(_NOT_APPLIED) if _tool(*upgrade) else 0


def make_secrets(given: Namespace) -> int:
    """Write `.env` with a fresh secret if it lacks one. What is there stays: run it as often as you like."""
    if given.print:
        say(new_secret_key())
        return 0
    env = EnvFile(ENV_FILE)
    if env.is_missing():
        env.create_from(ENV_EXAMPLE)
    if env.get("SECRET_KEY"):
        say(f"{ENV_FILE} already has its SECRET_KEY")
        return 0
    env.set("SECRET_KEY", new_secret_key())
    say(f"wrote a new SECRET_KEY to {ENV_FILE}")
    return 0


def check(given: Namespace) -> int:
    """Say what is not fit for production; the exit code is 1 when anything is: `--fail-level WARNING`, to Django."""
    if given.production:
        os.environ["APP_ENV"] = "production"
    findings: list[str] = []
    notes: list[str] = []
    try:
        settings = _settings()
        notes += settings.notes
        findings += settings.warnings
        notes += [f"accepted risk: {risk}" for risk in settings.accepted]
    except EnvFileError:
        # Nothing was judged, so there is no finding either.
        raise
    except SettingsError as error:
        findings += str(error).splitlines()[1:] or [str(error)]
    findings += _shadowed_libraries()
    for note in notes:
        say(note)
    # Right above their number, where whoever reads it finds them by it.
    for finding in findings:
        say(finding.strip())
    say(f"{len(findings)} finding{'' if len(findings) == 1 else 's'}")
    return 1 if findings else 0


def _settings() -> Settings:
    from app.main import DATABASE, SLICES  # noqa: PLC0415 - the core knows no slice until it is asked to run

    return load_settings(SLICES, DATABASE)


def _shadowed_libraries() -> list[str]:
    """Return a finding when `passlib` was installed over `libpass`: both own the package `passlib`."""
    installed = {(each.name or "").lower() for each in importlib.metadata.distributions()}
    return ["uninstall passlib: it overwrites files of libpass"] if "passlib" in installed else []


def _nothing(_parser: ArgumentParser) -> None:
    return


def _port_number(text: str) -> str:
    if not re.fullmatch(r"0|[1-9][0-9]{0,4}", text) or int(text) > _LARGEST_PORT:
        message = f"{text!r} is no port: write a number from 1 to {_LARGEST_PORT}, or 0 for any that is free"
        raise ArgumentTypeError(message)
    return text


def _port(parser: ArgumentParser) -> None:
    parser.add_argument("--port", default="8000", type=_port_number)


def _host_and_port(parser: ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1")
    _port(parser)


COMMANDS = (
    ProjectCommand(name="dev", help="migrate and serve with reload, on this machine only", run=dev, arguments=_port),
    ProjectCommand(
        name="serve", help="serve, with the flags that a public server needs", run=serve, arguments=_host_and_port
    ),
    ProjectCommand(
        name="test", help="run the tests; what follows is passed on to pytest", run=test, arguments=_nothing
    ),
    ProjectCommand(
        name="check",
        help="say what is not fit for production; exit code 1 when something is",
        run=check,
        arguments=lambda parser: parser.add_argument(
            "--production", action="store_true", help="judge as if APP_ENV were unset"
        ),
    ),
    ProjectCommand(
        name="migrate",
        help="bring the database up to date",
        run=migrate,
        arguments=lambda parser: parser.add_argument(
            "-m", "--message", help="first write a revision for changed models"
        ),
    ),
    ProjectCommand(
        name="secrets",
        help="write .env with a fresh secret if it lacks one",
        run=make_secrets,
        arguments=lambda parser: parser.add_argument(
            "--print", action="store_true", help="print a secret, write nothing"
        ),
    ),
)
