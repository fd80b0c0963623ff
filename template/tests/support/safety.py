"""Tests empty tables; these checks keep them away from data that somebody wants."""

from pathlib import Path

from sqlalchemy.engine import make_url


def refuse_unless_for_tests(url: str) -> None:
    """Raise unless the database's name ends in `_test`."""
    name = Path(make_url(url).database or "").stem
    if not name.endswith("_test"):
        message = f"tests empty their database, so its name must end in _test, and {name!r} does not"
        raise RuntimeError(message)
