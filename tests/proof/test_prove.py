"""`bastion prove`: which rows it proves, what it remembers, how it stops, and what it refuses."""

import os
import platform
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from math import ceil
from pathlib import Path
from typing import Any

import psutil
import pytest
from filelock import FileLock

from bastion.proof.rows.places import variables
from bastion.proof.selection import Wish, select
from bastion.space.space import Space
from tests.proof.proving import ONE_ROW, Prover, verdicts
from tests.proof.small_template import FILES, replaced
from tests.support.commands import refused

FEW_ROWS = ("--only", "size=small", "--only", "extras=[bell, whistle]", "--all")
"""Flags that name three combinations."""


def _fails_in(condition: str) -> dict[str, str]:
    """Give a test of the template that fails in some combinations."""
    added = f"\n\ndef test_where_it_is() -> None:\n    assert not ({condition})\n"
    text = FILES["tests/test_root.py"].replace("import create_app", "import COLOUR, SIZE, create_app")
    return {"tests/test_root.py": text.replace("import get\n", "import get\n\nHERE = (COLOUR, SIZE)\n") + added}


def test_a_template_without_defects_passes_and_a_second_run_remembers_it(prover: Prover) -> None:
    first = prover.prove(*FEW_ROWS)
    second = prover.prove(*FEW_ROWS)

    assert (first.returncode, second.returncode) == (0, 0), first.stdout + first.stderr
    assert set(verdicts(first).values()) == {"passed"}
    assert len(verdicts(first)) == 3
    assert "shown before" not in first.stdout
    assert second.stdout.count("shown before") == 3


def test_what_was_shown_is_shown_again_when_something_changed_or_when_asked(prover: Prover) -> None:
    prover.prove(*ONE_ROW)
    prover.change({"README.md": "New.\n"})
    changed = prover.prove(*ONE_ROW)
    asked = prover.prove(*ONE_ROW, "--no-cache")
    remembered = prover.prove(*ONE_ROW)

    assert "shown before" not in changed.stdout
    assert "shown before" not in asked.stdout
    assert "shown before" in remembered.stdout


def test_a_defect_of_one_combination_is_found_there_and_nowhere_else(prover: Prover) -> None:
    prover.change(_fails_in('HERE == ("green", "small")'))

    finished = prover.prove("--only", "extras=[]", "--keep-going", "--all")

    assert finished.returncode == 1
    assert {name for name, verdict in verdicts(finished).items() if verdict == "FAILED"} == {
        "green-light-small-nothing",
        "green-dark-small-nothing",
    }
    assert len(verdicts(finished)) == 6


def test_a_defect_of_three_answers_together_is_found_by_strength_3(prover: Prover) -> None:
    """Strength 2 promises pairs: this defect is planted in a triple that none of its rows has."""
    space = Space.read(prover.template / "copier.yml")
    with_pairs = {row.combination for row in select(prover.template, space, Wish(strength=2))}
    chosen = next(
        row.combination
        for row in select(prover.template, space, Wish(strength=3))
        if not any(_same(row.combination, other) for other in with_pairs)
    )
    condition = f'HERE == ("{chosen["colour"]}", "{chosen["size"]}") and {_has_bell(chosen)}'
    prover.change(_fails_in(condition))

    pairs = prover.prove("--jobs", "2")
    triples = prover.prove("--strength", "3", "--keep-going", "--jobs", "2")

    assert pairs.returncode == 0, pairs.stdout
    assert triples.returncode == 1
    assert verdicts(triples)[space.id_of(chosen)] == "FAILED"


def _same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return _three(one) == _three(other)


def _three(answers: Mapping[str, Any]) -> tuple[object, ...]:
    return answers["colour"], answers["size"], "bell" in answers["extras"]


def _has_bell(answers: Mapping[str, Any]) -> str:
    exists = '__import__("pathlib").Path("app/bell.py").exists()'
    return exists if "bell" in answers["extras"] else f"not {exists}"


def test_it_stops_at_the_first_row_that_fails(prover: Prover) -> None:
    prover.change(_fails_in('HERE[1] == "small"'))

    finished = prover.prove(*FEW_ROWS, "--jobs", "1")

    assert finished.returncode == 1
    assert len(verdicts(finished)) == 1
    assert "2 not proven; --keep-going goes on" in finished.stdout


