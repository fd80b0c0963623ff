"""What a row has to catch, planted in the small template: the row fails, says what it is, and how to see it again."""

from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from tests.proof.proving import ONE_ROW, ROW, Prover, verdicts
from tests.proof.small_template import FILES, replaced

FAILED = 1

_NOT_INSTALLED = """\
class Forgotten:
    async def __call__(self, scope: object, receive: object, send: object) -> None:
        return
"""

_UNTYPED_TEST_OF_BELL = """\
from app.bell import Bell
from app.root import Root
from tests.client import get


def test_its_header_is_there() -> None:
    assert (b"x-bell", b"yes") in get(Bell(Root()), "/notes").headers
"""

_DAEMON = """\
import subprocess


def test_it_starts() -> None:
    started = subprocess.Popen(["sleep", "600"], start_new_session=True)
    assert started.pid
    started.returncode = 0
"""

_GUARDED_IN_TESTS = (
    FILES["app/main.py.jinja"]
    .replace("from app.asgi_types", "from os import environ\n\nfrom app.asgi_types")
    .replace("    app = Bell(app)\n", '    if "PYTEST_CURRENT_TEST" in environ:\n        app = Bell(app)\n')
)

_WRITABLE = (
    FILES["app/root.py"]
    .replace('{"get": {"security": [{"any": []}]}}', '{"put": {"security": [{"any": []}]}}')
    .replace("in OPEN else 401", 'in OPEN or scope["method"] == "PUT" else 401')
)

_LOGS_AN_ERROR = """\
    app = create_app()
    print("[error    ] the store is not there", flush=True)
"""

_FAILS_AT_ITS_END = """\
    app = create_app()
    asyncio.get_running_loop().add_signal_handler(15, sys.exit, 3)
"""

_LOOPS_OVER_WHISTLES = """\
from app.main import create_app

WHISTLES = [guard for guard in (create_app(),) if type(guard).__name__ == "Whistle"]


def test_whistles() -> None:
    for whistle in WHISTLES:
        assert callable(whistle)
"""

_ONLY_A_FIXTURE_ASSERTS = """\
import pytest


@pytest.fixture
def bell() -> str:
    assert len("bell") == 4
    return "bell"


def test_it_rings(bell: str) -> None:
    bell.upper()
"""

WITH_PYTEST = "import pytest\n\n" + FILES["tests/test_root.py"]


@dataclass(frozen=True, kw_only=True)
class Planted:
    """A defect, and what the row has to say of it."""

    name: str
    changes: Mapping[str, str]
    says: str
    names: str = ""
    """Where it is, if `says` does not: a file, and what else is known of the place."""


