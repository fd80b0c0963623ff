"""How often something is told of that anybody can bring about, faster than anybody reads."""

from collections import OrderedDict
from datetime import datetime, timedelta

from app.core.clock import Clock

TOLD_EVERY = timedelta(minutes=1)
MOST_REMEMBERED = 10_000


class Told:
    """The events that were told of networks, each with the moment.

    Of more than `MOST_REMEMBERED` the first is forgotten.
    """

    def __init__(self, now: Clock) -> None:
        self._now = now
        self._at: OrderedDict[tuple[str, str], datetime] = OrderedDict()

    def is_due(self, event: str, network: str) -> bool:
        """Return whether no such event was told of `network` for `TOLD_EVERY`; if so, it is as of now."""
        now, told = self._now(), (event, network)
        # An age below zero is a clock that was set back.
        if told in self._at and timedelta(0) <= now - self._at[told] < TOLD_EVERY:
            return False
        self._at.pop(told, None)
        if len(self._at) >= MOST_REMEMBERED:
            self._at.popitem(last=False)
        self._at[told] = now
        return True
