"""A pytest plugin: limits so high that only a test that sets one itself meets it."""

import os
import time
from collections.abc import Awaitable, Callable

import httpx
from limits import RateLimitItem

from tests.support import production
from tests.support.clock import FakeClock

ENOUGH = "1000000/minute"

NAMES: set[str] = set()
"""The variable of every limit."""


def pytest_configure() -> None:
    """Set all limits. Not when this is imported: whoever measures what the tests run has not begun by then."""
    from app.main import SLICES

    (settings,) = (each.settings for each in SLICES if each.name == "rate_limit" and each.settings)
    for name, field in settings.model_fields.items():
        if isinstance(field.default, RateLimitItem):
            NAMES.add(str(field.validation_alias or f"RATE_LIMIT_{name}".upper()))
    os.environ |= dict.fromkeys(NAMES, ENOUGH)


MALFORMED = ("0/minute", "-1/minute", "10/0 minutes", "many/minute", "10/fortnight", "10/2 days", "5/minute;9/hour")
for _text in MALFORMED:
    _line = "RATE_LIMIT_LOGIN: write how many in which time, like 10/minute or 100/5 minutes"
    production.NOT_FIT[f"limit of {_text}"] = ("RATE_LIMIT_LOGIN", _text, _line)

TOO_WIDE = {
    "login": "101/hour",
    "register": "1/second",
    "password_change": "98/59 seconds",
    "password_reset": "99999999/day",
    "general": "101/second",
}
for _name, _text in TOO_WIDE.items():
    _variable = f"RATE_LIMIT_{_name.upper()}"
    production.NOT_FIT[f"{_name} of {_text}"] = (_variable, _text, f"{_variable}: so wide that whoever guesses is not")
production.RISKS["wide-limits"] = {"RATE_LIMIT_LOGIN": "99999999/second", "RATE_LIMIT_GENERAL": "99999999/second"}

OTHER_CLOCKS: list[Callable[[float], Awaitable[None]]] = []
"""How to wait for clocks that a test cannot move. What counts by one adds its own."""


async def time_passes(clock: FakeClock, seconds: float) -> None:
    """Let time pass, for the application and for whatever counts by another clock."""
    clock.advance(seconds=seconds)
    for wait in OTHER_CLOCKS:
        await wait(seconds)


async def until_late_in(clock: FakeClock, window: float) -> None:
    """Let time pass until most of a window is over that begins when the clock shows a multiple of it."""
    clock.advance(seconds=(0.7 * window - clock().timestamp()) % window)
    for wait in OTHER_CLOCKS:
        await wait((0.7 * window - time.time()) % window)


async def statuses(client: httpx.AsyncClient, times: int, path: str = "/nowhere") -> list[int]:
    """Ask that often, one after the other; return what was answered."""
    return [(await client.get(path)).status_code for _ in range(times)]
