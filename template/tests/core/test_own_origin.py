"""An origin is ours if it is the one that was asked, spelt as a browser spells it."""

import pytest

from app.core.own_origin import is_own_origin
from app.core.settings import CoreSettings

OURS = {
    "over TLS": ("https://api.example.com", "api.example.com"),
    "in the clear": ("http://api.example.com", "api.example.com"),
    "a port": ("https://api.example.com:8443", "api.example.com:8443"),
    "the default port is written out in Host": ("https://api.example.com", "api.example.com:443"),
    "and that of http": ("http://api.example.com", "api.example.com:80"),
    "Host in upper case": ("https://api.example.com", "API.example.com"),
    "an IPv6 address": ("http://[::1]:8000", "[::1]:8000"),
}
NOT_OURS = {
    "another host": ("https://evil.example", "api.example.com"),
    "a subdomain": ("https://x.api.example.com", "api.example.com"),
    "a parent": ("https://example.com", "api.example.com"),
    "our name as a prefix": ("https://api.example.com.evil.example", "api.example.com"),
    "our name as a suffix": ("https://evil-api.example.com", "api.example.com"),
    "our name as a user": ("https://api.example.com@evil.example", "api.example.com"),
    "another port": ("https://api.example.com:444", "api.example.com"),
    "no port where there is one": ("https://api.example.com", "api.example.com:8443"),
    "the default port of the other scheme": ("https://api.example.com", "api.example.com:80"),
    "another scheme": ("ftp://api.example.com", "api.example.com"),
    "null": ("null", "api.example.com"),
    "nothing": ("", "api.example.com"),
    "nothing, and no Host": ("", ""),
}


def is_ours(origin: str, host: str, environment: str = "test") -> bool:
    scope = {"type": "http", "headers": [(b"host", host.encode())]}
    return is_own_origin(origin, scope, CoreSettings(app_env=environment))


@pytest.mark.parametrize(("origin", "host"), OURS.values(), ids=OURS)
def test_the_origin_that_is_asked_is_ours(origin: str, host: str) -> None:
    assert is_ours(origin, host)


@pytest.mark.parametrize(("origin", "host"), NOT_OURS.values(), ids=NOT_OURS)
def test_one_that_only_looks_like_it_is_not(origin: str, host: str) -> None:
    assert not is_ours(origin, host)


def test_in_production_a_page_that_came_in_the_clear_is_not_ours() -> None:
    assert is_ours("https://api.example.com", "api.example.com", "production")
    assert not is_ours("http://api.example.com", "api.example.com", "production")
