"""Types for what comes from outside: each accepts exactly one written form.

Pydantic's lax mode takes `"5"`, `5.0` and `true` for an integer; its strict mode refuses every UUID, date, enum and
decimal that JSON can carry. `Body` is strict; the types below take their JSON form and nothing else (ASVS V15.3.5).
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, TypeVar
from unicodedata import normalize
from uuid import UUID

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, Strict, WithJsonSchema

LONGEST_EMAIL = 254
"""RFC 3696 section 3, as corrected by erratum 1690: a path has 256 octets with its brackets (RFC 5321 4.5.3.1.3)."""

_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,17})", re.ASCII)
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})")
_TRUTH = re.compile(r"true|false")
_AMOUNT = re.compile(r"-?[0-9]{1,10}(\.[0-9]{1,2})?", re.ASCII)

ONE_LINE = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]*$"
"""No control character and no bidirectional override: what a reader sees is what is stored."""

SEVERAL_LINES = r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]*$"
"""As `ONE_LINE`, with tabs and line feeds."""


class Body(BaseModel):
    """A request body: no coercion, no unknown field (what is sent along in hope is an error, never ignored)."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Answer(BaseModel):
    """A response body: exactly the fields that are written here leave the application."""

    model_config = ConfigDict(extra="forbid", frozen=True, from_attributes=True)


class Query(BaseModel):
    """The query string of a route as one model; an unknown parameter is an error (ASVS V15.3.7)."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _written_as(pattern: re.Pattern[str], read: Callable[[str], Any], name: str) -> Callable[[Any], Any]:
    def parse(value: Any) -> Any:
        if not isinstance(value, str) or not pattern.fullmatch(value):
            message = f"Write {name}"
            raise ValueError(message)
        return read(value)

    return parse


def _in_utc(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except OverflowError as error:
        # The first and the last day of the calendar lie outside it in UTC.
        message = "Write a moment between the years 1 and 9999"
        raise ValueError(message) from error


Uuid = Annotated[UUID, BeforeValidator(_written_as(_UUID, UUID, "a UUID with its hyphens"))]
IsoDate = Annotated[date, BeforeValidator(_written_as(_DATE, date.fromisoformat, "a date as YYYY-MM-DD"))]
IsoDateTime = Annotated[
    datetime, BeforeValidator(_written_as(_INSTANT, _in_utc, "a moment as YYYY-MM-DDThh:mm:ssZ or with an offset"))
]
Money = Annotated[
    Decimal,
    BeforeValidator(_written_as(_AMOUNT, Decimal, 'an amount as a string, such as "12.50"')),
    Field(max_digits=12, decimal_places=2),
    WithJsonSchema({"type": "string", "pattern": f"^{_AMOUNT.pattern}$", "maxLength": 14}),
]
"""An exact amount with two decimals; a JSON number would already have been rounded to binary."""

Digits = BeforeValidator(_written_as(_INTEGER, int, "a whole number"))
"""A whole number in a path or a query string: `5`, and not `5.0`, `+5`, ` 5` or `1_000`.

Put it behind the bounds, `Annotated[int, Field(ge=1, le=100), Digits]`: before them it hides them from OpenAPI.
"""

QueryBool = Annotated[bool, BeforeValidator(_written_as(_TRUTH, lambda text: text == "true", "true or false"))]
"""Yes or no in a query string: `true` or `false`, and not `yes`, `1` or `TRUE`."""

E = TypeVar("E", bound=Enum)
Choice = Annotated[E, Strict(strict=False)]
"""`Choice[Priority]` takes the value of one member, as JSON writes it."""


def _folded(address: str) -> str:
    # Twice, because what folding takes apart may have another composed form (Unicode section 3.13, D146).
    once = normalize("NFKC", address).casefold()
    # Not every database can be asked about NUL, and no address has one.
    return normalize("NFKC", once).casefold().replace("\0", "\ufffd")


def canonical_email(address: str) -> str:
    """Return the one form under which an address is unique: the mailbox NFKC and case-folded, the domain in IDNA.

    The domain is not folded: one with a sharp s and one with `ss` have two owners (RFC 5894 section 7.2).
    What is no address at all is folded, so that a login with it takes the same path as any unknown one.
    """
    try:
        parsed = validate_email(address, check_deliverability=False)
    except EmailNotValidError:
        return _folded(address)
    return f"{_folded(parsed.local_part)}@{parsed.ascii_domain}"


def _valid_email(address: str) -> str:
    try:
        validate_email(address, check_deliverability=False)
        # Some signs fold to a dozen letters and spaces; what they make must be an address, and no longer than one.
        validate_email(canonical_email(address), check_deliverability=False)
    except EmailNotValidError as error:
        message = "Write an e-mail address"
        raise ValueError(message) from error
    return address


EmailAddress = Annotated[
    str,
    Field(min_length=3, max_length=LONGEST_EMAIL, json_schema_extra={"format": "email"}),
    AfterValidator(_valid_email),
]
"""An address as its owner typed it; `canonical_email` gives the form that is unique."""
