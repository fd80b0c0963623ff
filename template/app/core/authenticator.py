"""What it takes to be a way to present a credential."""

from collections.abc import Mapping
from typing import Any, Protocol

from fastapi import Request
from fastapi.security.base import SecurityBase
from sqlalchemy import ColumnElement

from app.core.errors import Problem


class Authenticator(Protocol):
    """A way to present a credential."""

    @property
    def name(self) -> str:
        """What it is called: in OpenAPI, and as `Principal.carrier`."""

    @property
    def sent_unasked(self) -> bool:
        """Whether a browser adds this credential by itself, whichever page made it send the request."""

    @property
    def scheme(self) -> SecurityBase:
        """How OpenAPI describes it."""

    @property
    def source(self) -> type[Any]:
        """The table whose row stands for the credential; it has a `user_id`."""

    @property
    def match(self) -> ColumnElement[bool]:
        """Finds the one live row; the credential and `now` come in as bind parameters."""

    async def read(self, request: Request) -> Mapping[str, Any] | None:
        """Return the bind parameters for `match`, or None when the request carries no such credential.

        Raises:
            Problem: there is one, and it is bad. No database is asked here.
        """

    def challenge(self, **parameters: str) -> str:
        """Return the `WWW-Authenticate` value that asks for this credential (RFC 9110 section 11.6.1).

        `parameters` say what is wrong, `error="insufficient_scope"` for one; without a credential there are none.
        """

    def refusal(self, request: Request) -> Problem:
        """Return the 401 for a credential of `request` that is well-formed but finds no live row."""
