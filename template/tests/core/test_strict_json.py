"""JSON with one meaning: what two parsers could read differently is refused on every route, and never a 500."""

import json

import pytest

from app.core import strict_json
from tests.support.carrying import Way, each_way
from tests.support.client import ApiClient
from tests.support.openapi import JSON, operations
from tests.support.people import SignUp, reach_every_route
from tests.support.routes import SPEAK_A_PROTOCOL


def members(number: int) -> bytes:
    """Return an object that has so many."""
    return json.dumps(dict.fromkeys(map(str, range(number)))).encode()


REFUSED = {
    "a name twice": b'{"a": 1, "a": 1}',
    "a name twice, deep inside": b'{"a": [{"b": 1, "b": 2}]}',
    "a name twice, once escaped": b'{"a": 1, "\\u0061": 2}',
    "NaN": b'{"a": NaN}',
    "Infinity": b'{"a": Infinity}',
    "-Infinity": b'{"a": -Infinity}',
    "a float beyond every float": b'{"a": 1e999}',
    "a negative one": b"[-1e999]",
    "2^53": b"[9007199254740992]",
    "2^70": b'{"a": 1180591620717411303424}',
    "-2^70": b'{"a": -1180591620717411303424}',
    "an integer of 5,000 digits": b"[" + b"9" * 5000 + b"]",
    "a float of 40 digits": b"[0." + b"3" * 40 + b"]",
    "a lone surrogate": b'{"a": "\\ud800"}',
    "a lone surrogate in a name": b'{"\\udfff": 1}',
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "UTF-32": '{"a": 1}'.encode("utf-32"),
    "a byte order mark": b'\xef\xbb\xbf{"a": 1}',
    "broken UTF-8": b'{"a": "\xff"}',
    "an overlong slash": b'{"a": "\xc0\xaf"}',
    "65 levels": b"[" * 65 + b"]" * 65,
    "65 levels of objects": b'{"a":' * 64 + b"{}" + b"}" * 64,
    "10,000 levels": b"[" * 10_000 + b"]" * 10_000,
    "10,000 objects": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    "10,000 levels without an end": b"[" * 10_000,
    "1,001 members": members(1001),
    "1,001 members, deep inside": b'[{"a": %s}]' % members(1001),
    "nothing": b"",
    "a raw control character": b'{"a": "\n"}',
    "a comment": b'{"a": 1} // b',
    "a comma too many": b'{"a": 1,}',
    "two documents": b"{}{}",
    "single quotes": b"{'a': 1}",
    "a hexadecimal number": b"[0x10]",
    "a plus": b"[+1]",
    "a leading zero": b"[01]",
}

SIXTY_FOUR_LEVELS = (
    b"[" * 64 + b"]" * 64,
    b"[" * 64 + b'1, "a"' + b"]" * 64,
    b'{"a":' * 64 + b"1" + b"}" * 64,
)

ACCEPTED = {
    b'{"a": 1, "b": [true, null, "\xc3\xa9"]}': {"a": 1, "b": [True, None, "é"]},
    b'"\\ud83d\\ude00"': "😀",
    b"9007199254740991": 2**53 - 1,
    b"-9007199254740991": -(2**53) + 1,
    b"1.5e3": 1500.0,
    b"1e-999": 0.0,
    b' {"a": {"a": 1}} \n': {"a": {"a": 1}},
    members(1000): dict.fromkeys(map(str, range(1000))),
    **{document: json.loads(document) for document in SIXTY_FOUR_LEVELS},
}

each_refused = pytest.mark.parametrize("document", REFUSED.values(), ids=REFUSED)


@pytest.mark.asvs("V1.5.3", "V1.5.2", "V1.4.2")
@each_refused
def test_it_is_refused(document: bytes) -> None:
    with pytest.raises(json.JSONDecodeError):
        strict_json.loads(document)


@pytest.mark.parametrize("document", ACCEPTED)
def test_what_has_one_meaning_is_read(document: bytes) -> None:
    assert strict_json.loads(document) == ACCEPTED[document]


@pytest.mark.asvs("V1.5.3", "V1.4.2")
async def test_no_route_takes_it_or_falls_over_it(as_user: SignUp, client: ApiClient) -> None:
    alice = await as_user()
    await reach_every_route(alice)
    taking_json = [each for each in operations(client.app) if each.media_type == JSON]
    assert len(taking_json) >= 5

    for operation in taking_json:
        wanted = 400 if operation.path in SPEAK_A_PROTOCOL else 422
        for name, document in REFUSED.items():
            answer = await alice.send(operation.raw(alice, document))

            assert answer.status_code == wanted, (operation, name, answer.text)


@pytest.mark.asvs("V15.3.7")
async def test_a_name_sent_twice_makes_no_account(client: ApiClient) -> None:
    body = b'{"email": "a@example.com", "email": "b@example.com", "password": "a harbour full of quiet boats"}'

    answer = await client.post("/auth/register", content=body, headers={"Content-Type": JSON})

    assert answer.status_code == 422
    assert answer.json()["errors"] == [
        {"pointer": "", "code": "json_invalid", "detail": "It is not in the form that is asked for."}
    ]


@pytest.mark.asvs("V1.3.3")
@pytest.mark.parametrize("text", ["a\0@example.com", "a\x1b@example.com", "a\u202e@example.com", "a\n@example.com"])
async def test_a_character_that_shows_otherwise_than_it_reads_is_no_part_of_an_address(
    client: ApiClient, text: str
) -> None:
    answer = await client.post("/auth/register", json={"email": text, "password": "a harbour full of quiet boats"})

    assert answer.status_code == 422


@pytest.mark.asvs("V1.3.3")
@each_way
@pytest.mark.parametrize(("email", "password"), [("a\0b@example.com", "x"), ("a@example.com", "a\0b")])
async def test_nul_in_a_login_is_a_wrong_login_and_no_500(
    client: ApiClient, way: Way, email: str, password: str
) -> None:
    answer = await way.log_in(client, email, password)

    assert way.refuses(answer) or answer.status_code in {400, 422}


@pytest.mark.asvs("V1.3.3")
@pytest.mark.parametrize("local", ["\ufdfa" * 60, "\ufdfa", "ß" * 64, "\u33c4" * 64])
async def test_an_address_that_grows_when_it_is_folded_is_no_500(client: ApiClient, local: str) -> None:
    sent = {"email": f"{local}@example.com", "password": "a harbour full of quiet boats"}

    answer = await client.post("/auth/register", json=sent)

    assert answer.status_code in {201, 422}
