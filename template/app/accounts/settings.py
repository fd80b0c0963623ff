"""Settings of the accounts slice."""

from collections.abc import Iterator
from enum import StrEnum

from pydantic import Field

from app.core.settings import TEST, CoreSettings, Finding, SliceSettings

NIST_MIN_LENGTH = 15
"""SP 800-63B-4 section 3.1.1.2, for a password that is the only factor."""

OWASP_BCRYPT_COST = 10
"""OWASP Password Storage cheat sheet."""


class Registration(StrEnum):
    """Whether anyone may make an account."""

    OPEN = "open"
    CLOSED = "closed"


class PasswordScheme(StrEnum):
    """How new passwords are hashed."""

    ARGON2 = "argon2"
    BCRYPT_SHA256 = "bcrypt_sha256"


class AccountsSettings(SliceSettings):
    """`REGISTRATION` and `PASSWORD_...`.

    The shipped Argon2id parameters are above the minimum of OWASP and of ASVS 5.0 appendix C (m=47104 KiB, t=1, or
    m=19456 KiB, t=2). One verification takes `password_memory_kib` of memory, so the most this slice uses is that times
    `password_threads`; `password_queue` more logins wait, the next is told 503.
    """

    registration: Registration | None = None
    password_scheme: PasswordScheme = PasswordScheme.ARGON2
    password_memory_kib: int = Field(default=47104, ge=8, le=1024 * 1024)
    password_rounds: int = Field(default=2, ge=1, le=16)
    password_bcrypt_cost: int = Field(default=12, ge=4, le=16)
    password_min_length: int = Field(default=NIST_MIN_LENGTH, ge=8, le=64)
    password_threads: int = Field(default=2, ge=1, le=64)
    password_queue: int = Field(default=64, ge=1, le=10_000)

    def findings(self, core: CoreSettings) -> Iterator[Finding]:
        """Yield what must not reach production: an undecided registration, and passwords that are cheap to guess."""
        if self.registration is None and core.is_production:
            yield Finding("REGISTRATION: say open or closed; anyone could make an account, or nobody")
        if core.environment != TEST:
            yield from self._cheapness()
        if self.password_min_length < NIST_MIN_LENGTH:
            yield Finding(
                "PASSWORD_MIN_LENGTH: NIST SP 800-63B-4 asks for 15 without a second factor", "short-passwords"
            )

    def notes(self) -> Iterator[str]:
        """Yield that a taken address is revealed, where registration is closed to whoever has an account."""
        way = "Moving to" if self.registration is Registration.CLOSED else "Registering, or moving to,"
        yield f"{way} a taken address answers 409 and so reveals it: nothing here sends mail (ASVS V6.3.8)."

    def _cheapness(self) -> Iterator[Finding]:
        """Yield what is too cheap about the scheme that hashes; what the other one would cost is of no account."""
        needed = {1: 47104, 2: 19456}.get(self.password_rounds, 12288)
        if self.password_scheme is PasswordScheme.BCRYPT_SHA256:
            if self.password_bcrypt_cost < OWASP_BCRYPT_COST:
                yield Finding(f"PASSWORD_BCRYPT_COST: below OWASP's minimum of {OWASP_BCRYPT_COST}", "cheap-hash")
        elif self.password_memory_kib < needed:
            yield Finding(
                "PASSWORD_MEMORY_KIB, PASSWORD_ROUNDS: below OWASP's minimum (47104, 1 or 19456, 2)", "cheap-hash"
            )
