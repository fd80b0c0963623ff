"""Versions: this package's own, and those that a tag or `git describe` names."""

import re
from importlib.metadata import version

from packaging.version import Version

_TAG = re.compile(r"v?(\d+\.\d+\.\d+(?:(?:a|b|rc)\d+)?)")


def own_version() -> str:
    """Return the version of this package."""
    return version("fastapi-bastion")


def own_tag() -> str:
    """Return the tag of the template inside this package."""
    return f"v{own_version()}"


def is_tag(ref: str) -> bool:
    """Tell whether a ref can be the tag of a release and nothing else.

    Args:
        ref: A tag, or what `git describe` says of a commit: of its `v1.2.3-4-g0a1b2c3` git looks only at the last part.
    """
    return _TAG.fullmatch(ref) is not None


def release_of(ref: str) -> Version | None:
    """Return the release or prerelease that a ref is of, or None where it names none.

    Args:
        ref: A tag such as `v1.2.3`, or what `git describe` says of a commit after it.
    """
    named = _TAG.match(ref)
    return Version(named[1]) if named else None
