"""Trusted hosts: a request for a name that is not ours is refused.

Threat: whatever is built from `Host` (a link in a mail, a redirect, a cache key) then names the attacker's machine
(ASVS V3.7.2; CVE-2026-48710 shows the same header poisoning a framework's idea of the path).

Remove it: delete this folder and `tests/hosts/`, both its lines in `app/main.py`, and what README.md, AGENTS.md,
`.env.example`, `tests/support/production.py` and `tests/core/test_documents.py` say of it or of `ALLOWED_HOSTS`, and
what fails elsewhere: other tests count on its refusal too.
"""

import re
from collections.abc import Iterator

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from app.core.errors import Problem
from app.core.kernel import Kernel
from app.core.settings import CoreSettings, Finding, Listed, SliceSettings
from app.core.slices import Slice

LOCAL_HOSTS = ("localhost", "127.0.0.1", "[::1]")
_HOST = re.compile(r"\[[0-9a-f:.]+\]|[a-z0-9_-]+(\.[a-z0-9_-]+)*|\.[a-z0-9_-]+(\.[a-z0-9_-]+)+", re.ASCII)
_LABELS = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*", re.ASCII)


class HostsSettings(SliceSettings):
    """`ALLOWED_HOSTS`: exact names, or `.example.com` for that name and every name below it."""

    allowed_hosts: Listed = LOCAL_HOSTS

    def findings(self, core: CoreSettings) -> Iterator[Finding]:
        """Yield what must not reach production: every name, or only this machine's."""
        del core
        if "*" in self.allowed_hosts:
            yield Finding("ALLOWED_HOSTS: '*' trusts whatever a caller writes; name the hosts", "any-host")
        for host in self.allowed_hosts:
            if host != "*" and not _HOST.fullmatch(host.lower()):
                yield Finding(f"ALLOWED_HOSTS: {host} is no host; write api.example.com, or .example.com", "odd-host")
        if set(self.allowed_hosts) <= set(LOCAL_HOSTS):
            yield Finding("ALLOWED_HOSTS: names no host of yours; callers would only see 400", "local-hosts-only")


class TrustedHosts:
    """Pure ASGI: passes a request on whose one `Host` is trusted, and answers 400 to any other."""

    def __init__(self, app: ASGIApp, kernel: Kernel, allowed: tuple[str, ...]) -> None:
        self._app = app
        self._with_hint = kernel.core.is_local
        self._exact = frozenset(host.lower() for host in allowed if not host.startswith("."))
        self._below = tuple(host.lower() for host in allowed if host.startswith("."))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or self._trusts(scope):
            await self._app(scope, receive, send)
            return
        refusal = Problem(400, "untrusted_host", "This host is not served here.", hint="ALLOWED_HOSTS")
        await refusal.response(with_hint=self._with_hint)(scope, receive, send)

    def _trusts(self, scope: Scope) -> bool:
        hosts = Headers(scope=scope).getlist("Host")
        if len(hosts) != 1:
            return False
        host = _without_port(hosts[0].lower())
        return host in self._exact or "*" in self._exact or any(_is_below(host, parent) for parent in self._below)


def _is_below(host: str, parent: str) -> bool:
    # Only labels may stand before it: a link made of `evil.org/.example.com` leads to evil.org.
    return host == parent[1:] or (host.endswith(parent) and _LABELS.fullmatch(host[: -len(parent)]) is not None)


def _without_port(host: str) -> str:
    name, colon, port = host.rpartition(":")
    return name if colon and port.isascii() and port.isdigit() else host


def install(kernel: Kernel, settings: HostsSettings) -> None:
    """Check the host of every request that is not a probe."""
    kernel.guard(lambda app: TrustedHosts(app, kernel, settings.allowed_hosts))


SLICE = Slice(name="hosts", install=install, settings=HostsSettings)
