"""Whether somebody sees a stream."""

from typing import TextIO


def is_terminal(stream: TextIO | None) -> bool:
    """Tell whether a standard stream is a terminal.

    Args:
        stream: `sys.stdout`, for example; None if whoever started us had closed it (`>&-`).
    """
    return stream is not None and stream.isatty()
