"""The project judges its own settings, and what could not be asked is never taken for a good answer."""

from pathlib import Path

import psutil
import pytest

from bastion.checking.own import own_check
from tests.checking.behind import an_end_in_any_case
from tests.checking.checked import Checked
from tests.support.commands import environment
from tests.support.folders import closed_to_us
from tests.support.projects import Project


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Checked:
    """A folder with no more in it than is looked at before a project judges itself."""
    for name in ("APP_ENV", "UV_PROJECT_ENVIRONMENT"):
        monkeypatch.delenv(name, raising=False)
    folder = Checked(tmp_path / "bare")
    folder.write(".env", "")
    return folder


def _why_not(project: Checked) -> str:
    (not_checked,) = project.report("--offline")["not_checked"]
    assert not_checked["what"] == "settings"
    return str(not_checked["why"])


def test_settings_of_this_machine_are_noted_and_those_of_production_found(installed: Project) -> None:
    project = Checked(installed.folder)

    local = project.report("--offline", env=installed.variables())
    production = project.report("--offline", env=installed.variables({"APP_ENV": "production"}))

    assert local["clean"]
    assert {(each["rule"], each["level"]) for each in local["findings"]} == {("unsafe-setting", "note")}
    assert not production["clean"]
    assert "error" in {each["level"] for each in production["findings"]}
    assert any("ALLOWED_HOSTS" in each["what"] for each in production["findings"])


def test_a_project_that_is_not_installed(project: Checked) -> None:
    assert "run `uv sync` in it" in _why_not(project)


def test_a_project_without_settings(project: Checked) -> None:
    project.judge_itself_by("echo 0 findings")
    (project.folder / ".env").unlink()

    assert "neither in .env nor in the environment" in _why_not(project)


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("exit 0", "it said nothing"),
        ("echo ModuleNotFoundError: fastapi >&2; exit 1", "ModuleNotFoundError: fastapi"),
        ("kill -9 $$", "it said nothing"),
        ("head -c 30000000 /dev/zero", "did not come to an end"),
        (f"echo {'9' * 5000} findings", "did not come to an end"),
    ],
)
def test_a_check_that_ends_without_a_count(project: Checked, script: str, why: str) -> None:
    project.judge_itself_by(script)

    assert why in _why_not(project)


def test_lines_that_end_as_on_windows(bare: Checked) -> None:
    bare.judge_itself_by(r"printf 'ALLOWED_HOSTS is too wide\r\n1 finding\r\n'")

    (finding,) = own_check(bare.folder).findings

    assert finding.what == "ALLOWED_HOSTS is too wide"


def test_a_check_that_hangs(bare: Checked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bastion.checking.own._PATIENCE_SECONDS", 0.5)
    bare.judge_itself_by("exec sleep 600")

    with an_end_in_any_case():
        assert "not after 0.5 seconds" in own_check(bare.folder).not_checked


@pytest.mark.parametrize("mode", [0o644, 0o755], ids=["not executable", "of another machine"])
def test_a_python_that_cannot_be_run(project: Checked, mode: int) -> None:
    project.write(".venv/bin/python", "\x7fELF")
    (project.folder / ".venv" / "bin" / "python").chmod(mode)

    assert "cannot be run (" in _why_not(project)


def test_an_environment_whose_name_the_system_refuses(project: Checked) -> None:
    variables = environment({"UV_PROJECT_ENVIRONMENT": "x" * 300})

    (not_checked,) = project.report("--offline", env=variables)["not_checked"]

    assert not_checked["what"] == "settings"
    assert "/bin/python cannot be run (File name too long): run `uv sync` in the project" in not_checked["why"]


def test_an_environment_of_somebody_else(project: Checked) -> None:
    project.judge_itself_by("echo 0 findings")
    closed_to_us(project.folder / ".venv")

    assert "/bin/python cannot be run (Permission denied): run `uv sync` in the project" in _why_not(project)


def test_a_complaint_does_not_take_the_place_of_a_finding(project: Checked) -> None:
    project.judge_itself_by("echo Everybody may read .env >&2; echo SECRET_KEY: is too short; echo 1 finding; exit 1")

    assert [each["what"] for each in project.report("--offline")["findings"]] == ["SECRET_KEY: is too short"]


@pytest.mark.parametrize(
    ("written", "level"),
    [
        ("APP_ENV=local\n", "note"),
        ("APP_ENV=local\nAPP_ENV=production\n", "error"),
        ("APP_ENV=production\nexport app_env = 'local'\n", "note"),
        ("#APP_ENV=local\n", "error"),
        ("APP_ENV=local-staging\n", "error"),
        ("APP_ENV=local\nAPP_ENV=\n", "error"),
        ("APP_ENV=\nlocal\n", "error"),
        ("APP_ENV=local # on my machine\n", "note"),
        ("OTHER=\u2028APP_ENV=local\n", "error"),
    ],
)
@pytest.mark.parametrize("linked", [False, True], ids=["a file", "a link"])
def test_the_environment_is_the_one_that_the_project_reads(
    bare: Checked, tmp_path: Path, written: str, level: str, *, linked: bool
) -> None:
    bare.judge_itself_by("echo SECRET_KEY: is too short; echo 1 finding; exit 1")
    bare.write(".env", written)
    if linked:
        (bare.folder / ".env").rename(tmp_path / "elsewhere")
        (bare.folder / ".env").symlink_to(tmp_path / "elsewhere")

    assert [each.level.value for each in own_check(bare.folder).findings] == [level]


@pytest.mark.parametrize("name", ["APP_ENV", "app_env", "App_Env"])
def test_the_environment_is_named_in_whatever_case_the_project_takes(
    bare: Checked, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    bare.judge_itself_by("echo SECRET_KEY: is too short; echo 1 finding; exit 1")
    bare.write(".env", "APP_ENV=local\n")
    monkeypatch.setenv(name, "production")

    assert [each.level.value for each in own_check(bare.folder).findings] == ["error"]


def test_what_the_check_has_started_ends_with_it(project: Checked) -> None:
    project.judge_itself_by("sleep 600 & echo $! > pid\necho a note\necho A: is bad\necho 1 finding\n")

    (finding,) = project.report("--offline")["findings"]

    assert (finding["what"], finding["path"]) == ("A: is bad", ".env")
    assert not _runs(int(project.text("pid")))


def _runs(process: int) -> bool:
    """Tell whether a process does anything; one that was killed may wait for its parent's notice."""
    try:
        return psutil.Process(process).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_what_a_slice_prints_takes_the_place_of_no_finding(installed: Project) -> None:
    project = Checked(installed.folder)
    variables = installed.variables({"APP_ENV": "production"})
    before = project.report("--offline", env=variables)["findings"]
    project.write("app/notes/__init__.py", f"print('Hello!\\n' * 9)\n{project.text('app/notes/__init__.py')}")

    after = project.report("--offline", env=variables)["findings"]

    assert after == before != []
