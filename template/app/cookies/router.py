"""`/auth/login` and `/auth/csrf`. They are public: one makes the credential, the other what goes with it."""

from typing import Annotated

from fastapi import Request, Response
from pydantic import Field

from app.cookies.authenticator import NAME, CookieAuthenticator
from app.cookies.carrier import CsrfToken
from app.cookies.csrf import CsrfTokens
from app.cookies.jar import Jar
from app.core.kernel import CurrentKernel
from app.core.login import InvalidCredentials
from app.core.openapi import problems
from app.core.routing import Router, guessable
from app.core.sessions import new_secret
from app.core.types import Body

router = Router(prefix="/auth", tags=["sessions"])


class Credentials(Body):
    """What opens an account. An address of the wrong form is answered like one that nobody has."""

    email: Annotated[str, Field(min_length=1, max_length=320, json_schema_extra={"format": "email"})]
    password: Annotated[str, Field(min_length=1, max_length=1024, json_schema_extra={"format": "password"})]


@router.post("/login", response_model=CsrfToken, responses=problems(401, 403))
@guessable("login")
async def log_in(credentials: Credentials, kernel: CurrentKernel) -> Response:
    """Log in with e-mail and password and receive the session cookie.

    The session is a new one, whatever cookie came along (ASVS V7.2.4): who planted an id knows nothing of it.
    """
    try:
        return await kernel.login.with_password(credentials.email, credentials.password, carrier=NAME)
    except InvalidCredentials:
        raise InvalidCredentials(kernel.provided(CookieAuthenticator).challenge()) from None


@router.get("/csrf")
async def csrf_token(request: Request, response: Response, kernel: CurrentKernel) -> CsrfToken:
    """Return what `X-CSRF-Token` has to hold: for the session, or without one for the login."""
    jar, tokens = kernel.provided(Jar), kernel.provided(CsrfTokens)
    session = jar.session_of(request.scope)
    if session is not None:
        return CsrfToken(csrf_token=tokens.issue(jar.session, session))
    pre_session = jar.pre_session_of(request.scope)
    if pre_session is None:
        pre_session = new_secret(kernel.entropy)
        response.headers["Set-Cookie"] = jar.set(jar.pre_session, pre_session)
    return CsrfToken(csrf_token=tokens.issue(jar.pre_session, pre_session))
