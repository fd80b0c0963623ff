"""Types: each takes exactly one written form, and nothing that merely resembles it."""

from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

import pytest
from pydantic import Field, TypeAdapter, ValidationError

from app.core.types import (
    ONE_LINE,
    SEVERAL_LINES,
    Answer,
    Body,
    Choice,
    Digits,
    EmailAddress,
    IsoDate,
    IsoDateTime,
    Money,
    Query,
    QueryBool,
    Uuid,
    canonical_email,
)

AN_ID = "123e4567-e89b-42d3-a456-426614174000"


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Everything(Body):
    whole: int = 1
    real: float = 1.0
    yes: bool = True
    text: str = ""
    many: list[int] = Field(default_factory=list)


def takes(kind: Any, value: Any) -> bool:
    try:
        TypeAdapter(kind).validate_python(value)
    except ValidationError:
        return False
    return True


@pytest.mark.asvs("V15.3.5", "V2.2.1")
@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("whole", value) for value in ("5", 5.0, 5.5, True, None, [], {}, "", b"5")),
        *(("real", value) for value in ("5.5", True, None, "NaN", [])),
        *(("yes", value) for value in (1, 0, "true", "yes", "on", None, 1.0)),
        *(("text", value) for value in (123, 1.5, True, None, [], {}, b"a")),
        *(("many", value) for value in ("12", {"0": 1}, (1,), {1}, ["1"], None, [True])),
    ],
)
def test_a_body_coerces_nothing(name: str, value: object) -> None:
    with pytest.raises(ValidationError):
        Everything.model_validate({name: value})


@pytest.mark.asvs("V15.3.3")
@pytest.mark.parametrize("model", [Everything, Answer, Query])
def test_no_model_takes_an_unknown_field(model: type[Body]) -> None:
    with pytest.raises(ValidationError):
        model.model_validate({"role": "admin"})


def test_a_body_cannot_be_changed_after_it_was_checked() -> None:
    body = Everything()

    with pytest.raises(ValidationError):
        body.whole = -1  # type: ignore[misc]  # pyrefly: ignore


def test_an_id_is_written_in_one_way() -> None:
    assert TypeAdapter(Uuid).validate_python(AN_ID) == UUID(AN_ID)
    assert TypeAdapter(Uuid).validate_python(AN_ID.upper()) == UUID(AN_ID)


@pytest.mark.asvs("V15.3.5")
@pytest.mark.parametrize(
    "value",
    [
        AN_ID.replace("-", ""),
        f"{{{AN_ID}}}",
        f"urn:uuid:{AN_ID}",
        f"{AN_ID}\n",
        f" {AN_ID}",
        AN_ID[:-1],
        AN_ID[:-1] + "g",
        AN_ID.replace("1", "\u0661"),
        UUID(AN_ID).int,
        UUID(AN_ID).bytes,
        None,
        True,
    ],
)
def test_nothing_else_is_an_id(value: object) -> None:
    assert not takes(Uuid, value)


def test_a_date_and_a_moment_are_written_in_one_way() -> None:
    moment = TypeAdapter(IsoDateTime)

    assert TypeAdapter(IsoDate).validate_python("2030-02-28") == date(2030, 2, 28)
    assert moment.validate_python("2030-01-31T12:00:00Z") == datetime(2030, 1, 31, 12, tzinfo=UTC)
    assert moment.validate_python("2030-01-31T12:00:00.5+02:00") == datetime(2030, 1, 31, 10, 0, 0, 500_000, UTC)
    assert moment.validate_python("2030-01-31T12:00:00+02:00").tzinfo is UTC


@pytest.mark.asvs("V15.3.5", "V1.4.2")
@pytest.mark.parametrize(
    "value", ["0", "5", 0, 5.0, "2030-2-28", "2030-02-30", "20300228", "2030-W09-4", "2030-02-28T00:00:00Z", "", None]
)
def test_nothing_else_is_a_date(value: object) -> None:
    assert not takes(IsoDate, value)


@pytest.mark.asvs("V15.3.5", "V1.4.2")
@pytest.mark.parametrize(
    "value",
    [
        0,
        "5",
        1e12,
        "2030-01-31",
        "2030-01-31T12:00:00",
        "2030-01-31 12:00:00Z",
        "2030-01-31T12:00Z",
        "2030-01-31T24:00:00Z",
        "2030-01-31T12:00:60Z",
        "2030-01-31T12:00:00+25:00",
        "2030-01-31T12:00:00z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "0000-01-01T00:00:00Z",
        "2030-01-31T12:00:00Z\n",
        None,
        True,
    ],
)
def test_nothing_else_is_a_moment(value: object) -> None:
    assert not takes(IsoDateTime, value)


@pytest.mark.parametrize("value", ["0", "12.50", "-3.1", "9999999999.99"])
def test_an_amount_is_text(value: str) -> None:
    assert TypeAdapter(Money).validate_python(value) == Decimal(value)


@pytest.mark.asvs("V15.3.5", "V1.4.2")
@pytest.mark.parametrize(
    "value",
    [
        1,
        12.5,
        True,
        None,
        "",
        "1.234",
        "10000000000",
        "1e5",
        "NaN",
        "Infinity",
        "+1",
        " 1",
        "1_0",
        "1,5",
        ".5",
        "1.",
        "\u0661",
    ],
)
def test_nothing_else_is_an_amount(value: object) -> None:
    assert not takes(Money, value)


