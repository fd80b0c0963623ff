"""What the routes of this project may do that others may not. The plugin of a slice adds its own."""

PUBLIC = {"/auth/register", "/auth/reset-password", "/health/live", "/health/ready"}
"""What strangers reach. Whoever opens another route says so here."""

SPEAK_A_PROTOCOL: set[str] = set()
"""What reads its body as a protocol asks: unknown fields are ignored, and a body that cannot be read is 400."""
