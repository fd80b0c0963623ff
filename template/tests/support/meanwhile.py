"""Something that comes while somebody else's transaction is open."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

WAITS_AFTER_SECONDS = 0.5
"""What is not done by then waits for a lock."""


async def begun(coroutine: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
    """Begin something, and return it once it is done or waits for a lock."""
    task = asyncio.create_task(coroutine)
    await asyncio.wait({task}, timeout=WAITS_AFTER_SECONDS)
    return task