PLANTED = (
    Planted(
        name="a test fails",
        changes=replaced("app/bell.py", 'b"x-bell", b"yes"', 'b"x-bell", b"no"'),
        says="tests: pytest",
        names="tests/test_bell.py::test_its_header_is_there fails",
    ),
    Planted(
        name="a type is wrong",
        changes=replaced("app/main.py.jinja", 'SIZE = "{{ size }}"', 'SIZE: int = "{{ size }}"'),
        says="types: pyrefly check ends with 1",
        names="app/main.py:8",
    ),
    Planted(
        name="an import is unsorted",
        changes=replaced("app/main.py.jinja", "from app.root import Root\n", "\nfrom app.root import Root\n"),
        says="lint: ruff check ends with 1",
        names="app/main.py:3",
    ),
    Planted(
        name="a file is not formatted",
        changes=replaced("app/main.py.jinja", "    return app\n", "    return (app)\n"),
        says="format: ruff format --check ends with 1",
        names="app/main.py",
    ),
    Planted(
        name="the server crashes at its start",
        changes=replaced("app/manage.py", "    app = create_app()\n", '    raise SystemExit("no port for you")\n'),
        says="start-up: the server: the process has ended before it was there",
    ),
    Planted(
        name="the migrations fail",
        changes=replaced("app/manage.py", "    return 0\n", '    return int(arguments[0] == "migrate")\n'),
        says="start-up: python -m app.manage migrate fails",
    ),
    Planted(
        name="a stranger is let in",
        changes=replaced("app/root.py", "in OPEN else 401", 'in OPEN or "-" in scope["path"] else 401'),
        says="start-up: GET /notes/00000000-0000-0000-0000-000000000000 answers 200 to a stranger, not 401",
    ),
    Planted(
        name="nothing is closed",
        changes=replaced("app/root.py", '"security": [{"any": []}]', '"security": []'),
        says="start-up: /openapi.json knows nothing that asks for a credential",
    ),
    Planted(
        name="a guard is made and the application goes around it",
        changes=replaced("app/main.py.jinja", "    app = Bell(app)\n", "    Bell(app)\n")
        | {"tests/test_bell.py": _UNTYPED_TEST_OF_BELL},
        says="start-up: app.bell:Bell is never reached: the server made it",
    ),
    Planted(
        name="a guard is not installed",
        changes={"app/forgotten.py": _NOT_INSTALLED},
        says="start-up: app.forgotten:Forgotten is never reached: the server did not make it",
    ),
    Planted(
        name="a guard is installed for the tests alone",
        changes={"app/main.py.jinja": _GUARDED_IN_TESTS},
        says="start-up: app.bell:Bell is never reached: the server did not make it",
    ),
    Planted(
        name="a stranger may write",
        changes={"app/root.py": _WRITABLE},
        says="start-up: PUT /notes/00000000-0000-0000-0000-000000000000 answers 200 to a stranger, not 401",
    ),
    Planted(
        name="the server logs an error",
        changes=replaced("app/manage.py", "    app = create_app()\n", _LOGS_AN_ERROR),
        says="start-up: the server logs an error: [error    ] the store is not there",
    ),
    Planted(
        name="the server fails when it is told to end",
        changes=replaced("app/manage.py", "    app = create_app()\n", _FAILS_AT_ITS_END),
        says="start-up: the server ends with 3 when it is told to",
    ),
    Planted(
        name="a test file is empty",
        changes={"tests/test_bell.py": ""},
        says="test files: tests/test_bell.py holds no test",
    ),
    Planted(
        name="a test file asserts nothing because its feature is off",
        changes={"tests/test_whistles.py": _LOOPS_OVER_WHISTLES},
        says="test files: tests/test_whistles.py::test_whistles passes and asserts nothing",
    ),
    Planted(
        name="only a fixture asserts",
        changes={"tests/test_bell.py": _ONLY_A_FIXTURE_ASSERTS},
        says="test files: tests/test_bell.py::test_it_rings passes and asserts nothing",
    ),
    Planted(
        name="a test is expected to fail",
        changes={
            "tests/test_root.py": WITH_PYTEST + "\n\n@pytest.mark.xfail\ndef test_it() -> None:\n    assert 1 == 2\n"
        },
        says="test files: tests/test_root.py::test_it is expected to fail, and so shows nothing",
    ),
    Planted(
        name="a test is deselected",
        changes=replaced(
            "pyproject.toml.jinja", 'testpaths = ["tests"]', 'testpaths = ["tests"]\naddopts = ["-k", "not healthy"]'
        ),
        says="test files: tests/test_root.py::test_it_is_healthy is deselected",
    ),
    Planted(
        name="a test file is skipped",
        changes={"tests/test_bell.py": 'import pytest\n\npytest.skip("no bell", allow_module_level=True)\n'},
        says="test files: tests/test_bell.py skips itself as a whole: no bell",
    ),
    Planted(
        name="the only test of a file is skipped",
        changes={"tests/test_bell.py": 'import pytest\n\n\n@pytest.mark.skip("no bell")\ndef test_it() -> None: ...\n'},
        says="test files: tests/test_bell.py holds only tests that are skipped",
    ),
    Planted(
        name="a test is skipped without a reason",
        changes={"tests/test_root.py": WITH_PYTEST.replace("def test_it_is", "@pytest.mark.skip\ndef test_it_is")},
        says="test files: tests/test_root.py::test_it_is_healthy is skipped and says no reason",
    ),
    Planted(
        name="a test has no parameters",
        changes={
            "tests/test_root.py": WITH_PYTEST.replace(
                "def test_it_is_healthy()", '@pytest.mark.parametrize("each", [])\ndef test_it_is_healthy(each: str)'
            )
        },
        says="has nothing to test: its list of parameters is empty",
    ),
    Planted(
        name="a library is not declared",
        changes=replaced("app/bell.py", "\nfrom app.asgi_types", "\nimport yaml\n\nfrom app.asgi_types"),
        says="No module named 'yaml'",
        names="app/bell.py:3",
    ),
    Planted(
        name="a tool is not declared",
        changes=replaced("pyproject.toml.jinja", '    "ruff>=0.17",\n', ""),
        says="lint: ruff check ends with 127",
    ),
    Planted(
        name="a library cannot be installed",
        changes=replaced("pyproject.toml.jinja", "dependencies = []", 'dependencies = ["pytest>=99999"]'),
        says="install: uv cannot install what it declares",
    ),
    Planted(
        name="a capability is misspelt",
        changes=replaced("app/main.py.jinja", "{% if bell %}\nfrom", "{% if bel %}\nfrom"),
        says="render: the template is broken ('bel' is undefined)",
    ),
    Planted(
        name="a process is left running",
        changes={"tests/test_daemon.py": _DAEMON},
        says="processes: left running: sleep 600",
    ),
)


@pytest.mark.long
@pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: planted.name)
def test_the_row_fails_and_says_why(prover: Prover, planted: Planted) -> None:
    prover.change(planted.changes)

    finished = prover.prove(*ONE_ROW)

    assert finished.returncode == FAILED, finished.stdout + finished.stderr
    assert verdicts(finished) == {ROW: "FAILED"}
    assert planted.says in finished.stdout
    assert planted.names in finished.stdout
    assert "Traceback (most recent call last)" not in finished.stderr


@pytest.mark.long
def test_where_its_feature_is_on_the_same_test_file_shows_something(prover: Prover) -> None:
    prover.change({"tests/test_whistles.py": _LOOPS_OVER_WHISTLES})

    finished = prover.prove("--only", "colour=red", "--only", "size=small", "--only", "extras=[whistle]")

    assert set(verdicts(finished).values()) == {"passed"}, finished.stdout


@pytest.mark.long
@pytest.mark.parametrize("planted", PLANTED[:2], ids=lambda planted: planted.name)
def test_the_printed_command_shows_it_again(prover: Prover, planted: Planted) -> None:
    prover.change(planted.changes)
    finished = prover.prove(*ONE_ROW)

    again = prover.prove_again(finished)

    assert again.returncode == FAILED
    assert planted.says in again.stdout
    assert "1 of 24 valid combinations" in again.stdout
