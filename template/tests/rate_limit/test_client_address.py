"""The client's address on a real server: made by proxies that are named, for each client with a limit of its own."""

from pathlib import Path

import httpx
import pytest

from tests.support.server import Server, running_server

TRUSTED = "127.0.0.1"


def answers(server: Server, *forwarded: str) -> list[int]:
    """Ask once for each `X-Forwarded-For`; return the statuses."""
    with httpx.Client(base_url=server.url) as client:
        return [client.get("/nowhere", headers={"X-Forwarded-For": each}).status_code for each in forwarded]


@pytest.mark.asvs("V15.3.4")
def test_behind_a_trusted_proxy_each_client_has_its_own_limit(tmp_path: Path, database_url: str) -> None:
    settings = {"DATABASE_URL": database_url, "FORWARDED_ALLOW_IPS": TRUSTED, "RATE_LIMIT_GENERAL": "2/minute"}
    with running_server(tmp_path, **settings) as server:
        clients = answers(server, "192.0.2.1", "192.0.2.2", "192.0.2.1", "192.0.2.2", "192.0.2.1", "192.0.2.3")
        invented = answers(server, *(f"203.0.113.{number}, 192.0.2.4" for number in range(4)))
        one_subscriber = answers(server, "2001:db8:7:7::1", "[2001:db8:7:7::2]:4711", "2001:db8:7:7::3")

    assert clients == [404, 404, 404, 404, 429, 404]
    assert invented == [404, 404, 429, 429]
    assert one_subscriber == [404, 404, 429]
