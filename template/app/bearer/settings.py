"""Settings of the bearer slice. Times are in seconds."""

import re
from collections.abc import Iterator
from datetime import timedelta
from ipaddress import ip_address

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from app.core.sessions import Lifetimes
from app.core.settings import CoreSettings, Finding, SliceSettings

_DAY = 24 * 60 * 60
_ISSUER = re.compile(
    r"(?P<scheme>https?)://(\[(?P<ipv6>[0-9a-f:.]+)\]|(?P<host>[a-z0-9_-]+(\.[a-z0-9_-]+)*))(:[1-9][0-9]{0,4})?"
    r"(/[a-z0-9._~!$&'()*+,;=:@%/-]*)?",
    re.ASCII | re.IGNORECASE,
)
"""Nothing before the host, which would hand a password to whoever gets a token, and nothing behind the path."""


class BearerSettings(SliceSettings):
    """`BEARER_...`, and `REFRESH_...` for the refresh tokens.

    `refresh_race_seconds`: how long the refresh token just spent answers 400 without ending its family. 0 logs out
    clients that refresh twice at once; more lets a thief who wins that race live until the next replay.
    """

    model_config = SettingsConfigDict(env_prefix="BEARER_", populate_by_name=True)

    issuer: str = "http://localhost:8000"
    audience: str | None = None
    access_seconds: int = Field(default=600, ge=30, le=3600)
    refresh_idle_seconds: int = Field(default=7 * _DAY, ge=3600, le=30 * _DAY, validation_alias="REFRESH_IDLE_SECONDS")
    refresh_absolute_seconds: int = Field(
        default=30 * _DAY, ge=3600, le=30 * _DAY, validation_alias="REFRESH_ABSOLUTE_SECONDS"
    )
    refresh_race_seconds: int = Field(default=0, ge=0, le=30, validation_alias="REFRESH_RACE_SECONDS")

    @property
    def access_lifetime(self) -> timedelta:
        """How long an access token is accepted."""
        return timedelta(seconds=self.access_seconds)

    @property
    def refresh_lifetimes(self) -> Lifetimes:
        """How long a refresh token family lives; 30 days is NIST's most for one factor (SP 800-63B-4 section 2.1.3)."""
        return Lifetimes(
            idle=timedelta(seconds=self.refresh_idle_seconds), absolute=timedelta(seconds=self.refresh_absolute_seconds)
        )

    @property
    def race_window(self) -> timedelta:
        """How long the token just spent is taken for a race and not for a theft."""
        return timedelta(seconds=self.refresh_race_seconds)

    def findings(self, core: CoreSettings) -> Iterator[Finding]:
        """Yield an issuer that is no address (RFC 8414 section 2), and one that others can speak for as well."""
        del core
        issuer = _ISSUER.fullmatch(self.issuer)
        if issuer is None:
            message = "write https://host or https://host/path; no user, no query, no fragment, no space"
            yield Finding(f"BEARER_ISSUER: {message}", everywhere=True)
        elif issuer["scheme"].lower() == "http":
            yield Finding("BEARER_ISSUER: must be this service's own https:// address", "plain-http-issuer")
        elif _is_any_machine(issuer["ipv6"] or issuer["host"]):
            yield Finding("BEARER_ISSUER: every machine is that one to itself; name this service's own", "local-issuer")


def _is_any_machine(host: str) -> bool:
    """Return whether `host` means whatever machine looks it up."""
    try:
        address = ip_address(host)
    except ValueError:
        return f".{host.lower()}".endswith(".localhost")
    return address.is_loopback or address.is_unspecified
