"""How people carry their sessions. The plugin of each carrier adds its way to `WAYS`; the first one is the default.

No application is imported here or in the plugins: they are loaded before anything measures what runs.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import httpx
import pytest

REFUSED = 401
"""What a login that was refused counts as, whatever its carrier answers."""


@dataclass(frozen=True, kw_only=True)
class Carried:
    """A session as its client holds it.

    `headers` present it. `secret` is the one of which the database has the hash; `secrets` are all that must be seen
    by nobody else, each by its name.
    """

    headers: Mapping[str, str]
    secret: str
    secrets: Mapping[str, str]


Take = Callable[[httpx.Response], Carried]


class Way(Protocol):
    """One way to carry a session: what a client of that carrier does."""

    name: str
    slice: str
    login_path: str
    challenge: str
    """What the 401 without a credential asks for."""
    ended: str
    """What the 401 for a session that has ended asks for."""

    async def log_in(self, client: httpx.AsyncClient, email: str, password: str) -> httpx.Response:
        """Log in and return the answer, whatever it is. No credential is sent along."""

    def refuses(self, answer: httpx.Response) -> bool:
        """Return whether this is the one answer to a wrong address or password."""

    def carried(self, answer: httpx.Response) -> Carried:
        """Return the session that an answer hands out."""

    async def passing(self, client: httpx.AsyncClient) -> Mapping[str, str]:
        """Return headers, no credential among them, with which what guards the routes of this carrier lets one pass."""

    def presenting(self, text: str) -> Mapping[str, str]:
        """Return headers that present `text` as if it were a credential."""

    async def renew(self, client: httpx.AsyncClient, carried: Carried) -> Carried | None:
        """Use the session, so that it stays; return it as it is carried now, None when it has ended."""

    async def use_own_routes(self, client: httpx.AsyncClient, carried: Carried, take: Take, canary: str) -> set[str]:
        """Use every route that only this carrier has, well and badly.

        `take` is given each answer that hands out a session, `canary` stands in each place for a secret. Returns the
        names of the events that must have been told.
        """


WAYS: list[Way] = []


def asks_to_log_in(answer: httpx.Response) -> bool:
    """Return whether this is the 401 for no credential: a challenge for each way to carry one, and no error."""
    asked_for = answer.headers.get("WWW-Authenticate", "").split(", ")
    return answer.status_code == 401 and sorted(asked_for) == sorted(way.challenge for way in WAYS)


each_way = pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name, indirect=True)
"""Runs a test once for each way to carry a session. Without it, people do as the first one says."""
