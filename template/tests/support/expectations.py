"""Who gets through to which route: what the matrix in `tests/rbac/test_matrix.py` holds every route against.

Each slice says it for its own routes, in `ROWS` of `tests/<slice>/access.py`, so that the rows come and go with it:

    ROWS = (
        Row("GET /things"),                                              every role
        Row("POST /things", roles=ADMINS, json={"name": "x"}),           admins; the others get 403
        Row("GET /things/{thing_id}", names=a_thing),                    everyone their own; somebody else's is 404
        Row("GET /things/{thing_id}/parts/{part_id}", names=a_part),     `a_part` returns both ids, the thing's first
        Row("POST /things/import", public=True, status=422),             strangers too; what is sent here is no import
    )

Whoever is let in must get what they asked for, so the row says what to send. Without a credential a route that is not
public answers 401, and with that of a disabled account too. Of a path with several ids all are one owner's, or all are
somebody else's: that a part of somebody else's is not found below a thing of one's own is for the tests of the slice.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from app.rbac.models import Role
from tests.support.people import Person

EVERY_ROLE = frozenset(role.value for role in Role)
MEMBERS = EVERY_ROLE - {Role.GUEST.value}
"""Who may what slices declare for everyone: what `granted_by_default` also says of a role that it does not name."""

ADMINS = frozenset({Role.ADMIN.value})

Named = Callable[[Person], Awaitable[str | tuple[str, ...]]]
"""Makes what a path names, as the person it belongs to, and returns its id: of several, in the order of the path."""


@dataclass(frozen=True)
class Row:
    """One route.

    `roles` are let in, or everybody where it is `public`. `json` and `form` are what is sent; `{role}` in a text
    becomes the sender's role, for what must be different each time. Who is let in is answered with success, or with
    `status`. `names` makes what the path names, as its owner; others find nothing there. Where anybody's is anybody's
    business who is let in at all, `owned` is false.
    """

    route: str
    roles: frozenset[str] = EVERY_ROLE
    public: bool = False
    json: Mapping[str, Any] | None = None
    form: Mapping[str, str] | None = None
    status: int | None = None
    names: Named | None = None
    owned: bool = True

    def expected(self, sender: str) -> str | int:
        """Return what a sender gets: a role, `foreign <role>` for somebody else's, `anonymous` or `disabled`."""
        role = sender.removeprefix("foreign ")
        if not self.public and role in {"anonymous", "disabled"}:
            return 401
        if not self.public and role not in self.roles:
            return 403
        return 404 if role != sender else self.status or "success"

    def senders(self) -> list[str]:
        """Return everybody who sends it."""
        foreign = [f"foreign {role}" for role in sorted(EVERY_ROLE)] if self.names and self.owned else []
        return ["anonymous", "disabled", *sorted(EVERY_ROLE), *foreign]


def path_with(template: str, ids: str | tuple[str, ...]) -> str:
    """Return a path with these ids in place of its parameters, in order.

    Raises:
        ValueError: the path names more than there are ids, or less: what is asked for would be something else.
    """
    parts = re.split(r"\{[^}]*\}", template)
    given = (ids,) if isinstance(ids, str) else ids
    return parts[0] + "".join(each + part for each, part in zip(given, parts[1:], strict=True))
