"""Whom a limit is about: a network, and never what a request says of itself."""

from collections.abc import Iterable

import pytest

from app.core.application import Application
from tests.conftest import MakeApp
from tests.support.client import ApiClient
from tests.support.limits import statuses

RESET = {"code": "x" * 43, "new_password": "seven lamps and a copper kettle"}
SAME = {
    "an address": ("192.0.2.1", "192.0.2.1"),
    "two addresses of one /64": ("2001:db8:1:2::a", "2001:db8:1:2:ffff::b"),
    "an address and its IPv4-mapped form": ("192.0.2.1", "::ffff:192.0.2.1"),
    "an address with a zone": ("fe80::1%eth0", "fe80::2"),
    "no addresses": ("", "testclient"),
}
OTHERS = {
    "two IPv4 addresses": ("192.0.2.1", "192.0.2.2"),
    "two /64": ("2001:db8:1:2::a", "2001:db8:1:3::a"),
    "two mapped addresses": ("::ffff:192.0.2.1", "::ffff:192.0.2.2"),
}


async def seen_from(make_app: MakeApp, first: str, second: str) -> list[int]:
    app = make_app(RATE_LIMIT_GENERAL="1/minute")
    async with ApiClient(app, network=first) as here, ApiClient(app, network=second) as there:
        return [*await statuses(here, 2), *await statuses(there, 1)]


@pytest.mark.parametrize(("first", "second"), SAME.values(), ids=SAME)
async def test_one_network_has_one_limit(make_app: MakeApp, first: str, second: str) -> None:
    assert await seen_from(make_app, first, second) == [404, 429, 429]


@pytest.mark.parametrize(("first", "second"), OTHERS.values(), ids=OTHERS)
async def test_another_network_has_its_own(make_app: MakeApp, first: str, second: str) -> None:
    assert await seen_from(make_app, first, second) == [404, 429, 404]


async def codes_tried(app: Application, network: str, times: int = 1) -> list[int]:
    async with ApiClient(app, network=network) as client:
        return [(await client.post("/auth/reset-password", json=RESET)).status_code for _ in range(times)]


async def tried_from_many(app: Application, networks: Iterable[str]) -> list[int]:
    return [status for network in networks for status in await codes_tried(app, network)]


async def test_one_line_with_many_networks_guesses_ten_times_as_much_as_one_of_them(make_app: MakeApp) -> None:
    """A /48 is 65,536 networks; with a limit for each of them alone it keeps every thread busy that hashes."""
    app = make_app(RATE_LIMIT_PASSWORD_RESET="2/minute")

    assert await tried_from_many(app, [f"2001:db8:1:{i:x}::1" for i in range(22)]) == [403] * 20 + [429] * 2
    assert await tried_from_many(app, ["2001:db8:2:1::1", "192.0.2.1"]) == [403, 403]


async def test_what_one_network_is_refused_its_neighbours_do_not_pay_for(make_app: MakeApp) -> None:
    app = make_app(RATE_LIMIT_PASSWORD_RESET="2/minute")

    assert await codes_tried(app, "2001:db8:1:1::1", 30) == [403] * 2 + [429] * 28
    assert await codes_tried(app, "2001:db8:1:2::1", 2) == [403] * 2


async def test_whoever_guesses_nothing_is_not_counted_with_neighbours(make_app: MakeApp) -> None:
    app = make_app(RATE_LIMIT_GENERAL="1/minute")
    for i in range(12):
        async with ApiClient(app, network=f"2001:db8:1:{i:x}::1") as client:
            assert await statuses(client, 1) == [404]


async def test_of_many_ipv4_addresses_each_is_a_network(make_app: MakeApp) -> None:
    app = make_app(RATE_LIMIT_PASSWORD_RESET="1/minute")

    assert await tried_from_many(app, [f"192.0.2.{i}" for i in range(12)]) == [403] * 12


@pytest.mark.parametrize("name", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "CF-Connecting-IP", "True-Client-IP"])
async def test_no_header_chooses_the_network(make_app: MakeApp, name: str) -> None:
    async with ApiClient(make_app(RATE_LIMIT_GENERAL="2/minute")) as client:
        answers = [await client.get("/nowhere", headers={name: f"192.0.2.{number}"}) for number in range(4)]

    assert [answer.status_code for answer in answers] == [404, 404, 429, 429]


async def test_probes_are_not_limited(make_app: MakeApp) -> None:
    async with ApiClient(make_app(RATE_LIMIT_GENERAL="1/minute")) as client:
        assert await statuses(client, 2) == [404, 429]
        assert await statuses(client, 5, "/health/live") == [200] * 5
        assert await statuses(client, 5, "/health/ready") == [200] * 5


async def test_who_asks_for_a_host_that_is_not_ours_uses_nothing_up(make_app: MakeApp) -> None:
    async with ApiClient(make_app(RATE_LIMIT_GENERAL="1/minute")) as client:
        foreign = [(await client.get("/nowhere", headers={"Host": "evil.example"})).status_code for _ in range(3)]

        assert (foreign, await statuses(client, 1)) == ([400] * 3, [404])
