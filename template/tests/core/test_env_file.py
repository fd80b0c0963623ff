"""`.env` holds the root of all keys: nobody else reads it, and nothing in it is lost."""

import errno
import os
import runpy
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.util import CommandError

from app import manage
from app.core.env_file import EnvFile, EnvFileError, new_secret_key
from tests.core.conftest import mode_of, on_posix
from tests.support.environment import PROJECT, Machine

pytestmark = pytest.mark.usefixtures("unmasked")


@on_posix
def test_secrets_makes_env_for_its_owner_only(clone: Path) -> None:
    assert manage.main(["secrets"]) == 0

    env = EnvFile(clone / ".env")
    assert mode_of(env.path) == 0o600
    assert len(bytes.fromhex(env.get("SECRET_KEY"))) == 32
    assert {path.name for path in clone.iterdir()} == {".env", ".env.example"}


@on_posix
def test_secrets_is_idempotent_and_closes_what_is_open(clone: Path) -> None:
    manage.main(["secrets"])
    env = clone / ".env"
    before = env.read_text(encoding="utf-8")
    os.chown(env, -1, os.getegid())  # BSD gives it the group of its folder
    env.chmod(0o644)

    assert manage.main(["secrets"]) == 0

    assert env.read_text(encoding="utf-8") == before
    assert mode_of(env) == 0o600


def test_secrets_fills_an_empty_key_and_keeps_every_other_line(clone: Path) -> None:
    env = clone / ".env"
    env.write_text("# mine\nAPP_ENV=local\nSECRET_KEY=\n\nREGISTRATION=closed # why\n", encoding="utf-8")

    manage.main(["secrets"])

    lines = env.read_text(encoding="utf-8").splitlines()
    assert [*lines[:2], *lines[3:]] == ["# mine", "APP_ENV=local", "", "REGISTRATION=closed # why"]
    assert len(lines[2]) == len("SECRET_KEY=") + 64


@pytest.mark.parametrize(
    "before",
    [
        "SECRET_KEY=old\nsecret_key=older\n",
        "Secret_Key=old\n# mine\nexport SECRET_KEY = 'older'\n",
        "SECRET_KEY='old\nSECRET_KEY=older'\n",
        "# mine\n\n  SECRET_KEY=old\n",
        "SECRET_KEY=old",
        "SECRET_KEY",
        "",
    ],
)
@pytest.mark.asvs("V13.3.4")
def test_of_a_setting_that_is_replaced_nothing_is_left_however_it_is_spelt(tmp_path: Path, before: str) -> None:
    env = EnvFile(tmp_path / ".env")
    env.path.write_text(f"APP_ENV=local\n{before}", encoding="utf-8")

    env.set("SECRET_KEY", "new")

    kept = before.count("# mine") * "# mine\n" + before.count("\n\n") * "\n"
    assert env.get("SECRET_KEY") == "new"
    assert env.path.read_text(encoding="utf-8") == f"APP_ENV=local\n{kept}SECRET_KEY=new\n"


def test_of_two_spellings_the_one_that_the_settings_take_is_read(tmp_path: Path) -> None:
    env = EnvFile(tmp_path / ".env")
    env.path.write_text("SECRET_KEY=first\nsecret_key=second\n", encoding="utf-8")

    assert env.get("SECRET_KEY") == "second"


