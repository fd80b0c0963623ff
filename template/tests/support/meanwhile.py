"""Something that comes while somebody else's transaction is open."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

WAITS_AFTER_SECONDS = 0.5
"""What is not done by then waits for a lock."""


async def begun(coroutine: Coroutine[Any, Any, T], *, within_seconds: float = WAITS_AFTER_SECONDS) -> asyncio.Task[T]:
    """Begin something, and return it once it is done or waits for a lock.

    A test that would fail were it still on its way there gives it more time.
    """
    task = asyncio.create_task(coroutine)
    await asyncio.wait({task}, timeout=within_seconds)
    return task
