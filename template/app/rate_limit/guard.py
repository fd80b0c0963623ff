"""The guard: which limit a request falls under, whether its network is over it, and the answer if so."""

import math
from collections import OrderedDict
from dataclasses import replace
from ipaddress import IPv6Network

from limits import RateLimitItem
from starlette.routing import Match
from starlette.types import ASGIApp, Receive, Scope, Send

from app.core.context import current_network
from app.core.errors import Problem
from app.core.events import Level, SecurityEvent
from app.core.kernel import Kernel
from app.core.routing import Route
from app.rate_limit.counting import Counters, Limit
from app.rate_limit.settings import RateLimitSettings, name_of

GENERAL = "general"
MOST_BLOCKED = 10_000
SITE_BITS = 48
"""The prefix of a site: as much as one line is given (RFC 6177)."""

TIMES_FOR_A_SITE = 10
"""How many times the limit of one of its networks a site has: enough for an office, and not 65,536 times as much."""


def site_of(network: str) -> str | None:
    """Return the /48 around the /64 of an IPv6 client, None for any other network.

    A line is given a /56 or a /48 (RFC 6177), that is 256 or 65,536 networks to guess from.
    """
    return str(IPv6Network(network).supernet(new_prefix=SITE_BITS)) if ":" in network else None


def of_a_site(limit: Limit) -> Limit:
    """Return the limit of a whole /48: `TIMES_FOR_A_SITE` times that of one network in it."""
    return replace(limit, item=type(limit.item)(TIMES_FOR_A_SITE * limit.item.amount, limit.item.multiples))


def headers_of(name: str, item: RateLimitItem, seconds: int) -> dict[str, str]:
    """Return what a refusal says of the limit.

    `RateLimit` and `RateLimit-Policy` are still a draft (draft-ietf-httpapi-ratelimit-headers-10), so they are written
    here alone. A 429 must not be stored (RFC 6585 section 4).
    """
    return {
        "Retry-After": str(seconds),
        "RateLimit": f'"{name}";r=0;t={seconds}',
        "RateLimit-Policy": f'"{name}";q={item.amount};w={item.get_expiry()}',
        "Cache-Control": "no-store",
    }


def too_many(limit: Limit, wait: float) -> Problem:
    """Return the 429 for a network that has to wait."""
    headers = headers_of(limit.name, limit.item, max(1, math.ceil(wait)))
    return Problem(429, "rate_limited", "Too many requests. Wait.", headers=headers, hint=name_of(limit.name))


class Blocked:
    """The networks that have reached a limit, each until it may go on.

    Until then nothing is counted for them, so a flood costs neither a round trip nor, told once, a line of events for
    each request. Of more than `MOST_BLOCKED` the first is forgotten and asked about again.
    """

    def __init__(self, kernel: Kernel) -> None:
        self._now = kernel.now
        self._until: OrderedDict[tuple[str, str], float] = OrderedDict()

    def add(self, limit: Limit, network: str, wait: float) -> None:
        """Block `network` for `wait` seconds."""
        if len(self._until) >= MOST_BLOCKED:
            self._until.popitem(last=False)
        self._until[limit.name, network] = self._now().timestamp() + wait

    def left(self, limit: Limit, network: str) -> float:
        """Return for how many seconds `network` is blocked, 0 when it is not."""
        until = self._until.get((limit.name, network))
        if until is None:
            return 0.0
        left = until - self._now().timestamp()
        # More than a window cannot be left, unless the clock was set back.
        if 0 < left <= limit.window:
            return left
        del self._until[limit.name, network]
        return 0.0


class RateLimits:
    """Pure ASGI: passes on what is within its limit, and answers 429 to the rest."""

    def __init__(self, app: ASGIApp, kernel: Kernel, settings: RateLimitSettings, counters: Counters) -> None:
        self._app = app
        self._kernel = kernel
        self._counters = counters
        self._blocked = Blocked(kernel)
        self._general = Limit(name=GENERAL, item=settings.general, guess=False)
        self._guesses: dict[str, list[tuple[Route, Limit]]] = {}
        for route, action in kernel.guessable.items():
            limit = Limit(name=action, item=settings.of(action), guess=True)
            for method in route.methods or ():
                self._guesses.setdefault(method, []).append((route, limit))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            if scope["type"] == "http":
                await self._count(self._limit_of(scope), current_network())
        except Problem as refusal:
            await refusal.response(with_hint=self._kernel.core.is_local)(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _limit_of(self, scope: Scope) -> Limit:
        """Return the limit of the route that will answer, as the router itself finds it."""
        for route, limit in self._guesses.get(scope["method"], ()):
            if route.matches(scope)[0] is Match.FULL:
                return limit
        return self._general

    async def _count(self, limit: Limit, network: str) -> None:
        """Count for the network; of a guess, also for the site around it. While either has to wait, neither is counted.

        Of the request that first meets the site's limit the network's count stays.

        Raises:
            Problem: 429 for who has to wait, 503 where what counts cannot be reached.
        """
        counted = [(limit, network)]
        if limit.guess and (site := site_of(network)):
            counted.append((of_a_site(limit), site))
        for each, whom in counted:
            if wait := self._blocked.left(each, whom):
                raise too_many(each, wait)
        for each, whom in counted:
            if wait := await self._counters.wait(each, whom):
                if not self._blocked.left(each, whom):
                    self._tell(each, whom)
                self._blocked.add(each, whom, wait)
                raise too_many(each, wait)

    def _tell(self, limit: Limit, network: str) -> None:
        arguments = (network, limit.name, str(limit.item.amount))
        self._kernel.tell(SecurityEvent(name="excess_rate_limit_exceeded", arguments=arguments, level=Level.WARN))
