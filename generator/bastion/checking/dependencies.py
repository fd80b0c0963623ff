"""Whether a `pyproject.toml` still asks for the libraries that the template's defences were proven with."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

_BOUNDS = {">=", ">", "==", "===", "~="}


def weaker_dependencies(template: bytes, project: bytes) -> Iterator[str]:
    """Yield a sentence for each library that may be older, come from elsewhere, or be missing.

    More dependencies, higher bounds and other indexes are the user's business.

    Args:
        template: The template's `pyproject.toml`.
        project: The project's `pyproject.toml`.

    Raises:
        ValueError: The project's file cannot be read.
    """
    wanted = {_name(each): each for each in _requirements(_declared(template))}
    declared = _declared(project)
    given = _requirements(declared)
    for name, requirement in wanted.items():
        yield from _complaints(requirement, [each for each in given if _name(each) == name])
    yield from _redirected(wanted, declared)


def _declared(content: bytes) -> dict[str, Any]:
    try:
        return tomllib.loads(content.decode())
    except RecursionError as error:
        raise ValueError(*error.args) from error


def _requirements(declared: Mapping[str, Any]) -> list[Requirement]:
    return _parsed(_table(declared, "project").get("dependencies"))


def _parsed(written: object) -> list[Requirement]:
    try:
        return [Requirement(str(each)) for each in _list(written)]
    except InvalidRequirement as error:
        raise ValueError(*error.args) from error


def _table(declared: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    for name in names:
        inner = declared.get(name)
        declared = inner if isinstance(inner, dict) else {}
    return declared


def _list(written: object) -> list[Any]:
    return written if isinstance(written, list) else []


def _complaints(wanted: Requirement, given: Sequence[Requirement]) -> Iterator[str]:
    if not given:
        yield f"{wanted.name} is no dependency any more"
    for each in given:
        if each.url:
            yield f"{wanted.name} comes from {each.url}"
        elif _floor(each) < _floor(wanted):
            yield f"{wanted.name} may be older than {_floor(wanted)}, as `{each}` allows"
        if missing := wanted.extras - each.extras:
            yield f"{wanted.name} lacks its extra {', '.join(sorted(missing))}"
        if each.marker and each.marker != wanted.marker:
            yield f"{wanted.name} is only installed where {each.marker}"


def _floor(requirement: Requirement) -> Version:
    """Return the lowest version that is allowed; without a bound that is 0."""
    bounds = [_version(each.version) for each in requirement.specifier if each.operator in _BOUNDS]
    return max(bounds, default=Version("0"))


def _version(written: str) -> Version:
    try:
        return Version(written.removesuffix(".*"))
    except InvalidVersion:
        return Version("0")


def _redirected(wanted: Mapping[str, Requirement], declared: Mapping[str, Any]) -> Iterator[str]:
    """Yield a sentence for each library that uv is told to replace or to leave out."""
    for name in _table(declared, "tool", "uv", "sources"):
        if canonicalize_name(name) in wanted:
            yield f"{name} comes from a source of its own, in [tool.uv.sources]"
    for excluded in _parsed(_table(declared, "tool", "uv").get("exclude-dependencies")):
        if _name(excluded) in wanted:
            yield f"{excluded.name} is not installed, by exclude-dependencies in [tool.uv]"
    for override in _parsed(_table(declared, "tool", "uv").get("override-dependencies")):
        if _name(override) in wanted:
            yield from _complaints(wanted[_name(override)], [override])


def _name(requirement: Requirement) -> str:
    return canonicalize_name(requirement.name)
