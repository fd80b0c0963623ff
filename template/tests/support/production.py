"""What production asks of the settings: what it needs, what it refuses, which risks can be accepted there.

The share of the core and of what is always there stands here. The plugins of slices that come and go add theirs, as
in `FIT["NAME"] = "..."` and `NOT_FIT |= {...}`.
"""

GOOD_SECRET = "b7c1f0a94e5d28836f1a0c9be2d4735c8f60a1e3d9b2475c6e8f0a1d3b5c7e92"

FIT = {
    "APP_ENV": "production",
    "SECRET_KEY": GOOD_SECRET,
    "DATABASE_URL": "",
    "ALLOWED_HOSTS": "api.example.com",
    "REGISTRATION": "closed",
}
"""What a production environment needs, and no more. The database's plugin says where its database is."""

OUT_OF_REACH = {"DATABASE_URL": ""}
"""The settings for a database that does not answer or has no tables. `kanary7` in it must be seen by nobody."""

_ALWAYS_NEEDED = frozenset(FIT)

NOT_FIT: dict[str, tuple[str, str | None, str]] = {
    "missing secret": ("SECRET_KEY", None, "SECRET_KEY: missing"),
    "empty secret": ("SECRET_KEY", "", "SECRET_KEY: missing"),
    "short secret": ("SECRET_KEY", "kQ9x2vLp", "SECRET_KEY: shorter than 32"),
    "31 characters": ("SECRET_KEY", GOOD_SECRET[:31], "SECRET_KEY: shorter than 32"),
    "one character again and again": ("SECRET_KEY", "q" * 64, "SECRET_KEY: too regular"),
    "low entropy": ("SECRET_KEY", "abab" * 16, "SECRET_KEY: too regular"),
    "a short text again and again": ("SECRET_KEY", "0123456789abcdef" * 4, "SECRET_KEY: too regular"),
    "and not to its end": ("SECRET_KEY", ("0123456789abcdef" * 4)[:-3], "SECRET_KEY: too regular"),
    "example secret": ("SECRET_KEY", f"CHANGEME-{GOOD_SECRET}", "SECRET_KEY: looks like an example"),
    "another example": ("SECRET_KEY", f"django-insecure-{GOOD_SECRET}", "SECRET_KEY: looks like an example"),
    "weak fallback": ("SECRET_KEY_FALLBACKS", f"{GOOD_SECRET},kQ9x2vLp", "SECRET_KEY_FALLBACKS: shorter"),
    "weak next secret": ("SECRET_KEY_NEXT", "kQ9x2vLp", "SECRET_KEY_NEXT: shorter"),
    "debug": ("DEBUG", "true", "DEBUG: "),
    "messages in the log": ("LOG_EXCEPTION_MESSAGES", "true", "LOG_EXCEPTION_MESSAGES: "),
    "any host": ("ALLOWED_HOSTS", "api.example.com,*", "ALLOWED_HOSTS: '*'"),
    "no host of ours": ("ALLOWED_HOSTS", None, "ALLOWED_HOSTS: names no host"),
    "exposed docs": ("EXPOSE_DOCS", "true", "EXPOSE_DOCS: "),
    "undecided registration": ("REGISTRATION", None, "REGISTRATION: say open or closed"),
    "misspelt registration": ("REGISTRATION", "opne", "REGISTRATION: Input should be 'open' or 'closed'"),
    "cheap memory": ("PASSWORD_MEMORY_KIB", "19455", "PASSWORD_MEMORY_KIB, PASSWORD_ROUNDS: below"),
    "short passwords": ("PASSWORD_MIN_LENGTH", "14", "PASSWORD_MIN_LENGTH: NIST"),
    "passwords below 8": ("PASSWORD_MIN_LENGTH", "7", "PASSWORD_MIN_LENGTH: Input should be greater"),
    "any proxy": ("FORWARDED_ALLOW_IPS", "10.0.0.5, *", "FORWARDED_ALLOW_IPS: "),
    "any IPv4 proxy": ("FORWARDED_ALLOW_IPS", "0.0.0.0/0", "FORWARDED_ALLOW_IPS: "),
    "any IPv6 proxy": ("FORWARDED_ALLOW_IPS", "10.0.0.5,2000::/3", "FORWARDED_ALLOW_IPS: trusting everyone"),
    "half of IPv6": ("FORWARDED_ALLOW_IPS", "2000::/8,2400::/8", "FORWARDED_ALLOW_IPS: trusting everyone"),
    "a proxy's name": ("FORWARDED_ALLOW_IPS", "10.0.0.5,proxy.internal", "FORWARDED_ALLOW_IPS: holds what is no"),
    "a host for a network": ("FORWARDED_ALLOW_IPS", "10.0.0.5/8", "FORWARDED_ALLOW_IPS: holds what is no"),
    "unreadable database": ("DATABASE_URL", "driver://app:kwq7@Zt0@db:xn/app", "DATABASE_URL: cannot be"),
    "no database": ("DATABASE_URL", None, "DATABASE_URL: missing"),
    "no number": ("DATABASE_POOL_SIZE", "many", "DATABASE_POOL_SIZE: Input should be a valid integer"),
}
"""What production refuses: a setting, its value (None unsets it), and how the one line about it begins."""

RISKS: dict[str, dict[str, str]] = {
    "debug": {"DEBUG": "true"},
    "exception-messages": {"LOG_EXCEPTION_MESSAGES": "true"},
    "any-proxy-trusted": {"FORWARDED_ALLOW_IPS": "*"},
    "any-host": {"ALLOWED_HOSTS": "*"},
    "local-hosts-only": {"ALLOWED_HOSTS": "localhost"},
    "exposed-docs": {"EXPOSE_DOCS": "true"},
    "cheap-hash": {"PASSWORD_MEMORY_KIB": "19455"},
    "short-passwords": {"PASSWORD_MIN_LENGTH": "8"},
}
"""What production accepts when `ACCEPTED_RISKS` names it, each with the settings that run it."""


def needed_by_slices() -> set[str]:
    """Return the settings that slices have added to `FIT`: production misses each of them."""
    return FIT.keys() - _ALWAYS_NEEDED
