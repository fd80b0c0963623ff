"""A proxy that nobody has named is noticed, once."""

from pathlib import Path

import httpx
import pytest

from tests.conftest import MakeApp
from tests.support.client import ApiClient
from tests.support.server import running_server

WARNING = '"event": "forwarded_address_not_believed"'


@pytest.mark.asvs("V15.3.4")
@pytest.mark.parametrize(("trusted", "times"), [("10.20.30.40", 1), ("127.0.0.1", 0)])
def test_an_address_from_an_untrusted_peer_warns_once_and_names_the_setting(
    tmp_path: Path, database_url: str, trusted: str, times: int
) -> None:
    with running_server(tmp_path, DATABASE_URL=database_url, FORWARDED_ALLOW_IPS=trusted) as server:
        with httpx.Client(base_url=server.url) as client:
            for number in range(3):
                client.get("/users/me", headers={"X-Forwarded-For": f"192.0.2.{number}"})
        written = server.written()

    assert written.count(WARNING) == times
    assert written.count("FORWARDED_ALLOW_IPS") == times


@pytest.mark.parametrize("value", ["", "unknown", "192.0.2.1, 198.51.100.2", "'; DROP", "\x85", "x" * 20_000])
async def test_whatever_the_header_holds_the_request_is_answered(
    make_app: MakeApp, capsys: pytest.CaptureFixture[str], value: str
) -> None:
    async with ApiClient(make_app(), network="198.51.100.1") as client:
        for _ in range(2):
            answer = await client.get("/users/me", headers={b"X-Forwarded-For": value.encode("latin-1")})
            assert answer.status_code == 401

    printed = capsys.readouterr().out
    assert printed.count(WARNING) == 1
    assert '"source_ip": "198.51.100.1"' in printed


async def test_all_lines_of_the_header_are_one_list(make_app: MakeApp, capsys: pytest.CaptureFixture[str]) -> None:
    async with ApiClient(make_app(), network="198.51.100.1") as client:
        await client.get("/users/me", headers=[("X-Forwarded-For", "junk"), ("X-Forwarded-For", "198.51.100.1")])

    assert WARNING not in capsys.readouterr().out


async def test_without_the_header_nothing_is_said(make_app: MakeApp, capsys: pytest.CaptureFixture[str]) -> None:
    async with ApiClient(make_app()) as client:
        await client.get("/users/me")

    printed = capsys.readouterr().out
    assert '"event": "request"' in printed
    assert WARNING not in printed
