"""What a row is remembered by: when anything changes that could change its outcome, it is proven again."""

import shutil
from pathlib import Path

import bastion
from tests.proof.proving import ONE_ROW, Prover, verdicts
from tests.proof.small_template import replaced

WITH_A_LIBRARY = '{% if bell %}\n    "pyyaml>=6",\n{% endif %}\n'
"""What only the bell declares."""

IMPORTS_IT = "\nimport yaml\n\nfrom app.asgi_types import App, Message, Receive, Scope, Send\n\nLOAD = yaml.safe_load\n"


def _a_copy_of_the_prover(folder: Path) -> Path:
    """Copy the package, and add a line to one of its checks."""
    shutil.copytree(Path(bastion.__file__).parent, folder / "bastion", ignore=shutil.ignore_patterns("__pycache__"))
    with (folder / "bastion" / "proof" / "rows" / "suite.py").open("a", encoding="utf-8") as suite:
        suite.write("# Another check.\n")
    return folder


def test_a_row_is_proven_again_on_other_servers_and_with_other_versions_of_what_it_declares(prover: Prover) -> None:
    first = prover.prove(*ONE_ROW)
    others = [
        {"TEST_REDIS_URL": "redis://given:1/0"},
        {"TEST_DATABASE_URL": "postgresql://given:1/x"},
        {"UV_RESOLUTION": "lowest-direct"},
    ]

    assert set(verdicts(first).values()) == {"passed"}, first.stdout
    assert [env for env in others if "shown before" in prover.prove(*ONE_ROW, env=env).stdout] == []


def test_a_prover_of_other_code_believes_nothing_that_was_shown(prover: Prover, tmp_path: Path) -> None:
    prover.prove(*ONE_ROW)
    other = {"PYTHONPATH": str(_a_copy_of_the_prover(tmp_path / "other"))}
    by_another = prover.prove(*ONE_ROW, env=other)
    by_the_same = prover.prove(*ONE_ROW, env=other)

    assert by_another.returncode == 0, by_another.stdout + by_another.stderr
    assert "shown before" not in by_another.stdout
    assert "shown before" in by_the_same.stdout


def test_a_row_finds_no_library_that_only_another_one_declares(prover: Prover) -> None:
    """Both are proven in one run: in an environment that they shared, nobody would notice."""
    declared = replaced("pyproject.toml.jinja", "dependencies = []", f"dependencies = [\n{WITH_A_LIBRARY}]")
    imports = "\nfrom app.asgi_types import App, Message, Receive, Scope, Send\n"
    prover.change(
        declared | replaced("app/bell.py", imports, IMPORTS_IT) | replaced("app/whistle.py", imports, IMPORTS_IT)
    )

    finished = prover.prove("--only", "colour=red", "--only", "size=small", "--all", "--keep-going")

    assert verdicts(finished) == {
        "red-small-nothing": "passed",
        "red-small-bell": "passed",
        "red-small-bell+whistle": "passed",
        "red-small-whistle": "FAILED",
    }, finished.stdout
    assert "No module named 'yaml'" in finished.stdout
    assert "app/whistle.py:3" in finished.stdout
