"""JSON with one meaning only (RFC 8259, RFC 7493): what two parsers could read differently is refused.

Python's own parser takes the last of two equal keys, which hides the other from a filter in front of us; UTF-16 and
integers of thousands of digits, which others refuse or round; and NaN and lone surrogates, which end as a 500 when the
answer is written.
"""

import json
from typing import Any, NoReturn

LARGEST_INTEGER = 2**53 - 1
"""The largest integer that every JSON implementation reads alike (RFC 7493 section 2.2)."""

_LONGEST_NUMBER = 32
_DEEPEST_NESTING = 64
_MOST_MEMBERS = 1_000
"""Of one object. Each unknown member is a fault, and all faults are put together before a refusal names the first."""


def loads(text: bytes) -> Any:
    """Return the value of a UTF-8 JSON document.

    Raises:
        json.JSONDecodeError: it is not JSON, is nested deeper than 64 levels, has an object of more than 1,000
            members, or could be read in two ways.
    """
    try:
        document = text.decode("utf-8")
        value = json.loads(
            document,
            object_pairs_hook=_object_with_unique_names,
            parse_constant=_refuse_constant,
            parse_int=_bounded_integer,
            parse_float=_finite_number,
        )
        _refuse_what_cannot_be_text(value, level=1)
    except json.JSONDecodeError:
        raise
    except (ValueError, RecursionError):
        _refuse("not a document that every parser reads alike")
    return value


def _object_with_unique_names(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(pairs) > _MOST_MEMBERS:
        _refuse("an object has too many members")
    members = dict(pairs)
    if len(members) != len(pairs):
        _refuse("a name appears twice in one object")
    return members


def _refuse_constant(_: str) -> NoReturn:
    _refuse("NaN and Infinity are not JSON")


def _bounded_integer(digits: str) -> int:
    number = int(digits) if len(digits) <= _LONGEST_NUMBER else LARGEST_INTEGER + 1
    if abs(number) > LARGEST_INTEGER:
        _refuse("an integer is out of range")
    return number


def _finite_number(digits: str) -> float:
    number = float(digits)
    if len(digits) > _LONGEST_NUMBER or number in (float("inf"), float("-inf")):
        _refuse("a number is out of range")
    return number


def _refuse_what_cannot_be_text(value: Any, *, level: int) -> None:
    if isinstance(value, (dict, list)) and level > _DEEPEST_NESTING:
        _refuse("nested too deeply")
    if isinstance(value, str):
        value.encode("utf-8")
    elif isinstance(value, dict):
        for name, member in value.items():
            name.encode("utf-8")
            _refuse_what_cannot_be_text(member, level=level + 1)
    elif isinstance(value, list):
        for item in value:
            _refuse_what_cannot_be_text(item, level=level + 1)


def _refuse(reason: str) -> NoReturn:
    raise json.JSONDecodeError(reason, "", 0)
