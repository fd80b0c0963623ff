"""The secrets that are drawn anew for each render, and so are no difference between two of them."""

import re

_DRAWS = re.compile(rb"\b\w*random\w*\b")
_DRAWN = re.compile(rb"[0-9a-f]{32,}")


def draws(source: bytes) -> bool:
    """Say whether a file of the template, given as its content, draws something."""
    return bool(_DRAWS.search(source))


def without_secrets(content: bytes) -> bytes:
    """Blank what was drawn in the content of a rendered file whose source draws."""
    return _DRAWN.sub(b"*", content)