@pytest.mark.parametrize(("value", "number"), [("0", 0), ("5", 5), ("-3", -3), ("9" * 18, 10**18 - 1)])
def test_a_whole_number_in_a_query_is_digits(value: str, number: int) -> None:
    assert TypeAdapter(Annotated[int, Digits]).validate_python(value) == number


@pytest.mark.asvs("V15.3.5", "V1.4.2")
@pytest.mark.parametrize(
    "value",
    ["5.0", "+5", " 5", "5 ", "1_000", "05", "0x5", "1e3", "", "-", "\u0665", "9" * 19, "9" * 5000, "5\n", 5, True],
)
def test_nothing_else_is_a_whole_number(value: object) -> None:
    assert not takes(Annotated[int, Digits], value)


@pytest.mark.parametrize(("value", "truth"), [("true", True), ("false", False)])
def test_a_truth_in_a_query_is_written_out(value: str, truth: bool) -> None:
    assert TypeAdapter(QueryBool).validate_python(value) is truth


@pytest.mark.asvs("V15.3.5")
@pytest.mark.parametrize("value", ["yes", "on", "t", "1", "0", "TRUE", "True", "", " true", "true\n", 1, True, None])
def test_nothing_else_is_a_truth(value: object) -> None:
    assert not takes(QueryBool, value)


@pytest.mark.parametrize("value", ["RED", "Red", "", "red ", 0, None, True, ["red"], "green"])
def test_a_choice_is_the_value_of_a_member(value: object) -> None:
    assert takes(Choice[Colour], "red")
    assert not takes(Choice[Colour], value)


@pytest.mark.asvs("V1.3.3")
@pytest.mark.parametrize("character", ["\0", "\x08", "\x1b", "\x7f", "\x85", "\u2028", "\u202e", "\u2066"])
def test_no_text_holds_what_shows_otherwise_than_it_reads(character: str) -> None:
    for pattern in (ONE_LINE, SEVERAL_LINES):
        kind = Annotated[str, Field(pattern=pattern)]

        assert takes(kind, "plain text 😀 é")
        assert not takes(kind, f"a{character}b")
        assert not takes(kind, f"a{character}")


def test_only_a_text_of_several_lines_holds_line_feeds() -> None:
    assert takes(Annotated[str, Field(pattern=SEVERAL_LINES)], "a\n\tb\n")
    assert not takes(Annotated[str, Field(pattern=ONE_LINE)], "a\n")


@pytest.mark.parametrize("value", ["a@example.com", "a.b+c@sub.example.com", "é@exämple.com"])
def test_an_address_is_kept_as_it_was_typed(value: str) -> None:
    assert TypeAdapter(EmailAddress).validate_python(value) == value


@pytest.mark.asvs("V2.2.1", "V1.1.1")
@pytest.mark.parametrize(
    "value",
    [
        "a",
        "@",
        "a@",
        "@example.com",
        "a@localhost",
        "a@example",
        "a b@example.com",
        "a@example.com\n",
        " a@example.com",
        "a%40example.com",
        "a@exam ple.com",
        "a@example.com, b@example.com",
        "Alice <a@example.com>",
        "a@[127.0.0.1]",
        "a@" + "b" * 250 + ".com",
        "a\0@example.com",
        "\ufdfa@example.com",
        5,
        None,
    ],
)
def test_nothing_else_is_an_address(value: object) -> None:
    assert not takes(EmailAddress, value)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Alice@Example.COM", "alice@example.com"),
        ("a@exämple.com", "a@xn--exmple-cua.com"),
        ("\uff41@example.com", "a@example.com"),
        ("stra\u00dfe@example.com", "STRASSE@example.com"),
        ("e\u0301@example.com", "\u00e9@example.com"),
        ("\u0390@example.com", "\u0390@example.com".upper()),
        ("\u03b0@example.com", "\u03b0@example.com".upper()),
        ("x\u00df\u0301@example.com", "XSS\u0301@example.com"),
    ],
)
def test_two_spellings_of_an_address_are_one(one: str, other: str) -> None:
    assert canonical_email(one) == canonical_email(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("me@stra\u00dfe.example.com", "me@strasse.example.com"),
        ("me@\u03c3\u03af\u03c3\u03c5\u03c6\u03bf\u03c2.gr", "me@\u03c3\u03af\u03c3\u03c5\u03c6\u03bf\u03c3.gr"),
        ("me@a\u200db.example.com", "me@ab.example.com"),
        ("jos\u00e9@example.com", "jose@example.com"),
    ],
    ids=["sharp s", "final sigma", "zero-width joiner", "accent"],
)
def test_two_mailboxes_of_two_owners_are_two(one: str, other: str) -> None:
    assert canonical_email(one) != canonical_email(other)


@pytest.mark.parametrize("value", ["", "nobody", "a\0b", "\0", "a@b@c", "x" * 5000])
def test_what_is_no_address_folds_to_something_a_database_can_be_asked(value: str) -> None:
    folded = canonical_email(value)

    assert "\0" not in folded
    assert canonical_email(folded) == folded
