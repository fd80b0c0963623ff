"""Security events, in the words of the OWASP Logging Vocabulary where it has one.

An event is buffered while its request runs and told afterwards, when the transaction has been committed or rolled
back and before the answer starts: a refused action leaves its event, and a listener never waits for a lock that the
request holds. What a task or a thread tells when its request is over is told soon, as of that request.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Level(StrEnum):
    """How much attention an event asks for."""

    INFO = "INFO"
    WARN = "WARN"
    CRITICAL = "CRITICAL"


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityEvent:
    """Something that an operator may have to know.

    `name` is a word of the vocabulary, or one of our own in its form, such as `session_logout`; SECURITY.md lists them
    all. `arguments` follow it after a colon. Neither they nor `description` ever hold a credential: an account is named
    by its id, or by a keyed hash of the address that was tried, a client by its network.
    """

    name: str
    arguments: tuple[str, ...] = ()
    level: Level = Level.INFO
    description: str = ""
    user: UUID | None = None

    def written(self) -> str:
        """Return the event as the vocabulary writes it: `authn_login_fail_max:<user>,100`."""
        return f"{self.name}:{','.join(self.arguments)}" if self.arguments else self.name


Listener = Callable[[SecurityEvent], Awaitable[None]]
"""Hears every event of a request, in order, with no transaction of the request open.

What it raises is logged, and the request goes on: a log that fails must not become a way to stop every login.
"""


def attempt_from(network: str, name: str, description: str) -> SecurityEvent:
    """Return a warning of what somebody unknown tried from `network`: for `Kernel.tell_seldom`, as anybody can."""
    return SecurityEvent(name=name, arguments=(network,), level=Level.WARN, description=description)


def about(user: UUID, name: str, *more: str, level: Level = Level.INFO, description: str = "") -> SecurityEvent:
    """Return the event `name:user,more...` about one account."""
    return SecurityEvent(name=name, arguments=(str(user), *more), level=level, description=description, user=user)
