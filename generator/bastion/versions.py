"""Versions: this package's own, and the version in a tag or in the output of `git describe`."""

import re
from importlib.metadata import version

from packaging.version import Version

_TAG = re.compile(r"v?(\d+\.\d+\.\d+(?:(?:a|b|rc)\d+)?)", re.ASCII)


def own_version() -> str:
    """Return the version of this package."""
    return version("fastapi-bastion")


def own_tag() -> str:
    """Return the tag of the template inside this package."""
    return f"v{own_version()}"


def is_tag(ref: str) -> bool:
    """Tell whether a ref can be the tag of a release and nothing else.

    Args:
        ref: A tag, or the output of `git describe` for a commit: of `v1.2.3-4-g0a1b2c3` git reads only the last part.
    """
    return _TAG.fullmatch(ref) is not None


def release_of(ref: str) -> Version | None:
    """Return the release or prerelease that a ref names, or None.

    Args:
        ref: A tag such as `v1.2.3`, or the output of `git describe` for a commit after it.
    """
    named = _TAG.match(ref)
    return Version(named[1]) if named else None
