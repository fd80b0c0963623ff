"""What a stream can show, and to whom."""

from typing import TextIO, TypeGuard


def is_terminal(stream: TextIO | None) -> TypeGuard[TextIO]:
    """Tell whether a standard stream is a terminal.

    Args:
        stream: `sys.stdout`, for example; None if whoever started us had closed it (`>&-`).
    """
    return stream is not None and stream.isatty()


def can_be_shown(text: str, stream: TextIO | None) -> bool:
    """Tell whether the encoding of a standard stream has every character of a text; where nobody reads, it has.

    Args:
        text: The text.
        stream: As for `is_terminal`.
    """
    try:
        text.encode((stream and stream.encoding) or "utf-8")
    except UnicodeEncodeError:
        return False
    return True
