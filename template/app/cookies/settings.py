"""Settings of the cookies slice. Times are in seconds."""

from collections.abc import Iterator
from datetime import timedelta
from enum import StrEnum

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from app.core.origins import OriginsSettings
from app.core.sessions import Lifetimes
from app.core.settings import CoreSettings, Finding

_MINUTE = 60
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR


class SameSite(StrEnum):
    """Whether a link on another site opens this one logged in: with `lax` it does, with `strict` it does not."""

    LAX = "Lax"
    STRICT = "Strict"

    @classmethod
    def _missing_(cls, value: object) -> "SameSite | None":
        return next((each for each in cls if each.lower() == str(value).lower()), None)


class CookiesSettings(OriginsSettings):
    """`SESSION_...`, and `COOKIES_OVER_HTTP` for a developer's own machine.

    Half an hour idle is the most that OWASP's Session Management cheat sheet gives an application of low risk, eight
    hours in all what it gives a day's work: where more is at stake, take less. 30 days are NIST's most for one factor
    (SP 800-63B-4 section 2.1.3).
    """

    model_config = SettingsConfigDict(env_prefix="SESSION_", populate_by_name=True)

    idle_seconds: int = Field(default=30 * _MINUTE, ge=_MINUTE, le=_DAY)
    absolute_seconds: int = Field(default=8 * _HOUR, ge=5 * _MINUTE, le=30 * _DAY)
    same_site: SameSite = SameSite.LAX
    cookies_over_http: bool = Field(default=False, validation_alias="COOKIES_OVER_HTTP")

    @property
    def lifetimes(self) -> Lifetimes:
        """How long a session lasts."""
        return Lifetimes(idle=timedelta(seconds=self.idle_seconds), absolute=timedelta(seconds=self.absolute_seconds))

    def findings(self, core: CoreSettings) -> Iterator[Finding]:
        """Yield what must not reach production: a cookie that travels in the clear."""
        yield from super().findings(core)
        if self.cookies_over_http:
            yield Finding("COOKIES_OVER_HTTP: anyone on the way could take a session; it is for APP_ENV=local only")

    def notes(self) -> Iterator[str]:
        """Yield what no setting can change about pages elsewhere."""
        yield from super().notes()
        if self.browser_origins:
            yield "BROWSER_ORIGINS: browsers send the session cookie only from pages of the same site (SameSite)"
