"""Logging out, seeing one's sessions, ending them, and proving once more who one is.

A session narrowed by scopes may see whose it is, prove once more who that is, and end itself; the password gives it no
more than it had. Other logins, the password, the address and the account are none of its business.
"""

from fastapi import Response

from app.accounts.schemas import Reauthentication, Session
from app.core.database import Database
from app.core.errors import Problem
from app.core.events import about
from app.core.kernel import CurrentKernel
from app.core.login import InvalidCredentials
from app.core.models import AuthSession
from app.core.openapi import problems
from app.core.principals import AnyScope, CurrentUser, Principal, RecentlyAuthenticated
from app.core.routing import Router, ends_session, guessable
from app.core.sessions import end_all_sessions, end_session, list_sessions
from app.core.types import Uuid

router = Router(prefix="/auth", tags=["sessions"])


@router.post("/logout", status_code=204)
@ends_session
async def log_out(response: Response, user: AnyScope, db: Database, kernel: CurrentKernel) -> None:
    """End this session. Its credential is refused from the next request on."""
    response.headers.update(kernel.login.parting_headers(user.carrier))
    if user.session_id is not None and await end_session(db, user.user_id, user.session_id, now=kernel.now()):
        kernel.tell(about(user.user_id, "session_logout", str(user.session_id)))


@router.get("/sessions")
async def read_sessions(user: CurrentUser, db: Database, kernel: CurrentKernel) -> list[Session]:
    """Return the live sessions of the account, the one used last first."""
    found = await list_sessions(db, user.user_id, now=kernel.now())
    return [_as_session(session, user) for session in found]


@router.delete("/sessions/{session_id}", status_code=204, responses=problems(404))
async def end_one_session(session_id: Uuid, user: RecentlyAuthenticated, db: Database, kernel: CurrentKernel) -> None:
    """End one session of the account. Needs a recent login. Somebody else's session is 404."""
    # Without a lock: the session of a login under way has no id yet that anybody could name.
    if not await end_session(db, user.user_id, session_id, now=kernel.now()):
        raise Problem(404, "not_found", "There is no such session.")
    kernel.tell(about(user.user_id, "session_ended", str(session_id)))


@router.delete("/sessions", status_code=204)
async def end_other_sessions(user: RecentlyAuthenticated, db: Database, kernel: CurrentKernel) -> None:
    """End every session of the account but this one, also one that a login is just opening. Needs a recent login."""
    await kernel.principals.lock_account_of(db, user)
    ended = await end_all_sessions(db, user.user_id, now=kernel.now(), spare=user.session_id)
    kernel.tell(about(user.user_id, "session_ended", str(ended)))


@router.post("/reauthenticate", response_model=None, responses=problems(403))
@guessable("login")
async def reauthenticate(body: Reauthentication, user: AnyScope, kernel: CurrentKernel) -> Response:
    """Run the whole login again and replace this session by a new one (ASVS V7.2.4), with the same scopes."""
    try:
        return await kernel.login.with_password(
            user.email, body.password, carrier=user.carrier, replaces=user.session_id, scopes=user.scopes
        )
    except InvalidCredentials:
        raise Problem(403, "wrong_password", "The password is wrong.") from None


def _as_session(session: AuthSession, user: Principal) -> Session:
    return Session(
        id=session.id,
        current=session.id == user.session_id,
        carrier=session.carrier,
        network=session.network,
        user_agent=session.user_agent,
        created_at=session.created_at,
        last_used_at=session.used_at,
        expires_at=session.expires_at,
    )