def test_secrets_can_print_one_and_then_write_nothing(clone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    manage.main(["secrets", "--print"])

    assert len(bytes.fromhex(capsys.readouterr().out.strip())) == 32
    assert not (clone / ".env").exists()


def test_no_two_secrets_are_equal() -> None:
    assert len({new_secret_key() for _ in range(1000)}) == 1000


@on_posix
def test_a_changed_value_replaces_the_file_in_one_step(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text("A=1\nB=2\nA=3\n", encoding="utf-8")
    os.chown(path, -1, os.getegid())  # BSD gives it the group of its folder
    path.chmod(0o644)
    reader_of_the_old = path.open(encoding="utf-8")

    env = EnvFile(path)
    env.set("A", "4")
    env.set("C", "5")

    assert (env.get("A"), env.get("B"), env.get("C"), env.get("D")) == ("4", "2", "5", "")
    with reader_of_the_old:
        assert reader_of_the_old.read() == "A=1\nB=2\nA=3\n"
    assert mode_of(path) == 0o600
    assert list(tmp_path.iterdir()) == [path]


@on_posix
def test_a_link_laid_in_the_way_is_not_followed(tmp_path: Path) -> None:
    """Whoever may write into the folder would otherwise choose where the secret goes."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("untouched", encoding="utf-8")
    (tmp_path / ".env.new").symlink_to(elsewhere)

    EnvFile(tmp_path / ".env").set("SECRET_KEY", new_secret_key())

    assert elsewhere.read_text(encoding="utf-8") == "untouched"


@on_posix
def test_what_a_link_leads_to_is_changed_and_the_link_stays(tmp_path: Path) -> None:
    """A file in the place of the link would leave the old secret where others read it."""
    behind = tmp_path / "elsewhere" / "shared.env"
    behind.parent.mkdir()
    behind.write_text("SECRET_KEY=old\n", encoding="utf-8")
    link = tmp_path / ".env"
    link.symlink_to(behind)

    EnvFile(link).set("SECRET_KEY", "new")

    assert link.is_symlink()
    assert behind.read_text(encoding="utf-8") == "SECRET_KEY=new\n"
    assert list(behind.parent.iterdir()) == [behind]


def in_latin_1(path: Path) -> None:
    path.write_bytes("# kanary7: Schl\xfcssel\nAPP_ENV=local\n".encode("latin-1"))


def as_a_folder(path: Path) -> None:
    path.mkdir(mode=0o755)


def as_a_link_to_itself(path: Path) -> None:
    path.symlink_to(path)


each_unusable = pytest.mark.parametrize(
    "spoil", [in_latin_1, as_a_folder, pytest.param(as_a_link_to_itself, marks=on_posix)]
)


@each_unusable
@pytest.mark.parametrize("command", [["check"], ["check", "--production"], ["unlock", "alice@example.com"], ["serve"]])
def test_an_env_that_cannot_be_read_is_one_line(
    clone: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    spoil: Callable[[Path], None],
    command: list[str],
) -> None:
    machine = Machine(monkeypatch, clone)
    spoil(machine.env_file)

    code = manage.main(command)
    monkeypatch.delenv("APP_ENV", raising=False)

    shown = capsys.readouterr()
    assert (code, shown.out, shown.err.count("\n")) == (1, "", 1)
    assert shown.err.startswith(".env ")
    assert "kanary7" not in shown.err


@pytest.mark.parametrize("spoil", [in_latin_1, as_a_folder])
def test_secrets_leaves_an_env_that_cannot_be_read_as_it_is(
    clone: Path, capsys: pytest.CaptureFixture[str], spoil: Callable[[Path], None]
) -> None:
    env = clone / ".env"
    spoil(env)
    before = (mode_of(env) if env.is_dir() else 0, env.read_bytes() if env.is_file() else b"")

    code = manage.main(["secrets"])

    shown = capsys.readouterr()
    assert (code, shown.out, shown.err.count("\n")) == (1, "", 1)
    assert shown.err.startswith(".env is ")
    assert (mode_of(env) if env.is_dir() else 0, env.read_bytes() if env.is_file() else b"") == before


def test_a_server_and_a_migration_say_it_in_one_line_too(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    in_latin_1(Machine(monkeypatch, clone).env_file)
    shutil.copy(PROJECT / "alembic.ini", clone)
    shutil.copytree(PROJECT / "migrations", clone / "migrations")

    with pytest.raises(SystemExit) as served:
        runpy.run_module("app.asgi")
    with pytest.raises(CommandError) as migrated:
        command.upgrade(Config("alembic.ini"), "head")

    assert str(served.value) == str(migrated.value) == ".env is not in UTF-8: save it in this encoding"


def test_what_does_not_read_env_does_not_ask_whether_it_could(
    clone: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    as_a_folder(clone / ".env")
    monkeypatch.setenv("APP_ENV", "test")

    manage.main(["check"])
    manage.main(["secrets", "--print"])

    assert capsys.readouterr().err == ""


def test_secrets_without_an_example_says_where_to_run_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)

    code = manage.main(["secrets"])

    shown = capsys.readouterr()
    assert (code, shown.out, shown.err.count("\n")) == (1, "", 1)
    assert shown.err.startswith(".env.example is missing: run this in the folder of the project")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_replaced_is_one_line_and_leaves_no_secret_behind(
    clone: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Docker mounts a single file so that nothing can take its place."""

    def busy(_self: Path, _target: Path) -> None:
        raise OSError(errno.EBUSY, "Device or resource busy")

    monkeypatch.setattr("pathlib.Path.replace", busy)

    code = manage.main(["secrets"])

    shown = capsys.readouterr()
    assert (code, shown.out, shown.err.count("\n")) == (1, "", 1)
    assert shown.err.startswith(".env cannot be replaced (Device or resource busy)")
    assert {path.name for path in clone.iterdir()} == {".env.example"}


@on_posix
def test_what_is_no_file_is_not_replaced_by_one(clone: Path) -> None:
    """A link to /dev/null, say, and root: the whole machine would lose it."""
    pipe = clone / "pipe"
    os.mkfifo(pipe)
    (clone / ".env").symlink_to(pipe)

    with pytest.raises(EnvFileError, match="no regular file"):
        EnvFile(clone / ".env").create_from(clone / ".env.example")

    assert pipe.is_fifo()
