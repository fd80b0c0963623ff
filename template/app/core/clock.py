"""Time and randomness, as parameters: the kernel carries both, so tests replace them without patching."""

import secrets
from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Returns the present moment, in UTC and aware of it."""

Entropy = Callable[[int], bytes]
"""Takes a number of bytes, returns that many unpredictable ones (ASVS V11.5.1: a CSPRNG, at least 128 bits)."""

system_entropy: Entropy = secrets.token_bytes


def system_clock() -> datetime:
    """Return the present moment in UTC, aware of it."""
    return datetime.now(UTC)
