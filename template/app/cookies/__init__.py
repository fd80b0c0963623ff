"""Cookies: a browser session that no script can read, and the protection against CSRF that it then needs.

Threats: a session id that is guessed, planted before the login or read by a script (OWASP Session Management); another
site that lets a visitor's browser act here, or log in as somebody else (OWASP CSRF Prevention, ASVS V3.3, V3.5, V7.2).

Remove it: only together with another carrier; without one nobody can log in.
"""

from importlib.resources import files

from app.cookies.authenticator import CookieAuthenticator
from app.cookies.carrier import CookieCarrier
from app.cookies.csrf import HEADER, CsrfCheck, CsrfGuard, CsrfTokens
from app.cookies.jar import Jar
from app.cookies.keep_alive import KeepAlive
from app.cookies.router import router
from app.cookies.settings import CookiesSettings
from app.core.kernel import Kernel
from app.core.origins import allowed_origins
from app.core.slices import Slice


def install(kernel: Kernel, settings: CookiesSettings) -> None:
    """Accept session cookies, hand them out at login, and refuse what another site made a browser send."""
    jar = Jar.over_http(settings.same_site) if settings.cookies_over_http else Jar(settings.same_site)
    tokens = CsrfTokens([root.derive("csrf/HMAC-SHA256/1") for root in kernel.core.roots.accepted()], kernel.entropy)
    check = CsrfCheck(kernel, jar, tokens)
    authenticator = CookieAuthenticator(jar)
    kernel.provide(Jar, jar)
    kernel.provide(CsrfTokens, tokens)
    kernel.provide(CookieAuthenticator, authenticator)
    kernel.principals.authenticators.append(authenticator)
    kernel.principals.seen.append(KeepAlive(kernel.store, settings.lifetimes.idle, kernel.now))
    kernel.login.carriers[CookieCarrier.name] = CookieCarrier(kernel, jar, tokens, check, settings.lifetimes)
    kernel.named_origins |= allowed_origins(settings, kernel.core)
    kernel.request_headers.add(HEADER)
    kernel.refused_changes[403] = "Another site seems to have sent this, or the CSRF token is missing or wrong"
    kernel.docs_scripts.append((files("app.cookies") / "docs.js").read_text(encoding="utf-8"))
    kernel.guard(lambda app: CsrfGuard(app, kernel, jar, check))
    kernel.mount(router, public=True)


SLICE = Slice(name="cookies", install=install, settings=CookiesSettings)
