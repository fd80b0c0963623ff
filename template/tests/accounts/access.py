"""Who gets through to the routes of accounts: everyone to their own."""

from tests.support.expectations import Row
from tests.support.passwords import NEW_PASSWORD
from tests.support.people import PASSWORD, Person


async def a_session(owner: Person) -> str:
    (session, *_) = (await owner.get("/auth/sessions")).json()
    session_id: str = session["id"]
    return session_id


ROWS = (
    Row("POST /auth/register", public=True, status=422),
    Row("POST /auth/reset-password", public=True, status=422),
    Row("GET /users/me"),
    Row("PATCH /users/me", json={"email": "{role}@example.org"}),
    Row("DELETE /users/me"),
    Row("POST /users/me/password", json={"current_password": PASSWORD, "new_password": NEW_PASSWORD}),
    Row("POST /auth/logout"),
    Row("GET /auth/sessions"),
    Row("DELETE /auth/sessions"),
    Row("DELETE /auth/sessions/{session_id}", names=a_session),
    Row("POST /auth/reauthenticate", json={"password": PASSWORD}),
)
