"""What counts, and where: the strategy is one of the library `limits`, its storage what projects differ in."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from limits import RateLimitItem
from limits.aio.storage import Storage as LimitsStorage
from limits.aio.strategies import MovingWindowRateLimiter

from app.core.kernel import Kernel
from app.rate_limit.settings import RateLimitSettings

SHORTEST_WAIT = 0.001


@dataclass(frozen=True, kw_only=True)
class Limit:
    """How many requests of one kind a network may send.

    `guess` says that they are tries at something, which nobody may have for free when nothing can be counted.
    """

    name: str
    item: RateLimitItem
    guess: bool

    @property
    def window(self) -> int:
        """The time, in seconds, over which requests are counted."""
        return self.item.get_expiry()


class Counters(Protocol):
    """Counts requests, by limit and network."""

    async def wait(self, limit: Limit, network: str) -> float:
        """Count a request and return 0, or do not count it and return the seconds until one will be let through.

        Raises:
            Problem: nothing could be counted, and the request is not to be let through uncounted.
        """


@dataclass(frozen=True, kw_only=True)
class Storage:
    """Where a project counts: what can be set about it, and how to open it for one application."""

    settings: type[RateLimitSettings]
    open: Callable[[Kernel, Any], Counters]


class MovingWindow:
    """The limit over the last seconds, at any moment; `time` is the clock of `storage`, in seconds."""

    def __init__(self, storage: LimitsStorage, time: Callable[[], float]) -> None:
        self._strategy = MovingWindowRateLimiter(storage)
        self._time = time

    async def wait(self, item: RateLimitItem, name: str) -> float:
        """Count one for `name` and return 0, or return the seconds until one will be let through."""
        if await self._strategy.hit(item, name):
            return 0.0
        window = await self._strategy.get_window_stats(item, name)
        # Between machines whose clocks differ it could seem to be over already, or to last longer than a window.
        return min(max(SHORTEST_WAIT, window.reset_time - self._time()), item.get_expiry())
