"""Who gets through to the public keys: everyone."""

from tests.support.expectations import Row

ROWS = (
    Row("GET /.well-known/jwks.json", public=True),
    Row("HEAD /.well-known/jwks.json", public=True),
)
