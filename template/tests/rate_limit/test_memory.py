"""Counting in memory: bounded, exact to a sixtieth of the window, and honest about being one process's own."""

import random
import re
import sys
import tracemalloc
from bisect import bisect_right

import pytest
from limits import parse

from app.core.settings import SettingsError
from app.rate_limit import memory
from app.rate_limit.counting import Limit
from app.rate_limit.guard import of_a_site
from app.rate_limit.memory import MARKS, MOST_NETWORKS, Hits, MemoryCounters
from tests.conftest import MakeApp
from tests.support.clock import FakeClock
from tests.support.environment import Machine

LOGIN = Limit(name="login", item=parse("2/minute"), guess=True)
GENERAL = Limit(name="general", item=parse("600/minute"), guess=False)


def test_production_refuses_it_with_several_workers(machine: Machine) -> None:
    with pytest.raises(SettingsError) as caught:
        machine.set(WEB_CONCURRENCY="2").load()

    lines = [line for line in str(caught.value).splitlines() if "limits-per-worker" in line]
    all_risks = ",".join(re.findall(r"ACCEPTED_RISKS=([\w-]+)", str(caught.value)))
    accepted = machine.set(ACCEPTED_RISKS=all_risks).load().accepted
    assert len(lines) == 1
    assert lines[0].strip().startswith("WEB_CONCURRENCY: each worker counts")
    assert "limits-per-worker" in accepted


async def test_it_says_at_every_start_that_it_counts_for_itself(
    capsys: pytest.CaptureFixture[str], make_app: MakeApp
) -> None:
    app = make_app()
    async with app.router.lifespan_context(app):
        printed = capsys.readouterr().out

    assert printed.count("RATE_LIMIT_...: counted in memory") == 1


async def test_a_flood_from_many_networks_is_bounded_in_memory(
    clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The library's own storage takes 46 MiB for 100,000 networks, and never gives a network up."""
    most = 500
    monkeypatch.setattr(memory, "MOST_NETWORKS", most)
    counters = MemoryCounters(clock)
    tracemalloc.start()
    for number in range(4 * most):
        await counters.wait(LOGIN, f"2001:db8:{number:x}::/64")
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert held < 1024 * most


async def test_many_requests_of_one_network_are_bounded_too(clock: FakeClock) -> None:
    hits = Hits()
    for _ in range(50_000):
        assert hits.take(1, limit=1_000_000, window=60, now=clock().timestamp())
        clock.advance(milliseconds=1)

    assert len(hits.moments) <= MARKS + 1
    assert sys.getsizeof(hits.moments) + sys.getsizeof(hits.counts) < 4096


async def test_a_flood_from_elsewhere_does_not_free_who_keeps_on_sending(clock: FakeClock) -> None:
    counters = MemoryCounters(clock)
    freed = 0
    for number in range(3 * MOST_NETWORKS):
        await counters.wait(LOGIN, f"198.51.{number // 256}.{number % 256}")
        if number % 1000 == 0:
            freed += await counters.wait(LOGIN, "192.0.2.1") == 0

    assert freed == 2


async def test_a_flood_under_one_limit_displaces_nobody_under_another(clock: FakeClock) -> None:
    counters = MemoryCounters(clock)
    for _ in range(2):
        assert await counters.wait(LOGIN, "192.0.2.1") == 0
    for number in range(MOST_NETWORKS + 1):
        await counters.wait(GENERAL, f"198.51.{number // 256}.{number % 256}")

    assert await counters.wait(LOGIN, "192.0.2.1") > 0


async def test_a_flood_from_the_networks_of_a_site_does_not_free_the_site(clock: FakeClock) -> None:
    counters, limit = MemoryCounters(clock), of_a_site(LOGIN)
    for _ in range(limit.item.amount):
        assert await counters.wait(limit, "2001:db8:1::/48") == 0
    for number in range(MOST_NETWORKS + 1):
        await counters.wait(LOGIN, f"2001:db8:1:{number:x}::/64")

    assert await counters.wait(limit, "2001:db8:1::/48") > 0


@pytest.mark.parametrize("seed", range(5))
def test_at_no_moment_have_the_last_seconds_seen_more_than_the_limit(seed: int) -> None:
    """Against a log of every hit: never more than the limit, and never stricter than one more sixtieth of a window."""
    dice = random.Random(seed)  # noqa: S311 - nothing secret
    hits, window, limit = Hits(), 60.0, dice.choice([1, 3, 40, 200])
    now, passed = 1_000_000.0, []
    for _ in range(5000):
        now += dice.choice([0.0, 0.01, 0.3, 1.0, 7.0, 61.0]) * dice.random()
        if hits.take(1, limit=limit, window=window, now=now):
            passed.append(now)
            assert later_than(now - window, passed) <= limit
        else:
            assert later_than(now - window * (1 + 1 / MARKS), passed) >= limit


def later_than(moment: float, moments: list[float]) -> int:
    """Return how many of `moments`, which are in order, are later."""
    return len(moments) - bisect_right(moments, moment)


def test_a_clock_that_goes_back_loses_no_hit_and_keeps_none_for_hours() -> None:
    hits = Hits()
    assert hits.take(1, limit=1, window=60, now=1000.0)

    assert not hits.take(1, limit=1, window=60, now=999.0)
    assert hits.take(1, limit=1, window=60, now=100.0)


def test_what_is_in_memory_belongs_to_one_application(clock: FakeClock) -> None:
    assert memory.MemoryCounters(clock) is not memory.MemoryCounters(clock)
