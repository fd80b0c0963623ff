"""Logs: one JSON object a line, which never holds a secret, and readable lines in `local`.

Those show what an exception says, which can quote what was sent; a developer sends nothing that matters.
Uvicorn's own access line would hold the query string; ours holds the path only.
"""

import logging
import re
import socket
import sys
import traceback
from collections.abc import Callable, MutableMapping
from contextlib import suppress
from io import TextIOBase
from typing import Any, TextIO, cast

import structlog
from structlog.typing import Processor

from app.core.context import current_request
from app.core.events import Level, SecurityEvent
from app.core.settings import CoreSettings

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_SHOWN = re.compile(r"[\n(<]")
_SENT = ("source_ip", "useragent", "protocol", "request_uri", "request_method")
_LONGEST_SENT = 500
"""Characters. A head may have 64 KiB, and whoever is refused pays nothing for what is written of it."""
_DEEPEST_TRACEBACK = 50
"""Frames. What the database refuses is raised some 35 of them below the line of this project that asked for it."""

log: structlog.stdlib.BoundLogger = structlog.get_logger()


class _Unfailing(TextIOBase):
    """Writes lines while they can be written. A full disk or a closed pipe must not stop every login."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write `text`, or lose it."""
        with suppress(OSError, ValueError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Flush what was written."""
        with suppress(OSError, ValueError):
            self._stream.flush()


def configure(core: CoreSettings, app_id: str, to: TextIO | None = None) -> None:
    """Set up logging for the process: ours and that of every library, in one form.

    Args:
        core: the settings.
        app_id: what the application is called in each line.
        to: where lines go; the standard output if it is None.
    """
    to = sys.stdout if to is None else to
    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="datetime"),
    ]
    if core.is_local:
        # Where `rich` is installed structlog would show the local variables of each frame, passwords among them.
        plain = structlog.dev.plain_traceback
        console = structlog.dev.ConsoleRenderer(colors=to.isatty(), exception_formatter=plain)
        shared += [*_TAMED, console]
    else:
        describe = _describe_exception(with_message=core.log_exception_messages)
        as_json = structlog.processors.JSONRenderer()
        shared += [_identify(app_id), describe, *_TAMED, as_json]
    stream = cast(TextIO, _Unfailing(to))
    structlog.configure(
        processors=shared,
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(stream),
        cache_logger_on_first_use=False,
    )
    # A line that a handler cannot write would be shown on the error output, with all that the log leaves out.
    logging.raiseExceptions = core.is_local
    _take_over_standard_logging(stream, shared, with_sql=core.debug)


def _take_over_standard_logging(stream: TextIO, processors: list[Processor], *, with_sql: bool) -> None:
    handler = logging.StreamHandler(stream)
    without_record = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(processors=[_describe_record, without_record, *processors])
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        library = logging.getLogger(name)
        library.handlers, library.propagate, library.level = [], True, logging.INFO
    logging.getLogger("uvicorn.access").disabled = True
    logging.getLogger("sqlalchemy.engine").setLevel(logging.INFO if with_sql else logging.WARNING)


def _describe_record(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    record = event.get("_record")
    if isinstance(record, logging.LogRecord):
        event["logger"] = record.name
    return event


def _identify(app_id: str) -> Processor:
    facts = {"appid": app_id, "hostname": socket.gethostname()}

    def add(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        return {**event, **facts}

    return add


def _describe_exception(*, with_message: bool) -> Callable[..., MutableMapping[str, Any]]:
    def describe(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        info = event.pop("exc_info", None)
        if info is True:
            info = sys.exc_info()
        error = info[1] if isinstance(info, tuple) else info
        if isinstance(error, BaseException):
            event["exception"] = type(error).__name__
            event["frames"] = _frames(error)
            if with_message:
                event["exception_message"] = str(error)
        return event if with_message else _without_details(event)

    return describe


def _without_details(event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Return a line of asyncio's up to the first thing that it shows: a task is shown with its exception's message."""
    if event.get("logger") == "asyncio":
        event["event"] = _SHOWN.split(event["event"], maxsplit=1)[0]
    return event


def _frames(error: BaseException) -> str:
    """Return where `error` came from, without its message: messages hold what was sent, and passwords with it."""
    frames = traceback.extract_tb(error.__traceback__)[-_DEEPEST_TRACEBACK:]
    own = " < ".join(f"{frame.filename}:{frame.lineno} {frame.name}" for frame in reversed(frames))
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return own if cause is None else f"{own} | caused by {type(cause).__name__}: {_frames(cause)}"


def _keep_on_one_line(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Escape what could start a line of its own or turn the reading direction (ASVS V16.4.1)."""
    return {key: _escaped(value) if isinstance(value, str) else value for key, value in event.items()}


def _escaped(text: str) -> str:
    return _CONTROL.sub(lambda found: found.group().encode("unicode_escape").decode(), text)


def _cut_what_was_sent(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Keep the beginning of what a request says of itself."""
    return {key: _cut(value) if key in _SENT else value for key, value in event.items()}


def _cut(value: Any) -> Any:
    is_long = isinstance(value, str) and len(value) > _LONGEST_SENT
    return f"{value[:_LONGEST_SENT]} (cut)" if is_long else value


_TAMED: tuple[Processor, ...] = (_cut_what_was_sent, _keep_on_one_line, _cut_what_was_sent)
"""Cut before it is escaped, which everybody would wait for, and after that, which makes it longer."""


async def log_security_event(event: SecurityEvent) -> None:
    """Write `event` with the fields of the OWASP Logging Vocabulary. This is the first listener of every kernel."""
    request = current_request()
    fields: dict[str, Any] = {"description": event.description, "security": True}
    if request is not None:
        fields |= {
            "source_ip": request.client,
            "useragent": request.user_agent,
            "protocol": request.protocol,
            "port": request.port,
            "request_uri": request.path,
            "request_method": request.method,
            "request_id": request.request_id,
        }
    write = {Level.INFO: log.info, Level.WARN: log.warning, Level.CRITICAL: log.critical}[event.level]
    write(event.written(), **fields)
