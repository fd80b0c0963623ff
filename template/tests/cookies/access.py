"""Who gets through to the routes of the session cookie: everyone, since they make the credential."""

from tests.support.expectations import Row

ROWS = (
    Row("POST /auth/login", public=True, status=422),
    Row("GET /auth/csrf", public=True),
)
