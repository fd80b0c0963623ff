"""What the routes of this project may do that others may not. The plugin of a slice adds its own."""

from collections.abc import Awaitable, Callable
from typing import Any

PUBLIC = {"/auth/register", "/auth/reset-password", "/health/live", "/health/ready"}
"""What strangers reach. Whoever opens another route says so here."""

SPEAK_A_PROTOCOL: set[str] = set()
"""What reads its body as a protocol asks: unknown fields are ignored, and a body that cannot be read is 400."""

RIGHTS: list[Callable[[Any], Awaitable[None]]] = []
"""What it takes to hold every permission: each is given a person, and lets them do more."""

READ_BODIES_BY_HAND = {"app/core/routing.py": "waits for the body, and reads JSON and forms as strictly as it can"}
"""Files that read a body without a model, each with the reason: nothing bounds what is in it, and OpenAPI is silent."""
