"""Ctrl-C and its relatives, at any moment: what was begun is undone, and nothing stops the undoing.

A signal becomes an exception between any two instructions, also between making a folder and noting that it has to go,
or while it is being removed. So there are stretches in which a stop waits.
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
"""Until Python is done with what it has swallowed, on a busy machine too: before that the next one is lost again."""

_STOPS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name)]


class _Stop:
    """What was asked of this process, and whether it has to wait."""

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
    """Let nothing stop what is left to be undone when a stop has been told of."""
    for each in _STOPS:
        signal.signal(each, signal.SIG_IGN)


def stopped_by() -> int:
    """Return the number of the signal that stopped us; Ctrl-C at a prompt is none, and counts as one."""
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
    """Stop a moment later where Python would tell of a stop and go on: in its own callbacks, as of weak references."""
    if _Stop.by is not None and isinstance(what.exc_value, KeyboardInterrupt):
        Timer(_AGAIN_SECONDS, interrupt_main, (_Stop.by,)).start()
    else:
        sys.__unraisablehook__(what)


def _stop_now_if_asked() -> None:
    # Whoever presses Ctrl-C again while everything is being undone wants it to end, not to be left half undone.
    if _Stop.by is not None and not _Stop.waits and not isinstance(sys.exc_info()[1], KeyboardInterrupt):
        raise KeyboardInterrupt
