"""`.env` holds the root of all keys: nobody else reads it, and nothing in it is lost."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from app import manage
from app.core.env_file import EnvFile, new_secret_key

EXAMPLE = Path(".env.example").resolve()
on_posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")


@pytest.fixture(autouse=True)
def _nothing_is_masked() -> Iterator[None]:
    """Let a file be as open as its maker asks for: the umask of the machine protects nobody here."""
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder like a fresh clone, and the working directory."""
    (tmp_path / ".env.example").write_text(EXAMPLE.read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@on_posix
@pytest.mark.asvs("V13.3.1")
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
