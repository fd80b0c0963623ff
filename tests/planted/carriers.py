"""What every carrier owes: defects that the tests find which run once for each way to carry a session."""

from tests.planted.defect import Defect

DEFECTS = (
    Defect(
        name="a session in a cookie outlives its end",
        file="app/cookies/authenticator.py",
        old="AuthSession.carrier == NAME, live())",
        new="AuthSession.carrier == NAME)",
        red="tests/core/test_session_end.py",
        answers={"auth": "cookie"},
    ),
    Defect(
        name="of two carriers in one request the first wins",
        file="app/core/principals.py",
        old="if len(presented) > 1:",
        new="if False:",
        red="tests/core/test_two_sessions.py",
        answers={"auth": "both"},
    ),
    Defect(
        name="a proof of long ago is taken from a cookie",
        file="app/core/principals.py",
        old="if at is not None and (kernel.now() - at).total_seconds() <= within:",
        new='if principal.carrier == "cookie" or at is not None and (kernel.now() - at).total_seconds() <= within:',
        red="tests/accounts/test_recent_login.py",
        answers={"auth": "both"},
    ),
)
