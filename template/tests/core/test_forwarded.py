"""A proxy that nobody has named is noticed, once."""

from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from uvicorn.main import main as uvicorn
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from app import manage
from tests.conftest import MakeApp
from tests.support.client import ApiClient
from tests.support.environment import Machine

WARNING = '"event": "forwarded_address_not_believed"'


@pytest.mark.asvs("V15.3.4")
@pytest.mark.parametrize(("trusted", "times"), [("10.20.30.40", 1), ("127.0.0.1", 0)])
async def test_an_address_from_an_untrusted_peer_warns_once_and_names_the_setting(
    make_app: MakeApp, capsys: pytest.CaptureFixture[str], trusted: str, times: int
) -> None:
    served: Any = ProxyHeadersMiddleware(cast(Any, make_app()), trusted_hosts=trusted)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(served), base_url="http://localhost") as client:
        for number in range(3):
            await client.get("/users/me", headers={"X-Forwarded-For": f"192.0.2.{number}"})

    written = capsys.readouterr().out
    assert written.count('"event": "request"') == 3
    assert written.count(WARNING) == times
    assert written.count("FORWARDED_ALLOW_IPS") == times


@pytest.mark.asvs("V15.3.4")
def test_the_server_believes_whom_the_setting_names_and_nobody_else(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    machine.set(FORWARDED_ALLOW_IPS="10.20.30.40, 10.50.0.0/16")
    told: list[str] = []

    def begin(*arguments: str) -> int:
        told.extend(arguments)
        return 0

    monkeypatch.setattr("app.core.project_commands._serve_here", begin)

    manage.main(["serve"])

    understood = uvicorn.make_context("uvicorn", told).params
    assert understood["proxy_headers"]
    assert understood["forwarded_allow_ips"] == "10.20.30.40,10.50.0.0/16"


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
