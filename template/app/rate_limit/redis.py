"""Counting in Redis: all processes count together.

Threats: a Redis that is gone or hangs must neither open the login to guessing nor hold every request up; the addresses
of people must not lie about in it.

Removed with its folder; then `tests/support/redis.py` goes too, and what `pyproject.toml` says of it.
"""

import asyncio
import hmac
import re
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Any, TypeVar
from urllib.parse import SplitResult, parse_qsl, urlsplit

from limits.aio.storage import RedisStorage
from pydantic import Field, SecretStr
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from app.core.clock import Clock
from app.core.errors import unavailable
from app.core.kernel import Kernel
from app.core.log import log
from app.core.settings import CoreSettings, Finding
from app.rate_limit.counting import Limit, MovingWindow, Storage
from app.rate_limit.settings import RateLimitSettings

PAUSE = timedelta(seconds=1)
SILENCE = timedelta(minutes=1)
MOST_CONNECTIONS = 32
LONGEST_QUEUE_SECONDS = 5
"""How long a request waits for its turn to ask, should Redis answer slowly, though in time."""

STEPS = 30
"""In how many steps an answer is waited for. A connection and a question take up to 20 turns of the event loop.

`REDIS_TIMEOUT_SECONDS` leaves each a millisecond at least: uvloop waits for no less.
"""

_TOO_SLOW = "Requests wait in vain for others to be counted, and are treated as in an outage: logins are refused"
_FORM = "redis://user:password@host:6379/0, rediss:// for TLS, or unix:///path/to/socket"
_NO_SECRETS = frozenset({"", "redis", "password", "changeme", "default", "foobared"})
_THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})
_OPTIONS = {"redis": set[str](), "rediss": {"ssl_ca_certs"}, "unix": {"db"}}

T = TypeVar("T")


class WithoutRedis(StrEnum):
    """What happens to requests that are no guesses while Redis does not answer in time. Guesses are refused."""

    ALLOW = "allow"
    REFUSE = "refuse"


class RedisSettings(RateLimitSettings):
    """`RATE_LIMIT_...`, and `REDIS_...`: where all processes count, and how long a request waits for an answer."""

    redis_url: SecretStr = Field(default=SecretStr("redis://127.0.0.1:6379/0"), validation_alias="REDIS_URL")
    redis_timeout_seconds: float = Field(default=0.2, ge=0.05, le=10, validation_alias="REDIS_TIMEOUT_SECONDS")
    without_redis: WithoutRedis = WithoutRedis.ALLOW

    def findings(self, core: CoreSettings) -> Iterator[Finding]:
        """Yield an address that cannot be read, and what must not reach production: one that anyone can listen to."""
        yield from super().findings(core)
        url = readable(self.redis_url.get_secret_value())
        if url is None:
            yield Finding(f"REDIS_URL: cannot be read; write {_FORM}", everywhere=True)
        elif url.scheme != "unix":
            if url.scheme != "rediss" and url.hostname not in _THIS_MACHINE:
                yield Finding("REDIS_URL: anyone on the way reads and changes it; use rediss://", "redis-without-tls")
            if (url.password or "") in _NO_SECRETS:
                yield Finding("REDIS_URL: the password is missing or a default one", "default-redis-password")


def readable(text: str) -> SplitResult | None:
    """Return the parts of an address, None for one that the client would refuse or misread.

    It takes a database that is no number for the first one, and options in the address win over ours: the time that is
    waited, and whether the other side's certificate is looked at.
    """
    try:
        url = urlsplit(text)
        port = url.port
        options = dict(parse_qsl(url.query, keep_blank_values=True, strict_parsing=bool(url.query)))
    except ValueError:
        return None
    if url.scheme not in _OPTIONS or url.fragment or options.keys() - _OPTIONS[url.scheme]:
        return None
    if url.scheme == "unix":
        is_right = not url.netloc and len(url.path) > 1 and options.get("db", "0").isdecimal()
    else:
        is_right = bool(url.hostname) and port != 0 and re.fullmatch(r"/?|/[0-9]{1,4}", url.path) is not None
    return url if is_right else None


