"""Tokens are signed and verified in one place."""

import pytest

from tests.support.source import Rule, calls, exceptions_no_longer_of, found_by, samples_not_found_by

SIGNED_ELSEWHERE = Rule(
    find=calls(r"_?jwt\.encode", r"_?jwt\.decode", r"PyJWT"),
    samples=("jwt.encode(claims, key)", "jwt.decode(token, options={})", "jwt.PyJWT()"),
    but_in=frozenset({"app/bearer/tokens.py"}),
)


@pytest.mark.asvs("V9.1.1", "V9.1.2")
def test_no_token_is_signed_or_decoded_elsewhere() -> None:
    assert found_by(SIGNED_ELSEWHERE) == []


def test_the_rule_would_find_one() -> None:
    assert samples_not_found_by(SIGNED_ELSEWHERE) == []
    assert exceptions_no_longer_of(SIGNED_ELSEWHERE) == []
