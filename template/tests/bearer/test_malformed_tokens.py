"""Tokens that are no tokens: each is a 401, never a 500, and none makes the application fetch anything."""

import builtins
import io
import json
import os
import socket
from typing import Any, NoReturn

import pytest

from app.bearer.tokens import InvalidTokenError
from app.core.application import Application
from tests.support.client import ApiClient
from tests.support.forge import Forge, encoded, not_refused, present
from tests.support.tokens import SignUp

HOSTILE_KIDS = {
    "a path": "../../../../dev/null",
    "a device": "/dev/zero",
    "SQL": "x' UNION SELECT 'secret' --",
    "a URL": "https://evil.example/key.pem",
    "a command": "$(id)|`id`",
    "NUL": "\0",
    "a lone surrogate": "\ud800",
    "2 kB": "k" * 2000,
    "10 kB": "k" * 10_000,
    "a number": 1,
    "a list": ["x"],
    "null": None,
    "nothing": "",
}
FOREIGN_PARAMETERS: dict[str, Any] = {
    "jku": "https://evil.example/jwks.json",
    "x5u": "https://evil.example/cert.pem",
    "jwk": {"kty": "oct", "k": "AAAA"},
    "x5c": ["MIIB"],
    "x5t": "AAAA",
    "crit": ["x"],
    "b64": False,
    "zip": "DEF",
    "enc": "A256GCM",
    "cty": "JWT",
    "x": 1,
}


@pytest.fixture
async def forge(app: Application, as_user: SignUp) -> Forge:
    alice = await as_user("alice@example.com")
    return Forge(app, alice.access_token)


def hostile_headers(forge: Forge) -> dict[str, str]:
    tokens = {f"kid: {name}": forge.token(header={"kid": kid}) for name, kid in HOSTILE_KIDS.items()}
    tokens |= {name: forge.token(header={name: value}) for name, value in FOREIGN_PARAMETERS.items()}
    tokens |= {
        "crit with b64": forge.token(header={"crit": ["b64"], "b64": True}),
        "crit of nothing": forge.token(header={"crit": []}),
        "no kid": forge.token(without="kid"),
        "no alg": forge.token(without="alg"),
    }
    return tokens


@pytest.mark.asvs("V9.1.3")
async def test_a_header_names_one_of_our_keys_or_nothing(forge: Forge, client: ApiClient) -> None:
    wrong = await not_refused(client, hostile_headers(forge))

    assert wrong == {}


