"""Health probes: cheap, silent, and answered whatever else stands in the way."""

import asyncio

import pytest
from sqlalchemy import make_url

from app.core.application import Application
from tests.conftest import MakeApp
from tests.support.client import ApiClient
from tests.support.clock import FakeClock
from tests.support.planting import RawRequest

PROBES = ["/health/live", "/health/ready"]

each_probe = pytest.mark.parametrize("path", PROBES)


@each_probe
async def test_a_probe_that_knows_only_an_address_is_answered(client: ApiClient, path: str) -> None:
    answer = await client.get(path, headers={"Host": "10.1.2.3:8000"})

    assert answer.status_code == 200
    assert answer.json() == {"status": "ok"}


@each_probe
async def test_a_probe_without_a_host_is_answered(app: Application, path: str) -> None:
    assert (await RawRequest("GET", path, []).send_to(app)).status == 200


@each_probe
async def test_head_is_answered_with_the_head_of_get(client: ApiClient, path: str) -> None:
    """It is the server that leaves the body out, as `tests/core/test_real_server.py` sees."""
    got, head = await client.get(path), await client.head(path)

    differing = {name for name, value in got.headers.items() if head.headers.get(name) != value}
    assert head.status_code == got.status_code == 200
    assert differing <= {"x-request-id"}
    assert int(head.headers["Content-Length"]) == len(got.content)


@each_probe
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
async def test_no_other_method_is_served(client: ApiClient, path: str, method: str) -> None:
    answer = await client.request(method, path)

    assert answer.status_code == 405
    assert answer.headers["Allow"] == "GET, HEAD"
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.asvs("V16.5.2")
async def test_without_its_database_the_process_lives_and_is_not_ready(
    make_app: MakeApp, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    gone = make_url(database_url).set(database="/nowhere/gone_test").render_as_string(hide_password=False)
    async with ApiClient(make_app(DATABASE_URL=gone)) as client:
        live, ready = [await client.get(path) for path in PROBES]

    assert (live.status_code, ready.status_code) == (200, 503)
    assert ready.json() == {"status": "unavailable"}
    assert "not_ready" in capsys.readouterr().out


class Dependency:
    """Something that the application needs; it counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.is_there = True
        self.was_asked = asyncio.Event()
        self.answers = asyncio.Event()
        self.answers.set()

    async def __call__(self) -> None:
        self.asked += 1
        self.was_asked.set()
        await self.answers.wait()
        if not self.is_there:
            message = "gone"
            raise ConnectionError(message)


@pytest.fixture
def dependency(app: Application) -> Dependency:
    needed = Dependency()
    app.state.kernel.ready(needed)
    return needed


@pytest.mark.asvs("V13.2.6")
async def test_a_flood_of_probes_asks_once_a_second(
    client: ApiClient, dependency: Dependency, clock: FakeClock
) -> None:
    for _ in range(20):
        await client.get("/health/ready")
    clock.advance(seconds=0.9)
    await client.get("/health/ready")
    within_the_second = dependency.asked
    clock.advance(seconds=0.1)
    await client.get("/health/ready")

    assert (within_the_second, dependency.asked) == (1, 2)


async def test_it_is_ready_again_when_what_it_needs_is_back(
    client: ApiClient, dependency: Dependency, clock: FakeClock
) -> None:
    dependency.is_there = False
    without = await client.get("/health/ready")
    dependency.is_there = True
    clock.advance(seconds=1)
    with_it = await client.get("/health/ready")

    assert (without.status_code, with_it.status_code) == (503, 200)


async def test_probes_that_come_together_share_one_answer(client: ApiClient, dependency: Dependency) -> None:
    dependency.answers.clear()
    probes = [asyncio.create_task(client.get("/health/ready")) for _ in range(5)]
    await dependency.was_asked.wait()
    dependency.answers.set()
    answers = await asyncio.gather(*probes)

    assert [answer.status_code for answer in answers] == [200] * 5
    assert dependency.asked == 1


@pytest.mark.asvs("V13.2.6")
async def test_probes_that_wait_for_a_slow_answer_share_it(
    client: ApiClient, dependency: Dependency, clock: FakeClock
) -> None:
    dependency.answers.clear()
    probes = [asyncio.create_task(client.get("/health/ready")) for _ in range(5)]
    await dependency.was_asked.wait()
    clock.advance(seconds=10)
    dependency.answers.set()
    answers = await asyncio.gather(*probes)

    assert [answer.status_code for answer in answers] == [200] * 5
    assert dependency.asked == 1


async def test_a_clock_that_is_set_back_keeps_no_answer(
    client: ApiClient, dependency: Dependency, clock: FakeClock
) -> None:
    await client.get("/health/ready")
    dependency.is_there = False
    clock.advance(days=-1)

    assert (await client.get("/health/ready")).status_code == 503


async def test_probes_leave_no_line_in_the_log(make_app: MakeApp, capsys: pytest.CaptureFixture[str]) -> None:
    async with ApiClient(make_app()) as client:
        for path in [*PROBES, "/users/me"]:
            await client.get(path)

    lines = [line for line in capsys.readouterr().out.splitlines() if '"event": "request"' in line]
    assert len(lines) == 1
    assert "/users/me" in lines[0]


@pytest.mark.asvs("V13.4.5")
async def test_nothing_but_the_two_probes_is_answered_for_strangers(client: ApiClient) -> None:
    for path in ("/health", "/health/", "/health/live/", "/health/livez", "/health//live"):
        answer = await client.get(path, headers={"Host": "evil.example"})

        assert answer.status_code == 400
