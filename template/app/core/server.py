"""What the HTTP server must not wait for: uvicorn reads a head of any size for any time, and waits for every reader.

`python -m app.manage serve` gives uvicorn the protocol below. One anonymous connection could otherwise fill the memory
and stall the event loop long before the application, or any limit in it, hears of the request; or ask, and not read.
"""

import asyncio
import re
from collections.abc import Callable
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

MOST_HEAD_BYTES = 64 * 1024
"""The longest request line and headers together, and the most between two pieces of a body."""

MOST_WAITING_REQUESTS = 16
"""How many requests may be sent ahead of an answer. Each takes 8 KB, and a head of 18 bytes is one."""

HEAD_WITHIN_SECONDS = 15.0
"""From the connection on, then from the first byte behind an answer, be it a blank line or a body that nobody reads."""

ANSWER_TAKEN_WITHIN_SECONDS = 60.0
"""How long bytes of an answer may lie here that nobody takes: the next 48 KiB of a long one, or the end of any."""

_ABSOLUTE = re.compile(rb"[a-z]+://(?P<host>[^/?#]*)", re.IGNORECASE)
_FRAMING = {b"content-length", b"transfer-encoding"}
_HEAD_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Deadline:
    """Does something in a while, unless it is stopped before. Started anew while it runs, it goes on as it was."""

    def __init__(self, loop: asyncio.AbstractEventLoop, missed: Callable[[], None]) -> None:
        self._loop = loop
        self._missed = missed
        self._timer: asyncio.TimerHandle | None = None

    def start(self, seconds: float) -> None:
        """Start the clock, of `seconds`; one that runs already goes on."""
        if self._timer is None:
            self._timer = self._loop.call_later(seconds, self._miss)

    def stop(self) -> None:
        """Run no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _miss(self) -> None:
        self._timer = None
        self._missed()


class BoundedHttpProtocol(HttpToolsProtocol):
    """uvicorn's protocol on httptools, which ends a connection over a head without end, and over an unread answer.

    httptools and not h11: it refuses a request with both Content-Length and Transfer-Encoding. Trailers, the fields
    behind a body in chunks, are dropped: uvicorn takes them for headers, so that a client could say there what a proxy
    has replaced in the head, such as X-Forwarded-For (RFC 9110 section 6.5.1).
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._unread_bytes = 0
        self._reads_head = True
        self._head = Deadline(self.loop, self._give_up)
        self._reader = Deadline(self.loop, self._drop_what_nobody_takes)
        self._answered: RequestResponseCycle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:
        """Start the clock for the first request."""
        super().connection_made(transport)
        self._head.start(HEAD_WITHIN_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clocks, and tell the application: uvicorn tells it of the last request, if several came at once."""
        self._head.stop()
        self._reader.stop()
        if self._answered is not None:
            self._answered.disconnected = True
            self._answered.message_event.set()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse what came, unless too much of it was neither a whole head nor a piece of a body."""
        if not self.transport.get_write_buffer_size():
            self._reader.stop()
        while data and not self.transport.is_closing():
            room = MOST_HEAD_BYTES - self._unread_bytes
            piece, data = data[:room], data[room:]
            self._unread_bytes += len(piece)
            super().data_received(piece)
            if self._unread_bytes >= MOST_HEAD_BYTES:
                self._refuse()
        # uvicorn has just stopped its clock for idle connections, also for a blank line or a body that nobody reads.
        if self.cycle is not None and self.cycle.response_complete:
            self._head.start(HEAD_WITHIN_SECONDS)
        # Who has just been refused need not read that, or what lay here before it.
        self._wait_for_reader()

    def on_message_begin(self) -> None:
        """Begin to read a head, unless too many requests wait. uvicorn takes the exception for a broken request."""
        if len(self.pipeline) >= MOST_WAITING_REQUESTS:
            message = "too many requests wait"
            raise RuntimeError(message)
        super().on_message_begin()
        self._reads_head = True

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a field of the head, and no trailer."""
        if self._reads_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Stop the clock: what follows is the body, which the application limits.

        Who asks for another protocol is answered in this one (RFC 9110 section 7.8), for the last time: httptools takes
        such a request to end with its head, and would read its body as the next one, written by whoever sent it and
        with an X-Forwarded-For of their own. So with a body it is refused.
        """
        self._take_host_of_target()
        upgrades = self.parser.should_upgrade()
        if upgrades and self._announces_body():
            message = "a body behind an upgrade"
            raise RuntimeError(message)
        self._reads_head = False
        self._unread_bytes = 0
        self._head.stop()
        super().on_headers_complete()
        if upgrades:
            self.cycle.keep_alive = False

    def on_body(self, body: bytes) -> None:
        """Hand a piece of a body on."""
        self._unread_bytes = 0
        super().on_body(body)

    def pause_writing(self) -> None:
        """Start the clock for the client to read on: so much lies here that the application has to wait."""
        super().pause_writing()
        self._wait_for_reader()

    def resume_writing(self) -> None:
        """Start that clock anew, for what is left: the client has read on."""
        super().resume_writing()
        self._reader.stop()
        self._wait_for_reader()

    def on_response_complete(self) -> None:
        """Start that clock for the end of an answer."""
        super().on_response_complete()
        self._wait_for_reader()

    def _take_host_of_target(self) -> None:
        """Let a host in the target stand for what `Host` says (RFC 9112 section 3.2.2): it is the one that is asked."""
        if target := _ABSOLUTE.match(self.url):
            host = target["host"]
            self.headers[:] = [(name, host if name == b"host" else value) for name, value in self.headers]

    def _announces_body(self) -> bool:
        return any(name in _FRAMING and value != b"0" for name, value in self.headers)

    def _unsupported_upgrade_warning(self) -> None:
        """Say nothing: anybody can ask for another protocol as often as they like."""

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._answered = cycle
        super()._start_asgi_task(cycle, app)

    def _wait_for_reader(self) -> None:
        if self.transport.get_write_buffer_size():
            self._reader.start(ANSWER_TAKEN_WITHIN_SECONDS)

    def _drop_what_nobody_takes(self) -> None:
        # To close the connection would be to wait for the same reader.
        if self.transport.get_write_buffer_size():
            self.transport.abort()

    def _give_up(self) -> None:
        self.transport.close()

    def _refuse(self) -> None:
        self._head.stop()
        if self._reads_head:
            self.transport.write(_HEAD_TOO_LARGE)
        self.transport.close()