def test_shards_are_all_rows_and_none_twice(prover: Prover) -> None:
    shards = [verdicts(prover.prove(*FEW_ROWS, "--shard", f"{index}/2")) for index in (1, 2)]

    assert sorted([*shards[0], *shards[1]]) == sorted(verdicts(prover.prove(*FEW_ROWS)))


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        (("--only", "colours=red"), "bastion: there is no question 'colours' with choices: they are colour, shade"),
        (("--only", "colour=blue"), "bastion: colour has no answer 'blue': its answers are green, red"),
        (("--only", "extras=[bell, drum]"), "bastion: extras has no answer '[bell, drum]'"),
        (("--only", "colour"), "bastion: --only 'colour' is no KEY=VALUE"),
        (("--only", "extras=[bell"), "bastion: --only '[bell' is no list"),
        (("--only", "extras=[2026-13-45]"), "bastion: --only '[2026-13-45]' is no list"),
        (("--only", "colour=red", "--only", "shade=dark"), "bastion: no valid combination has colour=red shade=dark"),
        (("--only", "extras=[[1]]"), "bastion: extras has no answer '[[1]]': its answers are bell, whistle"),
        (("--only", "extras=[{a: 1}]"), "bastion: extras has no answer '[{a: 1}]': its answers are bell, whistle"),
        (("--shard", "3/2"), "bastion: --shard '3/2' is no I/N"),
        ((*ONE_ROW, "--shard", "2/2"), "bastion: --shard 2/2 is empty, there is 1 row: make at most 1 share"),
        ((*FEW_ROWS, "--shard", "4/4"), "bastion: --shard 4/4 is empty, there are 3 rows: make at most 3 shares"),
        (("--template", "nowhere"), "holds no copier.yml"),
        (("--static", "--only", "colour=red"), "bastion: --static reads every combination anew: it goes with"),
        (("--static", "--strength", "3"), "bastion: --static reads every combination anew"),
        (("--static", "--jobs", "2"), "bastion: --static reads every combination anew"),
        (("--static", "--keep-going"), "bastion: --static reads every combination anew"),
        (("--static", "--no-cache"), "bastion: --static reads every combination anew"),
        (("--report", "copier.yml"), "bastion: cannot write the report into copier.yml"),
        (("--cache-dir", "copier.yml"), "bastion: cannot keep anything in"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_bad_input_is_one_line(prover: Prover, flags: tuple[str, ...], says: str) -> None:
    refused(prover.prove(*flags), says)


def test_a_server_that_is_given_is_used_and_settings_of_this_machine_are_not(prover: Prover) -> None:
    asserted = 'environ["STORE_URL"] == "redis+tiny://given:1/0" and "COLOUR" not in environ'
    served = f"    from os import environ\n\n    assert {asserted}\n    app = create_app()\n"
    prover.change(
        {".env.jinja": FILES[".env.jinja"] + "STORE_URL=redis+tiny://localhost/0\n"}
        | replaced("app/manage.py", "    app = create_app()\n", served)
    )

    finished = prover.prove(*ONE_ROW, env={"TEST_REDIS_URL": "redis://given:1/0", "COLOUR": "mine"})

    assert finished.returncode == 0, finished.stdout


def test_what_else_is_set_on_this_machine_changes_no_row(prover: Prover) -> None:
    """A row that passed is shown again without a look at the environment, so it must not have seen any of it."""
    conditions = ("time.timezone == 0", 'os.environ["LC_ALL"] != "de_DE.UTF-8"', '"NETWORK" not in os.environ')
    asserted = "".join(f"    assert {each}\n" for each in conditions)
    prover.change({"tests/test_bell.py": f"import os\nimport time\n\n\ndef test_it() -> None:\n{asserted}"})

    finished = prover.prove(*ONE_ROW, env={"TZ": "Asia/Tokyo", "LC_ALL": "de_DE.UTF-8", "NETWORK": "mine"})

    assert finished.returncode == 0, finished.stdout


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a process cannot be kept to a core")
def test_each_job_keeps_to_cores_of_its_own(prover: Prover) -> None:
    most = ceil(len(os.sched_getaffinity(0)) / 3)
    asserted = f"    assert 1 <= len(os.sched_getaffinity(0)) <= {most}\n"
    prover.change({"tests/test_bell.py": f"import os\n\n\ndef test_it() -> None:\n{asserted}"})

    finished = prover.prove(*FEW_ROWS, "--jobs", "3")

    assert finished.returncode == 0, finished.stdout


def test_a_row_finds_its_programs_and_uv_its_index_behind_a_proxy() -> None:
    needed = {
        "PATH": "/bin",
        "HOME": "/home/somebody",
        "SYSTEMROOT": "C:/Windows",
        "XDG_CACHE_HOME": "/cache",
        "UV_INDEX_URL": "https://index.example",
        "UV_PYTHON": "3.14",
        "https_proxy": "http://proxy.example",
        "NO_PROXY": "localhost",
        "SSL_CERT_FILE": "/ours.pem",
        "TEST_REDIS_URL": "redis://given",
    }
    found = variables({**needed, "UV_PROJECT_ENVIRONMENT": ".venv", "PYTHONPATH": "src", "TEST_OTHER": "x"})

    assert {name: value for name, value in found.items() if name in needed} == needed
    assert found.keys() & {"UV_PROJECT_ENVIRONMENT", "PYTHONPATH", "TEST_OTHER"} == set()


def test_rows_are_proven_on_the_python_that_is_asked_for_and_so_are_they_again(prover: Prover) -> None:
    finished = prover.prove(*ONE_ROW, env={"UV_PYTHON": "3.99"})
    again = prover.prove_again(finished)

    assert (finished.returncode, again.returncode) == (1, 1)
    assert "install: uv cannot install what it declares" in finished.stdout
    assert "3.99" in finished.stdout
    assert "3.99" in again.stdout


def test_the_command_that_proves_a_row_again_asks_for_its_servers_and_gives_no_password_away(
    prover: Prover, tmp_path: Path
) -> None:
    given = {"TEST_REDIS_URL": "redis://:hunter2@given:1/0", "UV_PYTHON": "3.99"}
    finished = prover.prove(*ONE_ROW, "--report", str(tmp_path), env=given)
    again = prover.prove_again(finished)

    assert "again: UV_PYTHON=3.99 TEST_REDIS_URL=${TEST_REDIS_URL:?} bastion prove" in finished.stdout
    assert (again.returncode != 0, again.stdout) == (True, "")
    assert "TEST_REDIS_URL" in again.stderr
    told = [finished.stdout, *(file.read_text(encoding="utf-8") for file in tmp_path.glob("proof.*"))]
    assert [text for text in told if "hunter2" in text] == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_run_leaves_no_process_and_no_folder(prover: Prover, tmp_path: Path, number: signal.Signals) -> None:
    prover.change({"tests/test_bell.py": "import time\n\n\ndef test_it() -> None:\n    time.sleep(600)\n"})
    (room := tmp_path / "room").mkdir()
    env = prover.variables({"TMPDIR": str(room)})

    with subprocess.Popen(prover.command(*FEW_ROWS, "--jobs", "2"), env=env, stderr=subprocess.PIPE) as process:
        _wait_for(lambda: len(_working_in(room, "bastion_notes")) >= 2)
        process.send_signal(number)
        _, errors = process.communicate(timeout=60)

    assert process.returncode == 130
    assert errors.decode() == "bastion: stopped\n"
    assert list(room.iterdir()) == []
    assert _working_in(room) == []


def test_a_run_that_waits_for_another_ones_installation_can_be_stopped(prover: Prover, tmp_path: Path) -> None:
    flags = (*ONE_ROW, "--cache-dir", str(tmp_path / "of-its-own"))
    prover.prove(*flags)
    (lock,) = tmp_path.glob("of-its-own/proof-environments/*.lock")
    (room := tmp_path / "room").mkdir()
    command, env = prover.command(*flags, "--no-cache"), prover.variables({"TMPDIR": str(room)})

    with FileLock(lock), subprocess.Popen(command, env=env, stderr=subprocess.PIPE) as process:
        try:
            _wait_for(lambda: _has_only_to_install(room))
            time.sleep(1)
            assert process.poll() is None
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=30)
        finally:
            # Or it would wait for the lock, and we, who hold it, for its end.
            process.kill()

    assert process.returncode == 130
    assert errors.decode() == "bastion: stopped\n"


