"""A clock for tests."""

from datetime import UTC, datetime, timedelta


class FakeClock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.moment = datetime(2030, 1, 1, 12, 0, 0, tzinfo=UTC)

    @classmethod
    def of_today(cls) -> "FakeClock":
        """Return one that shows the time of day, for those who also meet a clock that is no fake."""
        clock = cls()
        clock.moment = datetime.now(UTC)
        return clock

    def __call__(self) -> datetime:
        return self.moment

    def advance(self, **by: float) -> None:
        """Move the clock forward: `clock.advance(minutes=11)`."""
        self.moment += timedelta(**by)
