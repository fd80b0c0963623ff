"""Who gets through to the token routes: everyone, since each brings its own credential in the body."""

from tests.support.expectations import Row

ROWS = (
    Row("POST /auth/token", public=True, form={"grant_type": "password"}, status=400),
    Row("POST /auth/refresh", public=True, json={"refresh_token": "unknown"}, status=400),
    Row("POST /auth/revoke", public=True, form={"token": "unknown"}),
)