def _has_only_to_install(room: Path) -> bool:
    """Say whether the row's Python has said what system it runs on, which is the last that a row asks before."""
    system = platform.platform().partition("-")[0]
    return any(f"\n{system}-" in log.read_text(encoding="utf-8") for log in room.glob("*/*/uv.log"))


def test_only_what_is_ours_is_forgotten(prover: Prover, tmp_path: Path) -> None:
    """Somebody may name a folder that others use too."""
    theirs, row = tmp_path / "theirs" / "file", tmp_path / "proof-rows" / "old.json"
    environment = tmp_path / "proof-environments" / "old"
    for file in (theirs, row, environment / "complete"):
        file.parent.mkdir(parents=True)
        file.write_text("{}", encoding="utf-8")
    for old in (theirs, row, environment):
        os.utime(old, (0, 0))

    finished = prover.prove(*ONE_ROW, "--cache-dir", str(tmp_path))

    assert finished.returncode == 0, finished.stdout
    assert (theirs.exists(), row.exists(), environment.exists()) == (True, False, False)


def _wait_for(condition: Callable[[], bool]) -> None:
    give_up = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < give_up
        time.sleep(0.1)


def _working_in(folder: Path, word: str = "") -> list[str]:
    found = []
    for process in psutil.process_iter():
        try:
            if Path(process.cwd()).is_relative_to(folder) and word in " ".join(process.cmdline()):
                found.append(" ".join(process.cmdline()))
        except (psutil.Error, OSError):
            continue
    return found
