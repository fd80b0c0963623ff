"""The pages on other origins that may call this API from a browser: one setting, `BROWSER_ORIGINS`.

A browser says where a page comes from in one exact spelling, `Origin: https://app.example.com` (RFC 6454 section 6.2).
So origins are compared and never matched: a pattern, a prefix or a suffix is what an attacker registers a domain for.
An entry that no browser would send is refused at start, since it would silently allow nobody.
"""

import re
from collections.abc import Iterator
from ipaddress import AddressValueError, IPv4Address, IPv6Address

from pydantic import Field

from app.core.own_origin import DEFAULT_PORTS
from app.core.settings import CoreSettings, Finding, Listed, SliceSettings

DEVELOPMENT_PORTS = (3000, 4173, 4200, 4321, 5173, 8080, 8081)
"""Where the usual tools serve a page: Next and React, Vite's preview, Angular, Astro, Vite, Vue, Expo."""

LOCAL_HOSTS = ("localhost", "127.0.0.1")
LOCAL_ORIGINS = frozenset(f"http://{host}:{port}" for host in LOCAL_HOSTS for port in DEVELOPMENT_PORTS)
"""Allowed in `local` as long as nothing is said."""

_ORIGIN = re.compile(
    r"(?P<scheme>https?)://"
    r"(?P<host>\[[0-9a-f:]+\]|[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*)"
    r"(:(?P<port>[1-9][0-9]{0,4}))?",
    re.ASCII,
)
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*", re.ASCII)
_LARGEST_PORT = 65535
_LONGEST_HOST = 253
_LONGEST_SHOWN = 100


class OriginsSettings(SliceSettings):
    """`BROWSER_ORIGINS`, for every slice that asks where a request comes from."""

    browser_origins: Listed = Field(default=(), validation_alias="BROWSER_ORIGINS")

    def findings(self, core: CoreSettings) -> Iterator[Finding]:
        """Yield what is no origin, which nothing could run with, and what is not https."""
        for entry in self.browser_origins:
            fault = _fault(entry)
            if fault:
                yield Finding(f"BROWSER_ORIGINS: {_shown(entry)} {fault}", everywhere=True)
            elif entry.startswith("http:") and (core.is_production or not _is_this_machine(entry)):
                secure = f"write {entry.replace('http:', 'https:', 1)}"
                yield Finding(f"BROWSER_ORIGINS: {entry} is a page that anyone on the way can change; {secure}")


def allowed_origins(settings: OriginsSettings, core: CoreSettings) -> frozenset[str]:
    """Return the origins whose pages may call this API: those of `BROWSER_ORIGINS`.

    Without any there are none, but in `local`, where the usual development ports of this machine are meant.
    """
    if core.is_local and not settings.browser_origins:
        return LOCAL_ORIGINS
    return frozenset(settings.browser_origins)


def _fault(entry: str) -> str | None:
    """Return what is wrong with `entry` and its right form, or None for an origin as a browser writes it."""
    if entry == "null":
        return "is what every sandboxed page and local file sends; name the page's own origin"
    if "*" in entry:
        return "would allow whoever gets a name that fits; name each origin"
    if not entry.isascii():
        return "has letters that a browser sends in another form; write the host in punycode, as xn--..."
    found = _ORIGIN.fullmatch(entry.lower().removesuffix("/"))
    if not found or not _is_host(found["host"]) or int(found["port"] or 0) > _LARGEST_PORT:
        return "is no origin; write scheme://host or scheme://host:port, like https://app.example.com"
    sent = found[0].removesuffix(DEFAULT_PORTS[found["scheme"]])
    return None if entry == sent else f"is not how browsers write it; write {sent}"


def _is_host(host: str) -> bool:
    """Return whether `host` is spelt as browsers spell it: an address has one form only (WHATWG URL, host parsing)."""
    try:
        if host.startswith("["):
            address = IPv6Address(host[1:-1])
            return str(address) == host[1:-1] and address.ipv4_mapped is None
        if _NUMBER.fullmatch(host.rpartition(".")[2]):
            return str(IPv4Address(host)) == host
    except AddressValueError:
        return False
    return len(host) <= _LONGEST_HOST


def _is_this_machine(origin: str) -> bool:
    found = _ORIGIN.fullmatch(origin)
    return found is not None and found["host"] in {*LOCAL_HOSTS, "[::1]"}


def _shown(entry: str) -> str:
    """Return `entry` for a message: on one line, of some length, and without a password that stands before its host."""
    name, at, rest = entry.rpartition("@")
    return f"{name and '...'}{at}{rest}".encode("unicode_escape").decode()[:_LONGEST_SHOWN]
