"""Security headers on every answer, refusals and unhandled errors included.

Threats: a browser that guesses types, frames the API, keeps answers, leaks URLs or speaks plain HTTP
(OWASP REST Security and HTTP Headers cheat sheets; ASVS V3.4, V14.3.2).

Remove it: delete this folder and `tests/headers/`, both its lines in `app/main.py`, its row in README.md, its name in
`tests/core/test_documents.py`, and what fails elsewhere: other tests look for its headers too. Nothing then protects a
browser that opens an answer of this API.
"""

from app.core.kernel import Kernel
from app.core.settings import SliceSettings
from app.core.slices import Slice

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'; sandbox"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""Sent with every answer; a route that sets one of them itself keeps its own."""

STRICT_TRANSPORT_SECURITY = "max-age=63072000; includeSubDomains"
"""Two years. Always in production and never in `local`: `X-Forwarded-Proto` is not asked, anyone can send it."""


def install(kernel: Kernel, _settings: SliceSettings | None) -> None:
    """Add the headers to every answer."""
    for name, value in HEADERS.items():
        kernel.header(name, value)
    if not kernel.core.is_local:
        kernel.header("Strict-Transport-Security", STRICT_TRANSPORT_SECURITY)


SLICE = Slice(name="headers", install=install)
