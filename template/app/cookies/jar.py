"""The two cookies: how they are called, written and read. Nothing else in this application looks at a cookie."""

import re
from dataclasses import dataclass

from starlette.types import Scope

from app.cookies.settings import SameSite

_OWS = " \t"
_VALUE = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
"""256 bits in base64url: what `app.core.sessions.new_secret` makes."""


@dataclass(frozen=True)
class Jar:
    """`session` carries the session; `pre_session` ties a CSRF token to a browser that has none yet.

    With the prefix `__Host-` a browser takes a cookie only over TLS, from this very host and for all of it, so that
    neither a neighbour on the same domain nor somebody on the way can plant one (RFC 6265bis section 4.1.3).
    """

    same_site: SameSite
    session: str = "__Host-session"
    pre_session: str = "__Host-csrf"
    security: str = "; Secure"

    @classmethod
    def over_http(cls, same_site: SameSite) -> "Jar":
        """Return a jar for plain HTTP on a developer's machine: browsers keep no `__Host-` cookie there."""
        return cls(same_site, session="session", pre_session="csrf", security="")

    def set(self, name: str, value: str) -> str:
        """Return the `Set-Cookie` value. It has no lifetime: the browser forgets it, the server decides earlier."""
        return f"{name}={value}; Path=/{self.security}; HttpOnly; SameSite={self.same_site}"

    def expire(self, name: str) -> str:
        """Return the `Set-Cookie` value that takes a cookie back."""
        return f"{self.set(name, '')}; Max-Age=0"

    def sessions(self, scope: Scope) -> list[str]:
        """Return every session cookie of a request, well-formed or not. More than one is a planted one."""
        return _values(scope, self.session)

    def session_of(self, scope: Scope) -> str | None:
        """Return the one session cookie, None without one, with several, or with one that is not ours."""
        return _only(self.sessions(scope))

    def pre_session_of(self, scope: Scope) -> str | None:
        """Return the one pre-session cookie, None without one, with several, or with one that is not ours."""
        return _only(_values(scope, self.pre_session))


def is_well_formed(value: str) -> bool:
    """Return whether `value` could be one of ours. What is not is never hashed or looked up."""
    return _VALUE.fullmatch(value) is not None


def _only(values: list[str]) -> str | None:
    return values[0] if len(values) == 1 and is_well_formed(values[0]) else None


def _values(scope: Scope, name: str) -> list[str]:
    """Return the values of a cookie, with or without `=` (RFC 6265 section 5.2).

    It is named byte for byte, as a browser compares its prefix. Python would also take 0x85 and 0xA0 for white space:
    a neighbour may set such a name, and it would read as ours.
    Nothing is made of the other cookies: of 60 KB of semicolons a list of pairs is 4.7 MB, for whoever sends it.
    """
    headers = [value.decode("latin-1") for key, value in scope["headers"] if key == b"cookie"]
    pairs = [each.partition("=") for header in headers for each in header.split(";") if name in each]
    return [value.strip(_OWS) for key, _, value in pairs if key.strip(_OWS) == name]
