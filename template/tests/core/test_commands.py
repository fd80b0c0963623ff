"""`python -m app.manage`: what it prints, how it exits, and that a mistake is one line and no traceback."""

import json
import logging
import os
import runpy
import socket
import subprocess
import sys
from importlib import import_module
from importlib.util import find_spec
from multiprocessing.spawn import get_preparation_data
from pathlib import Path
from types import ModuleType

import pytest
from alembic.command import upgrade
from alembic.config import Config
from alembic.util import CommandError
from uvicorn.config import LOGGING_CONFIG

from app import manage
from app.main import SLICES
from tests.support.environment import PROJECT, Machine, run_python
from tests.support.production import FIT, GOOD_SECRET, OUT_OF_REACH, needed_by_slices

TWO_RISKS = "exposed-docs,local-hosts-only"


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Machine:
    """A machine without any setting, and the working directory in its folder."""
    monkeypatch.chdir(tmp_path)
    return Machine(monkeypatch, tmp_path)


def check(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, list[str]]:
    code = manage.main(["check", *arguments])
    return code, capsys.readouterr().out.splitlines()


def test_a_clone_without_env_is_told_the_one_command_to_run(
    machine: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    """On a real process too, since this is the first thing that somebody sees."""
    served = run_python("-c", "import app.asgi", folder=machine.env_file.parent)
    code, (line, _) = check(capsys)

    assert served.returncode == code == 1
    assert (served.stdout, served.stderr) == ("", f"{line}\n")
    assert line.endswith("python -m app.manage secrets")


def test_a_server_with_unfit_settings_does_not_start_and_names_them_all(machine: Machine) -> None:
    machine.set(**FIT).set(DEBUG="true", EXPOSE_DOCS="true", SECRET_KEY="kanary7")

    with pytest.raises(SystemExit) as left:
        runpy.run_module("app.asgi")

    told = str(left.value)
    assert [line.split(":")[0].strip() for line in told.splitlines()] == [
        "The settings cannot be used",
        "SECRET_KEY",
        "DEBUG",
        "EXPOSE_DOCS",
    ]
    assert "kanary7" not in told


def test_check_is_green_when_nothing_is_found(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    notes = machine.set(**FIT).load().notes

    assert check(capsys) == (0, [*notes, "0 findings"])


@pytest.mark.asvs("V6.3.8")
def test_check_says_that_open_registration_reveals_addresses(
    machine: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    machine.set(**FIT).set(REGISTRATION="open")

    code, (*notes, count) = check(capsys)

    assert code == 0
    assert "reveals" in " ".join(notes)
    assert count == "0 findings"


def test_check_names_each_finding_and_exits_1(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    machine.set(**FIT).set(DEBUG="true", EXPOSE_DOCS="true")

    code, lines = check(capsys)

    assert code == 1
    assert [line.partition(":")[0] for line in lines] == ["DEBUG", "EXPOSE_DOCS", "2 findings"]


def test_check_judges_a_developers_machine_as_production(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    machine.write(f"APP_ENV=local\nSECRET_KEY={GOOD_SECRET}\nDATABASE_URL={FIT['DATABASE_URL']}\n")

    local_code, local = check(capsys)
    machine.set(APP_ENV=None)
    code, lines = check(capsys, "--production")
    machine.set(APP_ENV=None)

    assert (local_code, code) == (1, 1)
    needed = {"ALLOWED_HOSTS", *needed_by_slices()}
    assert {line.partition(":")[0] for line in lines[:-1]} == {*needed, "REGISTRATION"}
    assert {line.partition(":")[0] for line in local} >= needed


def test_check_shows_an_accepted_risk_and_does_not_fail_for_it(
    machine: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    machine.set(**FIT).set(ACCEPTED_RISKS=TWO_RISKS, EXPOSE_DOCS="true", ALLOWED_HOSTS="localhost")
    notes = machine.load().notes

    assert check(capsys) == (
        0,
        [*notes, "accepted risk: exposed-docs", "accepted risk: local-hosts-only", "0 findings"],
    )


@pytest.mark.parametrize("more", [{}, {"DEBUG": "true"}], ids=["mended", "misspelt"])
def test_check_says_which_accepted_risk_accepts_nothing(
    machine: Machine, capsys: pytest.CaptureFixture[str], more: dict[str, str]
) -> None:
    """Also beside the finding that it was meant for. Alone it is no finding: to mend a risk must stop no release."""
    machine.set(**FIT).set(**more).set(ACCEPTED_RISKS="debugs")

    code, lines = check(capsys)

    assert code == len(more)
    assert lines.count("ACCEPTED_RISKS: accepts nothing now: debugs") == 1


def test_check_names_what_is_unknown_in_env(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    machine.set(**FIT).write("ALOWED_HOSTS=kanary7\n")

    assert check(capsys) == (1, ["ALOWED_HOSTS: no slice knows this setting (.env)", "1 finding"])


@pytest.mark.parametrize(
    "arguments",
    [[], ["launch"], ["create-user"], ["create-user", "a@example.com", "a password"], ["check", "--prod", "x"]],
    ids=["nothing", "unknown", "no address", "password as argument", "unknown argument"],
)
def test_bad_arguments_exit_2_with_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        manage.main(arguments)

    assert caught.value.code == 2
    assert capsys.readouterr().err.startswith("usage: python -m app.manage")


@pytest.mark.parametrize("port", ["abc", "", "00", "65536", "-1", "8000.0", "80 80", "\u0661", "1" * 5000])
@pytest.mark.parametrize("command", ["serve", "dev"])
def test_what_is_no_port_is_one_line_of_usage_and_starts_nothing(
    command: str, port: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        manage.main([command, f"--port={port}"])

    assert caught.value.code == 2
    assert "is no port: write a number from 1 to 65535, or 0" in capsys.readouterr().err


def test_every_command_has_help(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        manage.main(["--help"])

    shown = capsys.readouterr().out
    names = [command.name for each in SLICES for command in each.commands]
    assert caught.value.code == 0
    assert [name for name in [*names, "check", "migrate", "secrets", "dev", "serve", "test"] if name not in shown] == []


def test_no_command_takes_a_secret_as_an_argument() -> None:
    """Arguments are seen by everyone on the machine, in `ps`."""
    for command in (command for each in SLICES for command in each.commands):
        parser = manage.ArgumentParser()
        command.arguments(parser)

        assert [word for word in ("password", "secret", "code") if word in parser.format_usage().lower()] == []


def test_a_database_without_tables_or_answer_is_one_line(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    machine.set(**FIT).set(**OUT_OF_REACH)

    code = manage.main(["unlock", "alice@example.com"])

    shown = capsys.readouterr()
    assert code == 1
    assert shown.err.startswith("The database cannot be used: ")
    assert shown.err.count("\n") == 1
    assert "kanary7" not in shown.err + shown.out


def test_a_migration_without_a_database_is_one_line() -> None:
    """On a real process, which is what makes one line of the error that the others see raised."""
    migrated = run_python("-m", "app.manage", "migrate", folder=PROJECT, APP_ENV="test")

    assert migrated.returncode
    assert "DATABASE_URL: missing" in migrated.stdout + migrated.stderr
    assert "Traceback" not in migrated.stderr


def test_a_migration_of_a_database_that_cannot_be_used_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "mysql+nothing://u:kanary7@h/x")

    with pytest.raises(CommandError, match=r"^DATABASE_URL: cannot be used.*$") as told:
        upgrade(Config("alembic.ini"), "head")

    assert "kanary7" not in str(told.value)


@pytest.mark.parametrize("environment", ["test", "local"])
def test_only_production_serves_others(machine: Machine, capsys: pytest.CaptureFixture[str], environment: str) -> None:
    machine.set(APP_ENV=environment, SECRET_KEY=GOOD_SECRET, DATABASE_URL=FIT["DATABASE_URL"])

    code = manage.main(["serve", "--host", "0.0.0.0"])  # noqa: S104 - is refused

    told = capsys.readouterr().err
    assert (code, told.count("\n")) == (1, 1)
    assert f"APP_ENV={environment} is for this machine only" in told


@pytest.mark.parametrize("command", ["serve", "dev"])
def test_the_server_takes_no_option_around_the_settings(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    """uvicorn reads each of its options from the environment: another file of settings, a socket, a time to wait."""
    options = {"UVICORN_ENV_FILE": "late.env", "UVICORN_FD": "3", "UVICORN_TIMEOUT_KEEP_ALIVE": "3600"}
    machine.set(**FIT).set(**options)
    left: list[dict[str, str]] = []

    def begin(*_command: object, **_how: object) -> int:
        left.append(dict(os.environ))
        return 0

    monkeypatch.setattr(subprocess, "call", begin)
    monkeypatch.setattr(os, "execv", begin)
    monkeypatch.setattr("uvicorn.main.main", begin)
    manage.main([command])

    assert [name for environment in left for name in environment if name.startswith("UVICORN_")] == []
    assert left
    assert [line.partition(":")[0] for line in capsys.readouterr().err.splitlines()] == list(options)


class NoWorkers:
    """Stands where uvicorn's parent process does, starts no worker, and says what one would import before all else."""

    def __init__(self, _config: object, sockets: list[socket.socket]) -> None:
        self._sockets = sockets

    def run(self) -> None:
        """Say it, and end."""
        logging.getLogger("uvicorn.error").info(get_preparation_data("worker")["init_main_from_name"])
        for each in self._sockets:
            each.close()


def test_the_process_above_several_workers_writes_the_same_lines(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    machine.set(APP_ENV="test", SECRET_KEY=GOOD_SECRET, DATABASE_URL=FIT["DATABASE_URL"], WEB_CONCURRENCY="2")
    main_module = ModuleType("__main__")
    main_module.__spec__ = find_spec("app.manage")
    monkeypatch.setitem(sys.modules, "__main__", main_module)
    monkeypatch.setattr(import_module("uvicorn.main"), "Multiprocess", NoWorkers)
    # What `serve` takes out of it for the rest of its process stays for the other tests.
    monkeypatch.setitem(LOGGING_CONFIG, "loggers", {**LOGGING_CONFIG["loggers"]})

    code = manage.main(["serve", "--port", "0"])

    written = capsys.readouterr()
    lines = [json.loads(line) for line in written.out.splitlines()]
    assert (code, written.err) == (0, "")
    assert [line["event"] for line in lines if line["logger"] == "uvicorn.error"][-1] == "uvicorn.__main__"
    assert all({"datetime", "level", "appid"} <= line.keys() for line in lines)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
@pytest.mark.usefixtures("machine")
def test_what_a_command_writes_is_its_owners_only() -> None:
    before = os.umask(0)

    manage.main(["check"])

    assert os.umask(before) == 0o077
