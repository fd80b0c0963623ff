"""A pytest plugin: people carry their sessions as bearer tokens."""

from tests.support import production

production.FIT["BEARER_ISSUER"] = "https://api.example.com"
production.NOT_FIT |= {
    "plain-http issuer": ("BEARER_ISSUER", "http://api.example.com", "BEARER_ISSUER: "),
    "default issuer": ("BEARER_ISSUER", None, "BEARER_ISSUER: "),
    "endless login": ("REFRESH_ABSOLUTE_SECONDS", "31536000", "REFRESH_ABSOLUTE_SECONDS: Input should be less"),
}
production.RISKS["plain-http-issuer"] = {"BEARER_ISSUER": "http://api.example.com"}
