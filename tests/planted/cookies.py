"""Defects of sessions in cookies, and of what keeps other sites from using them."""

from tests.planted.defect import Defect

ANSWERS = {"auth": "cookie", "jwt_algorithm": None}
CSRF, LOGIN, COOKIE = (
    "tests/cookies/test_csrf.py",
    "tests/cookies/test_login.py",
    "tests/cookies/test_session_cookie.py",
)

DEFECTS = (
    Defect(
        name="the guard against CSRF is not installed",
        file="app/cookies/__init__.py",
        old="kernel.guard(lambda app: CsrfGuard(app",
        new="_ = (lambda app: CsrfGuard(app",
        red=CSRF,
        answers=ANSWERS,
    ),
    Defect(
        name="a login needs no token",
        file="app/cookies/csrf.py",
        old='if session is None and not scope["path"].endswith(LOGIN):',
        new="if session is None:",
        red=LOGIN,
        answers=ANSWERS,
    ),
    Defect(
        name="what the browser says of the sender is not looked at",
        file="app/cookies/csrf.py",
        old="if not self._comes_from_our_pages(scope):",
        new="if False:",
        red=CSRF,
        answers=ANSWERS,
    ),
    Defect(
        name="the token is not looked at",
        file="app/cookies/csrf.py",
        old="if not self._has_token(scope, session):",
        new="if False:",
        red=CSRF,
        answers=ANSWERS,
    ),
    Defect(
        name="a token is good for every session",
        file="app/cookies/csrf.py",
        old="for part in parts)",
        new="for part in parts[::2])",
        red=CSRF,
        answers=ANSWERS,
    ),
    Defect(
        name="a neighbour on the same site is one of us",
        file="app/cookies/csrf.py",
        old="return bool(origins) and origins[0] in self._origins\n",
        new="return True\n",
        red=CSRF,
        answers=ANSWERS,
    ),
    Defect(
        name="an origin is matched by its end",
        file="app/cookies/csrf.py",
        old='any(origin == f"{scheme}://{host.removesuffix(port)}"',
        new="any(origin.endswith(host.removesuffix(port)) and scheme",
        red=CSRF,
        answers=ANSWERS,
    ),
    Defect(
        name="of two session cookies the first is taken",
        file="app/cookies/authenticator.py",
        old="if len(sessions) > 1:",
        new="if False:",
        red=COOKIE,
        answers=ANSWERS,
    ),
    Defect(
        name="what Python takes for white space is cut off a cookie's name",
        file="app/cookies/jar.py",
        old="key.strip(_OWS) == name",
        new="key.strip() == name",
        red=COOKIE,
        answers=ANSWERS,
    ),
    Defect(
        name="a script can read the session cookie",
        file="app/cookies/jar.py",
        old="; HttpOnly",
        new="",
        red=LOGIN,
        answers=ANSWERS,
    ),
    Defect(
        name="a new login leaves the session that it replaces alive",
        file="app/cookies/router.py",
        old="    await _end_session_of_this_browser(kernel, request)\n",
        new="",
        red=LOGIN,
        answers=ANSWERS,
    ),
    Defect(
        name="a session in use is thrown out",
        file="app/cookies/__init__.py",
        old="    kernel.principals.seen.append(KeepAlive(kernel.store, settings.lifetimes.idle, kernel.now))\n",
        new="    _ = KeepAlive\n",
        red=COOKIE,
        answers=ANSWERS,
    ),
    Defect(
        name="each request writes to the database",
        file="app/cookies/keep_alive.py",
        old="if now - principal.last_used_at < self._idle / _NOTED_EVERY:",
        new="if False:",
        red=COOKIE,
        answers=ANSWERS,
    ),
)
