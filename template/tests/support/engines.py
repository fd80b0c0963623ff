"""Engines that outlive their test, so that what SQLAlchemy has once compiled serves every later test."""

from collections import defaultdict
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from app.core.database import DatabaseKind


class KeptEngines:
    """A database kind that hands an engine out again once it has been given back. No connection stays in it."""

    def __init__(self, kind: DatabaseKind) -> None:
        self._kind = kind
        self._free: dict[Any, list[AsyncEngine]] = defaultdict(list)
        self._out: list[tuple[Any, AsyncEngine]] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._kind, name)

    def connect(self, url: str, **how: Any) -> AsyncEngine:
        """Return an engine that nobody else has."""
        key = (url, *sorted(how.items()))
        free = self._free[key]
        engine = free.pop() if free else self._kind.connect(url, **how)
        self._out.append((key, engine))
        return engine

    async def take_back(self) -> None:
        """Close the connections of every engine that is out, and keep it for the next test."""
        while self._out:
            key, engine = self._out.pop()
            await engine.dispose()
            self._free[key].append(engine)