@pytest.mark.asvs("V9.1.3", "V1.3.6")
async def test_no_header_makes_the_application_open_a_file_or_a_connection(
    forge: Forge, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens = hostile_headers(forge)
    refused = []

    def forbidden(*_arguments: Any, **_options: Any) -> NoReturn:
        pytest.fail("a token made the application reach out")

    with monkeypatch.context() as patch:
        for module, name in ((builtins, "open"), (io, "open"), (os, "open"), (socket, "socket")):
            patch.setattr(module, name, forbidden)
        for name, token in tokens.items():
            try:
                forge.tokens.check(token)
            except InvalidTokenError:
                refused.append(name)

    assert refused == list(tokens)


async def test_one_token_has_one_spelling(forge: Forge, client: ApiClient) -> None:
    token = forge.genuine
    header, payload, signature = token.split(".")
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    tokens = {
        "padding": f"{token}=",
        "more padding": f"{token}==",
        "padding within": f"{header}=.{payload}.{signature}",
        "a line feed": f"{token}\n",
        "a carriage return": f"{token}\r\n",
        "a space before": f" {token}",
        "a space after": f"{token} ",
        "a tab after": f"{token}\t",
        "a space within": f"{header}. {payload}.{signature}",
        "NUL": f"{token}\0",
        "a plus": f"{header}.{payload}.+{signature[1:]}",
        "a slash": f"{header}.{payload}./{signature[1:]}",
        "no base64url": f"{header}.{payload}.!{signature[1:]}",
        "percent": f"{header}%2E{payload}.{signature}",
        "another digit": f"{header}.{payload}.{signature[:-1]}\u0661",
        "quoted": f'"{token}"',
    }
    tokens |= {f"ends in {end}": token[:-1] + end for end in alphabet if end != token[-1]}

    wrong = await not_refused(client, tokens)

    assert wrong == {}


async def test_a_token_has_three_segments_and_4096_characters_at_most(forge: Forge, client: ApiClient) -> None:
    token = forge.genuine
    header, payload, signature = token.split(".")
    tokens = {
        "nothing": "",
        "a dot": ".",
        "two dots": "..",
        "one segment": header,
        "two segments": f"{header}.{payload}",
        "four segments": f"{token}.{signature}",
        "five, as in JWE": f"{header}.{payload}.{payload}.{payload}.{signature}",
        "an empty header": f".{payload}.{signature}",
        "an empty payload": f"{header}..{signature}",
        "100 kB": forge.token({"filler": "x" * 75_000}),
        "100 kB of dots": "." * 100_000,
        "two tokens": f"{token},{token}",
        "5000 characters": forge.token({"filler": "x" * 3500}),
    }

    wrong = await not_refused(client, tokens)
    just_below = await present(client, forge.token({"filler": "x" * 2000}))

    assert wrong == {}
    assert just_below.status_code == 200


async def test_json_with_two_readings_is_refused_even_when_well_signed(forge: Forge, client: ApiClient) -> None:
    header, claims = json.dumps(forge.header).encode(), json.dumps(forge.claims).encode()
    odd_claims: dict[str, bytes] = {
        "a list": b"[" + claims + b"]",
        "a string": json.dumps(claims.decode()).encode(),
        "null": b"null",
        "a number": b"1",
        "nothing": b"",
        "no JSON": b"{",
        "two subjects": claims[:-1] + b', "sub": "00000000-0000-0000-0000-000000000000"}',
        "two expiries": claims[:-1] + b', "exp": 99999999999}',
        "1,200 levels": claims[:-1] + b', "x": ' + b"[" * 1200 + b"]" * 1200 + b"}",
        "100,000 levels": claims[:-1] + b', "x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        "invalid UTF-8": claims[:-1] + b', "x": "\xff"}',
        "UTF-16": claims.decode().encode("utf-16"),
        "a byte order mark": b"\xef\xbb\xbf" + claims,
        "a lone surrogate": claims[:-1] + b', "x": "\\ud800"}',
        "NaN": claims[:-1] + b', "x": NaN}',
        "a number of 2,000 digits": claims[:-1] + b', "x": ' + b"9" * 2000 + b"}",
    }
    odd_headers: dict[str, bytes] = {
        "a list": b"[" + header + b"]",
        "null": b"null",
        "two algorithms": header[:-1] + b', "alg": "none"}',
        "two kids": header[:-1] + b', "kid": "x"}',
        "1,200 levels": b"[" * 1200 + b"]" * 1200,
        "invalid UTF-8": header[:-1] + b', "x": "\xff"}',
        "UTF-16": header.decode().encode("utf-16"),
    }
    tokens = {f"claims: {name}": forge.signed(header, payload) for name, payload in odd_claims.items()}
    tokens |= {f"header: {name}": forge.signed(odd, claims) for name, odd in odd_headers.items()}

    wrong = await not_refused(client, tokens)

    assert wrong == {}


async def test_claims_of_a_wrong_type_are_refused(forge: Forge, client: ApiClient) -> None:
    values: list[Any] = [7, True, ["x"], {"x": 1}, "", "nobody", "\0", "' OR 1=1 --"]

    wrong = await not_refused(
        client, {f"{name} {value!r}": forge.token({name: value}) for name in ("sub", "sid") for value in values}
    )
    wrong |= await not_refused(client, {f"jti {value!r}": forge.token({"jti": value}) for value in (7, ["x"])})

    assert wrong == {}


async def test_what_is_no_jwt_at_all_is_refused(client: ApiClient) -> None:
    nonsense = ["null", "undefined", "{}", "[object Object]", "true", "Bearer", "../..", "%00", "\xff\xfe", "\u2028"]
    nonsense += [encoded(b"\0" * 30), encoded(b"{}") + "." + encoded(b"{}") + "." + encoded(b"{}")]

    wrong = await not_refused(client, {repr(text): text for text in nonsense})

    assert wrong == {}
