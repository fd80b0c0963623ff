"""The kernel: what slices are installed into. One an application, never a module global."""

import re
from asyncio import Lock, Task, create_task, sleep, timeout, wait
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, suppress
from typing import Annotated, Any, TypeVar

from fastapi import Depends, FastAPI, Request
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.types import ASGIApp

from app.core.clock import Clock, Entropy, system_clock, system_entropy
from app.core.context import RequestContext, current_network, current_request
from app.core.database import DatabaseKind, Store, connect
from app.core.errors import NOT_REACHED
from app.core.events import Listener, SecurityEvent
from app.core.log import log, log_security_event
from app.core.login import Login
from app.core.principals import Principals
from app.core.routing import Route, Router, UnguardedRouteError, routes_of, unguarded
from app.core.settings import CoreSettings, Settings
from app.core.telling import Told

_LAST_EVENTS_SECONDS = 5
_PERMISSION = re.compile(r"[!#-\[\]-~]{1,100}", re.ASCII)

Wrap = Callable[[ASGIApp], ASGIApp]
T = TypeVar("T")


class Kernel:
    """Holds what the slices contribute, and the few things that all of them use.

    Args:
        name: what this application calls itself, towards its clients and as its id in the logs.
        settings: those of all slices.
        database: the kind of database this project uses.
        now: the clock.
        entropy: the source of randomness.
    """

    def __init__(
        self,
        *,
        name: str,
        settings: Settings,
        database: DatabaseKind,
        now: Clock = system_clock,
        entropy: Entropy = system_entropy,
    ) -> None:
        self.name = name
        self.settings = settings
        self.now = now
        self.entropy = entropy
        self.store = Store(_engine(settings.core, database), database)
        self.principals = Principals(self.store, now, self.prepared)
        self.login = Login(self.store, now, entropy, self.principals, self.tell)
        self.listeners: list[Listener] = [log_security_event]
        self.guards: list[Wrap] = []
        self.response_headers: list[tuple[bytes, bytes]] = []
        self.unlogged_paths: set[str] = set()
        self.ready_checks: list[Callable[[], Awaitable[None]]] = [self.prepared]
        self.routers: list[Router] = []
        self.routes: set[Route] = set()
        """Every route that was mounted."""
        self.public_routes: set[Route] = set()
        """Those of them that authenticate nobody."""
        self.guessable: dict[Route, str] = {}
        """Those whose answer tells whether a guess was right, each with what is guessed."""
        self.permissions: dict[str, bool] = {}
        """What routes may ask for, each with whether every active account has it."""
        self.described_paths: dict[str, Any] = {}
        self.refused_changes: dict[int, str] = {}
        """The statuses with which guards refuse methods that change something, each with what it means."""
        self.named_origins: set[str] = set()
        """Other origins whose pages may call, as browsers write them."""
        self.request_headers: set[str] = {"Content-Type"}
        """Those that a page on another origin may send."""
        self.exposed_headers: set[str] = {"Retry-After", "WWW-Authenticate", "X-Request-ID"}
        """Those that it may read."""
        self.docs_scripts: list[str] = []
        """What `/docs` runs before it starts."""
        self._preparations: list[Callable[[], Awaitable[None]]] = []
        self._preparing = Lock()
        self._provided: dict[type[Any], Any] = {}
        self._lifespans: list[Callable[[], AbstractAsyncContextManager[None]]] = []
        self._closings: list[Callable[[], Awaitable[None]]] = [self._hang_up]
        self._untold: list[SecurityEvent] = []
        self._told = Told(now)
        self._telling: set[Task[None]] = set()

    @property
    def core(self) -> CoreSettings:
        """The settings that concern every slice."""
        return self.settings.core

    def guard(self, wrap: Wrap) -> None:
        """Add a pure ASGI guard. A request meets guards in the order in which they were added."""
        self.guards.append(wrap)

    def header(self, name: str, value: str) -> None:
        """Send this header with every answer whose route does not set it itself."""
        self.response_headers.append((name.lower().encode(), value.encode()))

    def mount(self, router: Router, *, public: bool = False) -> None:
        """Serve the routes of `router`: closed, unless they are said to be `public`.

        Raises:
            UnguardedRouteError: something in it is not a `Route`, so nothing would authenticate its callers; or it was
                mounted before, and would be public if one of the two is.
        """
        routes = {each for each in routes_of(router) if isinstance(each, Route)}
        strange = list(unguarded(routes_of(router), routes))
        if strange:
            message = "mount each router by itself, made with app.core.routing.Router"
            raise UnguardedRouteError(f"{', '.join(strange)}: {message}")
        if twice := sorted(each.path for each in routes & self.routes):
            message = f"{', '.join(twice)}: mounted already"
            raise UnguardedRouteError(message)
        self.routes |= routes
        if public:
            self.public_routes |= routes
        self.guessable |= {each: each.endpoint.guessed for each in routes if hasattr(each.endpoint, "guessed")}
        self.routers.append(router)

    def provide(self, kind: type[T], value: T) -> None:
        """Keep an object of a slice for that slice's own routes and commands, known by its type."""
        self._provided[kind] = value

    def provided(self, kind: type[T]) -> T:
        """Return what was provided as `kind`. Raises KeyError when nothing was."""
        value: T = self._provided[kind]
        return value

    def describe(self, path: str, operations: dict[str, Any]) -> None:
        """Add to OpenAPI what a guard answers before routing."""
        self.described_paths[path] = operations

    def permission(self, name: str, *, everyone: bool = False) -> None:
        """Declare a permission; `everyone` gives it to each active account as long as nothing else decides.

        Raises:
            ValueError: it could be no scope (RFC 6749 section 3.3), or is longer than a table can hold.
        """
        if not _PERMISSION.fullmatch(name):
            how = "up to 100 characters of ASCII without spaces, quotes or backslashes, like notes:read"
            message = f"{name!r} names no permission: {how}"
            raise ValueError(message)
        self.permissions[name] = everyone

    def prepare(self, step: Callable[[], Awaitable[None]]) -> None:
        """Run `step` once, before the first principal is looked up: at start, else at the first request."""
        self._preparations.append(step)

    async def prepared(self) -> None:
        """Run what has to be done before the first principal is looked up. What fails is tried again."""
        if not self._preparations:
            return
        async with self._preparing:
            while self._preparations:
                await self._preparations[0]()
                del self._preparations[0]

    def lifespan(self, manager: Callable[[], AbstractAsyncContextManager[None]]) -> None:
        """Enter `manager()` at start and leave it at the end."""
        self._lifespans.append(manager)

    def closing(self, close: Callable[[], Awaitable[None]]) -> None:
        """Run `close` when nothing is asked of this kernel any more, whether it has served or run a command."""
        self._closings.append(close)

    async def close(self) -> None:
        """Close what was opened on the way, the database's connections last. Before that, listeners hear the rest."""
        await sleep(0)
        if self._telling:
            await wait(self._telling, timeout=_LAST_EVENTS_SECONDS)
        async with AsyncExitStack() as stack:
            for close in self._closings:
                stack.push_async_callback(close)

    async def _hang_up(self) -> None:
        # Each connection says goodbye; a server that hangs would let each wait as long as a command may take.
        with suppress(TimeoutError):
            async with timeout(self.core.database_timeout_seconds):
                await self.store.engine.dispose()

    def ready(self, check: Callable[[], Awaitable[None]]) -> None:
        """Add a check that `/health/ready` runs; it raises when what it needs is not there."""
        self.ready_checks.append(check)

    def tell(self, event: SecurityEvent) -> None:
        """Note a security event. Listeners hear it when the request's transaction has ended.

        Of a task or a thread that outlives its request they hear soon: nobody comes back for what it notes.
        """
        request = current_request()
        (self._untold if request is None else request.events).append(event)
        if request is not None and request.ended_on is not None:
            request.ended_on.call_soon_threadsafe(self._begin_to_tell_late, request)

    def tell_seldom(self, event: SecurityEvent) -> None:
        """Note what any stranger can bring about: of each network the first such event in a minute.

        Told each time, it would bury every other event.
        """
        if self._told.is_due(event.name, current_network()):
            self.tell(event)

    def _begin_to_tell_late(self, request: RequestContext) -> None:
        telling = create_task(self.flush(request))
        # The loop itself holds a task by a weak reference only.
        self._telling.add(telling)
        telling.add_done_callback(self._telling.discard)

    async def flush(self, request: RequestContext | None = None) -> None:
        """Tell the listeners what has been noted, in order. What fails in one is logged and stops nothing."""
        if request is None:
            await self._tell_listeners(self._untold)
            return
        async with request.events_lock:
            await self._tell_listeners(request.events)

    async def _tell_listeners(self, waiting: list[SecurityEvent]) -> None:
        while waiting:
            event = waiting.pop(0)
            for listener in self.listeners:
                try:
                    await listener(event)
                except Exception:
                    log.exception("listener_failed", told=event.name)

    def finish(self, app: FastAPI) -> None:
        """Put together what the slices have contributed."""
        self.principals.defaults["permissions"] = frozenset(n for n, everyone in self.permissions.items() if everyone)
        self.principals.finish()
        for router in self.routers:
            app.router.routes += [route.bound_to(app) for route in router.routes if isinstance(route, Route)]

    async def run(self, stack: AsyncExitStack) -> None:
        """Start what has a beginning and an end; `stack` ends it."""
        stack.push_async_callback(self.close)
        for manager in self._lifespans:
            await stack.enter_async_context(manager())
        try:
            await self.prepared()
        except (*NOT_REACHED, DBAPIError):
            # Not a reason to end: the first request tries again, and until then nobody is told that we are ready.
            log.exception("not_prepared")


async def kernel_of_request(request: Request) -> Kernel:
    """Return the kernel of the application that is asked."""
    kernel: Kernel = request.app.state.kernel
    return kernel


CurrentKernel = Annotated[Kernel, Depends(kernel_of_request)]
"""How a route gets at the clock, the login and what its slice has provided: `kernel: CurrentKernel`."""


def _engine(core: CoreSettings, database: DatabaseKind) -> AsyncEngine:
    url = core.database_url.get_secret_value()
    return connect(database, url, pool_size=core.database_pool_size, timeout=core.database_timeout_seconds)
