"""Counting in this process's memory: nothing to install, nothing to reach, and forgotten at a restart.

The storage in memory that `limits` brings has no bound, and each hit starts a walk over all its keys with a hop to a
thread for each (5.8). So its two methods for the moving window are replaced; the strategy stays.
"""

from array import array
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterator
from functools import partial

from limits.aio.storage import MemoryStorage

from app.core.clock import Clock
from app.core.kernel import Kernel
from app.core.settings import CoreSettings, Finding
from app.rate_limit.counting import Limit, MovingWindow, Storage
from app.rate_limit.settings import RateLimitSettings

MOST_NETWORKS = 10_000
MARKS = 60


class MemorySettings(RateLimitSettings):
    """`RATE_LIMIT_...`, counted by one process for itself."""

    def findings(self, core: CoreSettings) -> Iterator[Finding]:
        """Yield what must not reach production: several processes, each of which would count from zero."""
        yield from super().findings(core)
        if core.web_concurrency > 1:
            yield Finding(
                "WEB_CONCURRENCY: each worker counts requests for itself, so the limits are as many times as high",
                "limits-per-worker",
            )

    def notes(self) -> Iterator[str]:
        """Yield what follows from counting in memory."""
        yield from super().notes()
        yield "RATE_LIMIT_...: counted in memory; a restart forgets it, and another process would count for itself"


class Hits:
    """What one network has sent within the window: at most `MARKS` and one pairs of a moment and a count.

    Hits that fall into the same sixtieth of a window share a pair and leave together, with the last of them. So the
    limit is never exceeded, and a request waits for at most that sixtieth longer than it had to.
    """

    __slots__ = ("counts", "moments")

    def __init__(self) -> None:
        self.moments = array("d")
        self.counts = array("Q")

    def take(self, amount: int, *, limit: int, window: float, now: float) -> bool:
        """Add `amount` hits if the limit leaves room for them; return whether it did."""
        self._forget(now, window)
        if sum(self.counts) + amount > limit:
            return False
        # A clock that went back a little must not put a hit before its predecessor.
        moment = max(now, self.moments[-1]) if self.moments else now
        mark = window / MARKS
        if self.moments and self.moments[-1] // mark == moment // mark:
            self.moments[-1] = moment
            self.counts[-1] += amount
        else:
            self.moments.append(moment)
            self.counts.append(amount)
        return True

    def _forget(self, now: float, window: float) -> None:
        """Drop what has left the window, and what lies further ahead than a clock can have been set back."""
        while self.moments and self.moments[0] <= now - window:
            del self.moments[0], self.counts[0]
        while self.moments and self.moments[-1] > now + window:
            del self.moments[-1], self.counts[-1]


class BoundedStorage(MemoryStorage):
    """`limits`' storage of one limit, for `MOST_NETWORKS` networks.

    When it is full, the network longest unseen makes room. Who keeps on sending is never that one, and whoever wanted
    to be needs as many other networks as there is room for, each of which could have sent as much itself. What has
    reached its limit is besides remembered by the guard until it may go on.
    """

    STORAGE_SCHEME = None

    def __init__(self, time: Callable[[], float]) -> None:
        super().__init__()
        self._time = time
        self._seen: OrderedDict[str, Hits] = OrderedDict()

    async def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Add `amount` hits of `key` if they are within the limit; return whether they are."""
        hits = self._seen.pop(key, None)
        if hits is None:
            hits = Hits()
            if len(self._seen) >= MOST_NETWORKS:
                self._seen.popitem(last=False)
        self._seen[key] = hits
        return hits.take(amount, limit=limit, window=expiry, now=self._time())

    async def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        """Return the moment of the oldest hit that still counts, and how many count."""
        del limit, expiry
        hits = self._seen.get(key)
        return (hits.moments[0], sum(hits.counts)) if hits and hits.moments else (self._time(), 0)


def _seconds(now: Clock) -> float:
    return now().timestamp()


class MemoryCounters:
    """Counters in memory: a storage for each limit, so that a flood under one displaces nobody under another."""

    def __init__(self, now: Clock) -> None:
        time = partial(_seconds, now)
        self._windows: defaultdict[Limit, MovingWindow] = defaultdict(lambda: MovingWindow(BoundedStorage(time), time))

    async def wait(self, limit: Limit, network: str) -> float:
        """Count a request and return 0, or return the seconds until one will be let through."""
        return await self._windows[limit].wait(limit.item, network)


def open_counters(kernel: Kernel, _settings: MemorySettings) -> MemoryCounters:
    """Return counters for one application."""
    return MemoryCounters(kernel.now)


STORAGE = Storage(settings=MemorySettings, open=open_counters)
