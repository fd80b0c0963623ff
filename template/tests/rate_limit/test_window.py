"""The window moves: at no moment have the last seconds seen more than the limit."""

from tests.conftest import MakeApp
from tests.support.client import ApiClient
from tests.support.clock import FakeClock
from tests.support.limits import statuses, time_passes, until_late_in

WINDOW = 2.0


async def test_around_the_start_of_a_window_no_more_get_through_than_otherwise(
    make_app: MakeApp, clock: FakeClock
) -> None:
    """Where counting starts anew at fixed times, twice the limit passes within a moment."""
    async with ApiClient(make_app(RATE_LIMIT_GENERAL="4/2 seconds")) as client:
        await until_late_in(clock, WINDOW)
        before = await statuses(client, 5)
        await time_passes(clock, 0.4 * WINDOW)
        after = await statuses(client, 4)

    assert before == [404] * 4 + [429]
    assert after == [429] * 4


async def test_after_the_time_that_was_told_it_goes_on(make_app: MakeApp, clock: FakeClock) -> None:
    async with ApiClient(make_app(RATE_LIMIT_GENERAL="2/2 seconds")) as client:
        await statuses(client, 2)
        refused = await client.get("/nowhere")
        assert refused.headers["Retry-After"] in {"1", "2"}
        await time_passes(clock, 2.05)

        assert await statuses(client, 3) == [404, 404, 429]


async def test_room_comes_back_one_by_one(make_app: MakeApp, clock: FakeClock) -> None:
    async with ApiClient(make_app(RATE_LIMIT_GENERAL="2/2 seconds")) as client:
        first = await statuses(client, 1)
        await time_passes(clock, 1.2)
        then = await statuses(client, 2)
        await time_passes(clock, 0.9)
        later = await statuses(client, 2)

    assert (first, then, later) == ([404], [404, 429], [404, 429])


async def test_what_is_refused_makes_nobody_wait_longer(make_app: MakeApp, clock: FakeClock) -> None:
    async with ApiClient(make_app(RATE_LIMIT_GENERAL="1/2 seconds")) as client:
        await statuses(client, 1)
        await time_passes(clock, 1.0)
        assert await statuses(client, 10) == [429] * 10
        await time_passes(clock, 1.05)

        assert await statuses(client, 1) == [404]


async def test_a_clock_that_is_set_back_blocks_nobody_for_hours(make_app: MakeApp, clock: FakeClock) -> None:
    async with ApiClient(make_app(RATE_LIMIT_GENERAL="1/2 seconds")) as client:
        assert await statuses(client, 2) == [404, 429]
        clock.advance(hours=-3)
        await time_passes(clock, 2.05)

        assert await statuses(client, 2) == [404, 429]
