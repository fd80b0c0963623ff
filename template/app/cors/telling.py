"""How often a refusal is told of: anybody can send preflights, faster than anybody reads."""

from collections import OrderedDict
from datetime import datetime, timedelta

from app.core.clock import Clock

TOLD_EVERY = timedelta(minutes=1)
MOST_REMEMBERED = 10_000


class Told:
    """The networks that were told of, each with the moment. Of more than `MOST_REMEMBERED` the first is forgotten."""

    def __init__(self, now: Clock) -> None:
        self._now = now
        self._at: OrderedDict[str, datetime] = OrderedDict()

    def is_due(self, network: str) -> bool:
        """Return whether nothing was told of `network` for `TOLD_EVERY`; if so, it is as of now."""
        now = self._now()
        # An age below zero is a clock that was set back.
        if network in self._at and timedelta(0) <= now - self._at[network] < TOLD_EVERY:
            return False
        self._at.pop(network, None)
        if len(self._at) >= MOST_REMEMBERED:
            self._at.popitem(last=False)
        self._at[network] = now
        return True