class Outage:
    """Whether Redis answers, and when to ask again: once a second while it does not, one request for all."""

    def __init__(self, now: Clock) -> None:
        self._now = now
        self._began: datetime | None = None
        self._asked = now()
        self._crowded: datetime | None = None

    @property
    def lasts(self) -> bool:
        """Whether Redis did not answer the last time."""
        return self._began is not None

    def is_to_be_awaited(self) -> bool:
        """Return whether to go on without asking; if not, the caller asks, and the others await what it hears."""
        if self._began is None:
            return False
        now = self._now()
        if now - PAUSE < self._asked <= now:
            return True
        self._asked = now
        return False

    def failed(self, error: Exception) -> None:
        """Note that Redis did not answer. The log hears of the first time."""
        self._asked = self._now()
        if self._began is None:
            self._began = self._asked
            log.error("redis_not_reached", description="What can be guessed is refused, logins too", exc_info=error)

    def crowded(self) -> None:
        """Note that a request had no turn to ask, because Redis is slow. The log hears of it once a minute."""
        now = self._now()
        if self._crowded is None or not now - SILENCE < self._crowded <= now:
            self._crowded = now
            log.warning("redis_too_slow", description=_TOO_SLOW)

    def answered(self) -> None:
        """Note that Redis answered. The log hears of it after an outage."""
        if self._began is not None:
            log.warning("redis_reached_again", seconds=(self._now() - self._began).total_seconds())
            self._began = None


class RedisCounters:
    """Counters that all processes with the same root secret share.

    Args:
        settings: where Redis is, and what happens without it.
        name: what its keys begin with.
        key: hashes networks, which are personal data; known to the application only.
        now: the clock.
    """

    def __init__(self, settings: RedisSettings, *, name: str, key: bytes, now: Clock) -> None:
        self._patience = settings.redis_timeout_seconds
        self._without_redis = settings.without_redis
        self._pool = BlockingConnectionPool.from_url(
            settings.redis_url.get_secret_value(),
            max_connections=MOST_CONNECTIONS,
            timeout=None,
            protocol=2,
            socket_timeout=None,
            retry=Retry(NoBackoff(), 0),
        )
        options: Any = {"key_prefix": f"{name}:rate-limit", "connection_pool": self._pool}
        storage = RedisStorage("async+redis://", implementation="redispy", **options)
        self._window = MovingWindow(storage, time.time)
        self._key = key
        self._outage = Outage(now)
        self._turns = asyncio.Semaphore(MOST_CONNECTIONS)

    async def wait(self, limit: Limit, network: str) -> float:
        """Count a request and return 0, or return the seconds until one will be let through.

        Raises:
            Problem: 503 while Redis cannot be reached: for a guess, and where the setting says so for all others.
        """
        name = hmac.digest(self._key, f"{limit.name} {network}".encode(), "sha256").hex()[:32]
        answer = await self._ask(partial(self._window.wait, limit.item, name))
        if answer is not None:
            return answer
        if limit.guess or self._without_redis is WithoutRedis.REFUSE:
            raise unavailable()
        return 0.0

    async def _ask(self, question: Callable[[], Awaitable[T]]) -> T | None:
        """Return the answer, None when there is none in time.

        Others may have all connections: that is our own crowd, and says nothing of Redis.
        """
        try:
            async with asyncio.timeout(LONGEST_QUEUE_SECONDS):
                await self._turns.acquire()
        except TimeoutError:
            self._outage.crowded()
            return None
        try:
            return None if self._outage.is_to_be_awaited() else await self._answer_to(question)
        finally:
            self._turns.release()

    async def _answer_to(self, question: Callable[[], Awaitable[T]]) -> T | None:
        try:
            answer = await self._in_time(self._anew(question) if self._outage.lasts else question())
        except (RedisError, OSError) as error:
            self._outage.failed(error)
            return None
        self._outage.answered()
        return answer

    async def _anew(self, question: Callable[[], Awaitable[T]]) -> T:
        """Connect before asking: one that refuses, as a replica does, may have lost its name to another."""
        await self._pool.disconnect(inuse_connections=False)
        return await question()

    async def _in_time(self, answer: Awaitable[T]) -> T:
        """Return the answer. Raises: TimeoutError; what holds up this process, and not Redis, counts as one step."""
        asked = asyncio.ensure_future(answer)
        try:
            for _ in range(STEPS):
                if asked in (await asyncio.wait((asked,), timeout=self._patience / STEPS))[0]:
                    return asked.result()
        finally:
            asked.cancel()
        raise TimeoutError

    @asynccontextmanager
    async def greeted(self) -> AsyncGenerator[None]:
        """Say in the log at start, and not only at the first login, that Redis cannot be reached."""
        await self._ask(Redis(connection_pool=self._pool).ping)
        yield

    async def close(self) -> None:
        """Close all connections."""
        await self._pool.disconnect()


def open_counters(kernel: Kernel, settings: RedisSettings) -> RedisCounters:
    """Return counters for one application; nothing is connected before the first question."""
    key = kernel.core.roots.current.derive("rate-limit/HMAC-SHA256/1")
    counters = RedisCounters(settings, name=kernel.name, key=key, now=kernel.now)
    kernel.lifespan(counters.greeted)
    kernel.closing(counters.close)
    return counters


STORAGE = Storage(settings=RedisSettings, open=open_counters)
