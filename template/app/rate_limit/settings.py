"""Settings of the limits, in the notation of the library `limits`: how many in which time."""

import math
import re
from collections.abc import Iterable, Iterator
from typing import Annotated, Any

from limits import RateLimitItem, parse
from pydantic import BeforeValidator, Field, create_model
from pydantic_settings import SettingsConfigDict

from app.core.settings import CoreSettings, Finding, SliceSettings

LONGEST_WINDOW = 24 * 60 * 60

DEFAULTS = {
    "login": "10/minute",
    "register": "5/minute",
    "password-change": "10/minute",
    "password-reset": "10/minute",
    "address-change": "5/minute",
}
OTHER_GUESSES = "60/minute"
"""For what else can be guessed: secrets so long that the limit spares the database rather than the secret."""

WIDEST = 10
"""How many times its default a limit may be in production. Far above it, nobody who guesses would ever meet it."""

_NOTATION = re.compile(r"[1-9][0-9]{0,7}/([1-9][0-9]{0,4} ?)?(second|minute|hour|day)s?", re.ASCII)


def limit_from(text: Any) -> RateLimitItem:
    """Return the limit that `text` writes.

    The library would take `10/0 minutes` for ten a minute, and of `5/minute;100/hour` only the first.

    Raises:
        ValueError: it is none; the text says what one looks like.
    """
    if isinstance(text, RateLimitItem):
        return text
    limit = parse(text) if isinstance(text, str) and _NOTATION.fullmatch(text) else None
    if limit is None or limit.get_expiry() > LONGEST_WINDOW:
        message = "write how many in which time, like 10/minute or 100/5 minutes; at least 1, and in a day at most"
        raise ValueError(message)
    return limit


Limited = Annotated[RateLimitItem, BeforeValidator(limit_from)]


class RateLimitSettings(SliceSettings):
    """`RATE_LIMIT_GENERAL`, and one setting for each action that can be guessed, like `RATE_LIMIT_LOGIN`.

    Each is what one network may send. An office behind one address is one network: its people share the limit.
    """

    model_config = SettingsConfigDict(env_prefix="RATE_LIMIT_", populate_by_name=True, arbitrary_types_allowed=True)

    general: Limited = limit_from("600/minute")

    def findings(self, core: CoreSettings) -> Iterator[Finding]:
        """Yield, as one, the limits that are so wide that they are none: what counts cannot be turned off that way."""
        yield from super().findings(core)
        wide = {name: most for name, limit, most in self._limits() if _in_a_minute(limit) > most}
        if wide:
            widest = ", ".join(f"{most:g}" for most in wide.values())
            message = f"{', '.join(wide)}: so wide that whoever guesses is not stopped; a minute at most {widest}"
            yield Finding(message, "wide-limits")

    def _limits(self) -> Iterator[tuple[str, RateLimitItem, float]]:
        """Yield each limit: the variable that sets it, itself, and how many it may let through in a minute."""
        for field, info in type(self).model_fields.items():
            if isinstance(info.default, RateLimitItem):
                name = str(info.validation_alias or f"RATE_LIMIT_{field}".upper())
                yield name, getattr(self, field), WIDEST * _in_a_minute(info.default)

    def of(self, action: str) -> RateLimitItem:
        """Return the limit of what can be guessed."""
        chosen: RateLimitItem = getattr(self, _field_of(action), None) or _default(action)
        return chosen


def with_a_setting_for(actions: Iterable[str], base: type[RateLimitSettings]) -> type[RateLimitSettings]:
    """Return `base` with a setting for each action: whoever marks another endpoint gets one for it."""
    fields: dict[str, Any] = {
        _field_of(action): (Limited, Field(default=_default(action), validation_alias=name_of(action)))
        for action in sorted(actions)
    }
    return create_model(base.__name__, __base__=base, __doc__=base.__doc__, **fields)


def name_of(action: str) -> str:
    """Return the variable that sets a limit."""
    return f"RATE_LIMIT_{action.replace('-', '_')}".upper()


def _field_of(action: str) -> str:
    # Not the action alone: some, like `register`, are methods of the class.
    return f"of_{action.replace('-', '_')}"


def _default(action: str) -> RateLimitItem:
    return limit_from(DEFAULTS.get(action, OTHER_GUESSES))


def _in_a_minute(limit: RateLimitItem) -> float:
    """Return how many can come in one minute: all of each window that begins in it."""
    return limit.amount * math.ceil(60 / limit.get_expiry())
