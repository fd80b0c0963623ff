"""`python -m app.manage rotate-key` on a real `.env`: a new key, and nobody has to log in again."""

import os
import sys
from pathlib import Path

import pytest
from dotenv import dotenv_values

from app import manage
from app.bearer.rotation_command import replace, rotate
from app.core.env_file import EnvFile
from app.core.events import SecurityEvent
from app.core.kernel import Kernel
from tests.bearer.conftest import ROOT_NAMES
from tests.conftest import MakeApp
from tests.support.client import ApiClient
from tests.support.forge import Forge, present
from tests.support.production import GOOD_SECRET
from tests.support.tokens import logged_in, refresh


def roots(path: Path) -> dict[str, str]:
    values = dotenv_values(path)
    return {name: values.get(name) or "" for name in ROOT_NAMES}


def secrets_in(path: Path) -> set[str]:
    return {secret for value in roots(path).values() for secret in value.split(",") if secret}


def rotate_completely(path: Path) -> None:
    """Announce a key, and put it to use."""
    before = roots(path)["SECRET_KEY"]
    assert manage.main(["rotate-key"]) == manage.main(["rotate-key"]) == 0
    assert roots(path)["SECRET_KEY"] != before


@pytest.mark.asvs("V11.2.2")
def test_the_first_step_announces_a_key_and_the_second_uses_it(
    env_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = roots(env_file)

    assert manage.main(["rotate-key"]) == 0
    announced = roots(env_file)
    said_first = capsys.readouterr().out
    assert manage.main(["rotate-key"]) == 0
    used = roots(env_file)

    assert announced["SECRET_KEY"] == before["SECRET_KEY"]
    assert announced["SECRET_KEY_NEXT"] not in {"", before["SECRET_KEY"]}
    assert "then run this again" in said_first
    assert "5 minutes" in said_first
    assert used == {
        "SECRET_KEY": announced["SECRET_KEY_NEXT"],
        "SECRET_KEY_FALLBACKS": before["SECRET_KEY"],
        "SECRET_KEY_NEXT": "",
    }


def test_the_old_key_becomes_the_fallback_and_the_rest_of_the_file_stays(env_file: Path) -> None:
    before = env_file.read_text(encoding="utf-8").splitlines()
    old = roots(env_file)["SECRET_KEY"]

    rotate_completely(env_file)

    after = roots(env_file)
    assert after["SECRET_KEY_FALLBACKS"] == old
    assert after["SECRET_KEY_NEXT"] == ""
    assert len(bytes.fromhex(after["SECRET_KEY"])) == 32
    unchanged = [line for line in before if not line.startswith("SECRET_KEY")]
    assert [line for line in env_file.read_text(encoding="utf-8").splitlines() if line in unchanged] == unchanged


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_the_file_stays_its_owners(env_file: Path) -> None:
    os.chown(env_file, -1, os.getegid())  # BSD gives it the group of its folder
    env_file.chmod(0o644)

    rotate_completely(env_file)

    assert env_file.stat().st_mode & 0o777 == 0o600
    assert list(env_file.parent.iterdir()) == [env_file]


def test_two_old_keys_are_kept_at_most(env_file: Path) -> None:
    seen = [roots(env_file)["SECRET_KEY"]]
    for _ in range(3):
        rotate_completely(env_file)
        seen.append(roots(env_file)["SECRET_KEY"])

    assert len(set(seen)) == 4
    assert roots(env_file)["SECRET_KEY_FALLBACKS"] == f"{seen[2]},{seen[1]}"


def test_of_a_compromised_key_and_of_what_lay_beside_it_nothing_is_left(env_file: Path) -> None:
    rotate_completely(env_file)
    assert manage.main(["rotate-key"]) == 0
    known = secrets_in(env_file)

    assert manage.main(["rotate-key", "--compromised"]) == 0

    after = roots(env_file)
    assert after["SECRET_KEY_FALLBACKS"] == after["SECRET_KEY_NEXT"] == ""
    assert len(bytes.fromhex(after["SECRET_KEY"])) == 32
    text = env_file.read_text(encoding="utf-8")
    assert known
    assert [secret for secret in known if secret in text] == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows asks for a right before it makes links")
def test_a_compromised_key_is_gone_from_the_file_behind_a_link(env_file: Path, tmp_path: Path) -> None:
    """Others read the file itself, and would go on signing with the key that is known."""
    behind = env_file.rename(tmp_path / "shared.env")
    env_file.symlink_to(behind)
    known = roots(behind)["SECRET_KEY"]

    assert manage.main(["rotate-key", "--compromised"]) == 0

    assert env_file.is_symlink()
    assert known not in behind.read_text(encoding="utf-8")
    assert len(bytes.fromhex(roots(behind)["SECRET_KEY"])) == 32


def test_a_compromised_key_in_small_letters_goes_too(env_file: Path) -> None:
    old = roots(env_file)["SECRET_KEY"]
    with env_file.open("a", encoding="utf-8") as file:
        file.write(f"secret_key_fallbacks={old}\nsecret_key={old}\nSecret_Key_Next={'1d' * 32}\n")

    assert manage.main(["rotate-key", "--compromised"]) == 0

    left = {name.upper(): value for name, value in dotenv_values(env_file).items()}
    assert old not in env_file.read_text(encoding="utf-8")
    assert left["SECRET_KEY_FALLBACKS"] == left["SECRET_KEY_NEXT"] == ""


@pytest.mark.asvs("V11.2.2")
async def test_what_a_compromised_key_has_signed_is_refused_and_nobody_logs_in_again(
    make_app: MakeApp, env_file: Path
) -> None:
    before = make_app(**roots(env_file))
    async with logged_in(before) as alice:
        replace(EnvFile(env_file))
        after = make_app(**roots(env_file))
        async with ApiClient(after) as client:
            refused = await present(client, alice.access_token)
            renewed = await refresh(client, alice.refresh_token)
            accepted = await present(client, renewed.json()["access_token"])

    assert [refused.status_code, renewed.status_code, accepted.status_code] == [401, 200, 200]


@pytest.mark.asvs("V16.3.1")
def test_each_step_is_told(env_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[SecurityEvent] = []

    def tell(_kernel: Kernel, event: SecurityEvent) -> None:
        heard.append(event)

    monkeypatch.setattr(Kernel, "tell", tell)
    rotate_completely(env_file)
    assert manage.main(["rotate-key", "--compromised"]) == 0
    monkeypatch.setenv("SECRET_KEY", GOOD_SECRET)
    assert manage.main(["rotate-key"]) == 1

    assert [f"{event.written()} {event.level}" for event in heard] == [
        f"sensitive_update:operator,SECRET_KEY,{step} WARN" for step in ("announced", "used", "replaced")
    ]


def test_no_secret_is_printed(env_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = secrets_in(env_file)
    rotate_completely(env_file)
    made |= secrets_in(env_file)
    assert manage.main(["rotate-key", "--compromised"]) == 0
    made |= secrets_in(env_file)

    printed = "".join(capsys.readouterr())
    assert printed
    assert [secret for secret in made if secret in printed] == []


def test_a_secret_of_the_environment_is_not_rotated_in_a_file_that_loses_to_it(
    env_file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = env_file.read_bytes()
    monkeypatch.setenv("SECRET_KEY", "1e" * 32)

    code = manage.main(["rotate-key"])

    assert code == 1
    assert env_file.read_bytes() == before
    assert capsys.readouterr().err.startswith("SECRET_KEY: set in the environment")


def test_of_two_lines_the_one_that_counts_is_changed(env_file: Path) -> None:
    with env_file.open("a", encoding="utf-8") as file:
        file.write(f"SECRET_KEY={'2d' * 32}\n")

    rotate_completely(env_file)

    assert roots(env_file)["SECRET_KEY_FALLBACKS"] == "2d" * 32


@pytest.mark.parametrize("character", [",", " ", " #", "\t", "$", "'", '"', "\\"])
@pytest.mark.parametrize("name", ["SECRET_KEY", "SECRET_KEY_NEXT"])
def test_a_key_that_a_list_would_change_is_not_rotated_into_one(
    env_file: Path, capsys: pytest.CaptureFixture[str], name: str, character: str
) -> None:
    """Its tokens would be refused at once, while the command says that they are still accepted."""
    quote = '"' if character == "'" else "'"
    key = f"{'3c' * 16}{character}{'4b' * 16}".replace("\\", "\\\\")
    with env_file.open("a", encoding="utf-8") as file:
        file.write(f"{name}={quote}{key}{quote}\n")
    before = env_file.read_bytes()

    code = manage.main(["rotate-key"])

    error = capsys.readouterr().err
    assert (code, error.count("\n")) == (1, 1)
    assert error.startswith(f"{name}: ")
    assert "3c" * 16 not in error
    assert env_file.read_bytes() == before
    assert manage.main(["rotate-key", "--compromised"]) == 0
    assert "3c" * 16 not in env_file.read_text(encoding="utf-8")


def test_fallbacks_that_somebody_listed_with_spaces_are_kept(env_file: Path) -> None:
    old = roots(env_file)["SECRET_KEY"]
    with env_file.open("a", encoding="utf-8") as file:
        file.write(f"SECRET_KEY_FALLBACKS='{'5a' * 32} , {'6b' * 32}'\n")

    rotate_completely(env_file)

    assert roots(env_file)["SECRET_KEY_FALLBACKS"] == f"{old},{'5a' * 32}"


async def test_processes_of_before_and_after_a_step_accept_each_others_tokens(
    make_app: MakeApp, env_file: Path
) -> None:
    """They serve at once while they are restarted, one after the other."""
    before = make_app(**roots(env_file))
    statuses, signed_by = [], []
    for _ in range(2):
        rotate(EnvFile(env_file))
        after = make_app(**roots(env_file))
        async with logged_in(before, register=not signed_by) as alice, logged_in(after, register=False) as again:
            statuses.append((await present(alice, again.access_token)).status_code)
            statuses.append((await present(again, alice.access_token)).status_code)
            signed_by += [Forge(app, one.access_token).header["kid"] for app, one in ((before, alice), (after, again))]
        before = after

    assert statuses == [200] * 4
    assert signed_by[0] == signed_by[1] == signed_by[2] != signed_by[3]
