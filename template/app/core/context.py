"""What is known of the request that is being answered: set by the perimeter, read by whoever logs, tells or counts."""

from asyncio import AbstractEventLoop, Lock
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from ipaddress import AddressValueError, IPv4Address, IPv6Address, IPv6Network

from starlette.types import Scope

from app.core.events import SecurityEvent

UNKNOWN_NETWORK = "unknown"


@dataclass(slots=True, kw_only=True)
class RequestContext:
    """One request: who sent it, what it asks, and the events that wait to be told.

    `scope` is all of it but the body, as ASGI has it. `ended_on` is set when it has ended: the event loop on which
    events are told that come late. Who tells them holds `events_lock`, so that they are heard in order.
    """

    request_id: str
    method: str = ""
    path: str = ""
    protocol: str = ""
    port: int | None = None
    client: str = ""
    user_agent: str = ""
    scope: Scope = field(default_factory=dict, repr=False)
    events: list[SecurityEvent] = field(default_factory=list)
    ended_on: AbstractEventLoop | None = None
    events_lock: Lock = field(default_factory=Lock)

    @property
    def network(self) -> str:
        """The network the request came from, as `network_of` has it."""
        return network_of(self.client)


_current: ContextVar[RequestContext | None] = ContextVar("current_request", default=None)


def current_request() -> RequestContext | None:
    """Return the request being answered, or None outside of one (a command, a start-up)."""
    return _current.get()


def current_network() -> str:
    """Return the network of the request being answered, `unknown` outside of one."""
    request = _current.get()
    return UNKNOWN_NETWORK if request is None else request.network


@contextmanager
def answering(request: RequestContext) -> Generator[None]:
    """Make `request` the current one."""
    token = _current.set(request)
    try:
        yield
    finally:
        _current.reset(token)


def network_of(address: str) -> str:
    """Return the network that one client can be told apart by.

    An IPv4 address stands for itself; of an IPv6 address the first 64 bits count, since a single subscriber is given
    at least 2**64 addresses (RFC 6177); an IPv4-mapped address is IPv4. Anything else is `unknown`.
    """
    try:
        return str(IPv4Address(address))
    except AddressValueError:
        pass
    try:
        six = IPv6Address(address.partition("%")[0])
    except AddressValueError:
        return UNKNOWN_NETWORK
    return str(six.ipv4_mapped or IPv6Network((six, 64), strict=False))
