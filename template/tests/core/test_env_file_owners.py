"""Whose `.env` is: a command opens it to nobody, and takes it from no service that reads it."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from app import manage
from app.core.env_file import EnvFile
from tests.core.conftest import mode_of, on_posix

pytestmark = pytest.mark.usefixtures("unmasked")


@pytest.fixture
def become(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let what follows be run by another user, or by us in another group: `become(user=1)`, `become(group=1)`."""

    def change(*, user: int = 0, group: int = 0) -> None:
        ours = (os.geteuid() + user, os.getegid() + group)
        monkeypatch.setattr("os.geteuid", lambda: ours[0])
        monkeypatch.setattr("os.getegid", lambda: ours[1])

    return change


def refused(*_arguments: object, **_named: object) -> None:
    raise PermissionError(errno.EPERM, "Operation not permitted")


def env_with_mode(folder: Path, mode: int) -> Path:
    """Make an `.env` of our own user and group, wherever the folder takes its group from."""
    path = folder / ".env"
    path.write_text("A=1\n", encoding="utf-8")
    os.chown(path, -1, os.getegid())
    path.chmod(mode)
    return path


@on_posix
@pytest.mark.parametrize(
    ("before", "after"), [(0o644, 0o600), (0o640, 0o600), (0o600, 0o600)], ids=["open", "group", "closed"]
)
def test_our_own_file_is_for_nobody_else(clone: Path, before: int, after: int) -> None:
    env = env_with_mode(clone, before)

    assert manage.main(["secrets", "--print"]) == 0

    assert mode_of(env) == after


@on_posix
@pytest.mark.parametrize(("before", "after"), [(0o640, 0o640), (0o664, 0o640), (0o604, 0o600)])
def test_a_group_that_the_file_was_given_to_goes_on_reading_it(
    clone: Path, become: Callable[..., None], before: int, after: int
) -> None:
    """A service that reads it by its group would not start again once root has run any command."""
    env = env_with_mode(clone, before)
    group = env.stat().st_gid
    become(group=1)

    assert manage.main(["secrets", "--print"]) == 0
    kept = mode_of(env)
    EnvFile(env).set("A", "2")

    assert kept == mode_of(env) == after
    assert env.stat().st_gid == group


@on_posix
@pytest.mark.parametrize(("mode", "warned"), [(0o640, False), (0o400, False), (0o644, True), (0o660, True)])
def test_the_file_of_somebody_else_is_left_alone_and_warned_of_where_it_is_open(
    clone: Path, become: Callable[..., None], capsys: pytest.CaptureFixture[str], mode: int, warned: bool
) -> None:
    env = env_with_mode(clone, mode)
    become(user=1)

    code = manage.main(["secrets", "--print"])

    error = capsys.readouterr().err
    assert (code, mode_of(env)) == (0, mode)
    assert error.count("\n") == int(warned)
    assert error.endswith("chmod g-w,o= .env\n" if warned else "")


@on_posix
def test_no_command_dies_of_a_file_whose_mode_cannot_be_changed(
    clone: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As on a disk that is mounted for reading only."""
    env_with_mode(clone, 0o644)
    monkeypatch.setattr("pathlib.Path.chmod", refused)

    code = manage.main(["secrets", "--print"])

    assert code == 0
    assert capsys.readouterr().err.endswith("chmod g-w,o= .env\n")


@on_posix
def test_a_changed_file_keeps_its_owner_its_group_and_who_may_read_it(
    tmp_path: Path, become: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root would otherwise take it from the service that it belongs to."""
    given: list[tuple[int, int]] = []

    def note(_descriptor: int, owner: int, group: int) -> None:
        given.append((owner, group))

    monkeypatch.setattr("os.fchown", note)
    env = env_with_mode(tmp_path, 0o640)
    before = env.stat()
    become(user=1)

    EnvFile(env).set("A", "2")

    assert given == [(before.st_uid, before.st_gid)]
    assert mode_of(env) == 0o640


@on_posix
def test_where_the_group_cannot_be_kept_no_other_reads_instead(
    tmp_path: Path, become: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.fchown", refused)
    env = env_with_mode(tmp_path, 0o640)
    become(user=1)

    EnvFile(env).set("A", "2")

    assert EnvFile(env).get("A") == "2"
    assert mode_of(env) == 0o600


@pytest.mark.skipif(os.geteuid() != 0 if os.name == "posix" else True, reason="only root can give a file away")
def test_root_does_not_take_the_file_from_the_service(tmp_path: Path) -> None:
    env = env_with_mode(tmp_path, 0o640)
    os.chown(env, 1, 2)

    EnvFile(env).set("A", "2")

    after = env.stat()
    assert (after.st_uid, after.st_gid, mode_of(env)) == (1, 2, 0o640)
