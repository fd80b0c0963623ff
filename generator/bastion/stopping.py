"""Ctrl-C and its relatives, at any moment: unfinished work is undone, and nothing stops the undoing.

A signal becomes an exception between any two instructions, also between making a folder and noting that it has to be
removed, or while it is being removed. So a stop waits until such a block is over.
"""

import signal
import sys
from _thread import interrupt_main
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Timer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

_AGAIN_SECONDS = 0.2
"""How long to wait before a swallowed stop is repeated. Repeated earlier, it would be swallowed again."""

_STOPS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name)]


class _Stop:
    """The signal that asked this process to stop, and whether a stop has to wait."""

    by: int | None = None
    waits = False


def heed_signals() -> None:
    """Turn each signal that asks to stop into a `KeyboardInterrupt`, at a moment when that does no harm."""
    for each in _STOPS:
        # `nohup` and a shell's background jobs ask to be spared.
        if signal.getsignal(each) is not signal.SIG_IGN:
            signal.signal(each, _stop)
    sys.unraisablehook = _swallowed


def ignore_signals() -> None:
    """Ignore signals from now on: what has begun must come to its end."""
    for each in _STOPS:
        signal.signal(each, signal.SIG_IGN)


def stopped_by() -> int:
    """Return the number of the signal that stopped us; Ctrl-C at a prompt is no signal, and counts as SIGINT."""
    return _Stop.by or signal.SIGINT


@contextmanager
def unstoppable() -> Iterator[None]:
    """Let stops wait until the block is over."""
    with _stops_wait(wait=True):
        yield
    _stop_now_if_asked()


@contextmanager
def stoppable() -> Iterator[None]:
    """Let stops through within a block that is unstoppable."""
    with _stops_wait(wait=False):
        _stop_now_if_asked()
        yield


@contextmanager
def _stops_wait(*, wait: bool) -> Iterator[None]:
    before, _Stop.waits = _Stop.waits, wait
    try:
        yield
    finally:
        _Stop.waits = before


def _stop(number: int, _frame: object) -> None:
    _Stop.by = number
    _stop_now_if_asked()


def _swallowed(what: "UnraisableHookArgs") -> None:
    """Repeat a stop that Python swallowed.

    In a callback, of a weak reference for example, Python only prints the exception and goes on.
    """
    if _Stop.by is not None and isinstance(what.exc_value, KeyboardInterrupt):
        Timer(_AGAIN_SECONDS, interrupt_main, (_Stop.by,)).start()
    else:
        sys.__unraisablehook__(what)


def _stop_now_if_asked() -> None:
    # A second Ctrl-C while the first one is being handled must not leave things half undone.
    if _Stop.by is not None and not _Stop.waits and not isinstance(sys.exc_info()[1], KeyboardInterrupt):
        raise KeyboardInterrupt
