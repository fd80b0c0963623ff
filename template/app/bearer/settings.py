"""Settings of the bearer slice. Times are in seconds."""

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from app.core.sessions import Lifetimes
from app.core.settings import CoreSettings, Finding, SliceSettings

_DAY = 24 * 60 * 60


class BearerSettings(SliceSettings):
    """`BEARER_...`, and `REFRESH_...` for the refresh tokens.

    `refresh_race_seconds`: how long the refresh token just spent answers 400 instead of ending its family. 0 logs out
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
        """Yield what must not reach production: an issuer that anyone on the way can speak for."""
        del core
        if not self.issuer.startswith("https://") or not urlsplit(self.issuer).hostname:
            yield Finding("BEARER_ISSUER: must be this service's own https:// address", "plain-http-issuer")
