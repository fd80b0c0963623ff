"""Threads that a test must not leave behind."""

import asyncio
import threading

PATIENCE = 2.0


async def let_connections_end() -> None:
    """Wait for the threads of connections: one that failed still wants to tell the event loop."""
    for thread in threading.enumerate():
        if "_connection_worker_thread" in thread.name:
            await asyncio.to_thread(thread.join, PATIENCE)
