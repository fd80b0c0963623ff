"""How much of a core something takes: on a machine that others use too, the clock on the wall says little."""

import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def at_most(cpu_seconds: float) -> Iterator[None]:
    """Fail when a block, with every process that it waits for, takes more of one core.

    Args:
        cpu_seconds: How much it may take.
    """
    began = _spent()
    yield
    spent = _spent() - began
    assert spent <= cpu_seconds, f"it took {spent:.1f} s of one core"


def _spent() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system
